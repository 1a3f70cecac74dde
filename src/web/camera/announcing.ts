/** What is read out, and when: the answer that has settled, and not every change of it. */

/** People listen to a sentence to its end before they hear the next one. */
const LEAST_MS = 4000;
/** An answer that does not stay so long is not worth a sentence. */
const SETTLED_MS = 800;

/** Time until an answer may be read out that is new now; `lastMs` is when the last one was, on the same clock. */
export const announceAfter = (lastMs: number, nowMs: number): number => Math.max(SETTLED_MS, lastMs + LEAST_MS - nowMs);
