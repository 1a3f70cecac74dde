/** Steady load: always the same number of items in work, timed only while that many are. */

export interface Load<Item, Result> {
  /** Worked on in turn, all equally often. */
  readonly items: readonly Item[];
  /** How many are in work at once. */
  readonly inWork: number;
  /** How long at least; every item is worked on once in any case. */
  readonly durationMs: number;
  readonly work: (item: Item) => Promise<Result>;
  readonly signal: AbortSignal;
}

export interface Throughput<Result> {
  /** Time from one finished item to the next. */
  readonly msPerItem: number;
  /** CPU time of the whole process per item, all threads together. */
  readonly cpuMsPerItem: number;
  /** What `work` gave in that time. */
  readonly results: readonly Result[];
}

interface Finish<Result> {
  readonly atMs: number;
  readonly cpuMs: number;
  readonly result: Result;
}

/**
 * Times whole passes over the items, from the moment when the first ones are done until the last ones are begun: what
 * starts up and what runs out at the ends of a load is not in the figures, however short it is.
 * An aborted signal rejects with its reason, after what was in work.
 */
export async function saturate<Item, Result>(load: Load<Item, Result>): Promise<Throughput<Result>> {
  const { items, inWork, work, signal } = load;
  const finished: Finish<Result>[] = [];
  const enoughAtMs = performance.now() + load.durationMs;
  let begun = 0;
  let total = Number.POSITIVE_INFINITY;

  function next(): Item | undefined {
    signal.throwIfAborted();
    const wholePasses = begun > 0 && begun % items.length === 0;
    if (total === Number.POSITIVE_INFINITY && wholePasses && performance.now() >= enoughAtMs)
      total = begun + 2 * inWork - 1;
    return begun < total ? items[begun++ % items.length] : undefined;
  }

  async function lane(): Promise<void> {
    for (let item = next(); item !== undefined; item = next()) {
      const result = await work(item);
      finished.push({ atMs: performance.now(), cpuMs: cpuMs(), result });
    }
  }

  await allSettled(Array.from({ length: inWork }, lane));
  const window = finished.slice(inWork - 1, finished.length - inWork + 1);
  const [first, last] = [window[0], window.at(-1)] as [Finish<Result>, Finish<Result>];
  const count = window.length - 1;
  return {
    msPerItem: (last.atMs - first.atMs) / count,
    cpuMsPerItem: (last.cpuMs - first.cpuMs) / count,
    results: window.slice(1).map(({ result }) => result),
  };
}

/** Like Promise.all, but nothing is in work any more when it rejects. */
async function allSettled(promises: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(promises)).find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
