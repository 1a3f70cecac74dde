/** Does one thing at a time; of what comes meanwhile only the newest is done next. */

interface NewestNextOptions<Input, Output> {
  readonly work: (input: Input, signal: AbortSignal) => Promise<Output>;
  /** `isNewest` unless something newer waits. */
  readonly onDone: (output: Output, isNewest: boolean) => void;
  readonly onFailed: (error: unknown) => void;
}

export interface NewestNext<Input> {
  readonly push: (input: Input) => void;
  /** Forgets what waits; what is in work is done, but nobody hears of it. */
  readonly forget: () => void;
  readonly end: () => void;
}

export function createNewestNext<Input, Output>({
  work,
  onDone,
  onFailed,
}: NewestNextOptions<Input, Output>): NewestNext<Input> {
  const ending = new AbortController();
  let waiting: { readonly input: Input } | undefined;
  let inWork: { readonly input: Input } | undefined;
  let wanted: { readonly input: Input } | undefined;

  async function next(): Promise<void> {
    if (inWork || !waiting || ending.signal.aborted) return;
    inWork = waiting;
    wanted = waiting;
    waiting = undefined;
    const mine = inWork;
    const isWanted = () => wanted === mine && !ending.signal.aborted;
    try {
      const output = await work(mine.input, ending.signal);
      if (isWanted()) onDone(output, waiting === undefined);
    } catch (error) {
      if (isWanted()) onFailed(error);
    }
    inWork = undefined;
    void next();
  }

  return {
    push: (input) => {
      waiting = { input };
      void next();
    },
    forget: () => {
      waiting = undefined;
      wanted = undefined;
    },
    end: () => ending.abort(),
  };
}
