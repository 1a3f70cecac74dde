/** Asks about pictures that change faster than they are answered. */
import { useEffect, useRef, useState } from 'react';
import { createNewestNext, type NewestNext } from './newest-next.ts';

export interface Live<Answer> {
  readonly answer: Answer | undefined;
  readonly error: unknown;
  /** Whether a newer answer is on its way. */
  readonly busy: boolean;
}

interface NewestAnswer<Input, Answer> extends Live<Answer> {
  readonly ask: (input: Input) => void;
  /** There is nothing to ask: what was answered no longer holds. */
  readonly clear: () => void;
}

const NOTHING = { answer: undefined, error: undefined, busy: false } as const;

/** `work` is the one that is given first. */
export function useNewestAnswer<Input, Answer>(
  work: (input: Input, signal: AbortSignal) => Promise<Answer>,
): NewestAnswer<Input, Answer> {
  const [live, setLive] = useState<Live<Answer>>(NOTHING);
  const first = useRef(work);
  const asking = useRef<NewestNext<Input>>(undefined);
  useEffect(() => {
    const made = createNewestNext<Input, Answer>({
      work: first.current,
      onDone: (answer, isNewest) => setLive({ answer, error: undefined, busy: !isNewest }),
      onFailed: (error) => setLive({ answer: undefined, error, busy: false }),
    });
    asking.current = made;
    return made.end;
  }, []);
  return {
    ...live,
    ask: (input) => {
      setLive((known) => ({ ...known, busy: true }));
      asking.current?.push(input);
    },
    clear: () => {
      asking.current?.forget();
      setLive(NOTHING);
    },
  };
}
