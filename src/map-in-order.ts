/** Work on several items at once, with the results in the order of the items. */

/** Items that may be begun while an earlier one is not done, for each that may be in work: their results wait. */
const AHEAD = 8;

interface Begun<Result> {
  readonly result: Promise<Result>;
  settled: boolean;
}

/**
 * Keeps `concurrency` items in work and yields their results in order, each as soon as it can be. Once the signal is
 * aborted or `items` fails no further item is begun, but what is in work is waited for and yielded; `items` has to end then too.
 */
export async function* mapInOrder<Item, Result>(
  items: AsyncIterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<Result>,
  signal: AbortSignal,
): AsyncGenerator<Result> {
  const iterator = items[Symbol.asyncIterator]();
  const begun: Begun<Result>[] = [];
  let inWork = 0;
  let next: IteratorResult<Item> | undefined;
  let failure: { readonly thrown: unknown } | undefined;
  let wake = (): void => undefined;

  function pull(): void {
    next = undefined;
    iterator
      .next()
      .then(
        (result) => {
          next = result;
        },
        (thrown: unknown) => {
          failure = { thrown };
        },
      )
      .finally(() => wake());
  }

  function begin(item: Item): void {
    const entry = { result: work(item), settled: false };
    inWork += 1;
    begun.push(entry);
    const settle = () => {
      inWork -= 1;
      entry.settled = true;
      wake();
    };
    entry.result.then(settle, settle);
  }

  try {
    pull();
    for (;;) {
      const hasEnded = signal.aborted || next?.done || failure;
      if (begun[0]?.settled) yield await (begun.shift() as Begun<Result>).result;
      else if (hasEnded && begun.length === 0) break;
      else if (next && !hasEnded && inWork < concurrency && begun.length < concurrency * AHEAD) {
        begin(next.value as Item);
        pull();
      } else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
    if (failure) throw failure.thrown;
  } finally {
    await iterator.return?.();
  }
}
