/** Work on several items at once, with the results in the order of the items. */

/**
 * Keeps `concurrency` items in work and yields their results in order. Once the signal is aborted no further item is
 * begun and nothing more is yielded, but what is in work is waited for.
 */
export async function* mapInOrder<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<Result>,
  signal: AbortSignal,
): AsyncGenerator<Result> {
  const window: Promise<Result>[] = [];
  for await (const item of items) {
    if (signal.aborted) break;
    window.push(work(item));
    if (window.length < concurrency) continue;
    const result = await (window.shift() as Promise<Result>);
    if (!signal.aborted) yield result;
  }
  for (const last of window) {
    const result = await last;
    if (!signal.aborted) yield result;
  }
}
