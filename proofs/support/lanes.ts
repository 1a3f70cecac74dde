/** Work on several things at once. */

/** Calls `work` with 0 to `count - 1`, `lanes` of them at a time. */
export async function inLanes(lanes: number, count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  async function lane(): Promise<void> {
    while (next < count) await work(next++);
  }
  await Promise.all(Array.from({ length: lanes }, lane));
}
