/** How quickly frames are sent: as the service answers, and slower when it says that it is busy. */

export interface Pace {
  /** Least time from one frame to the next. */
  readonly gapMs: number;
  /** Time to wait before the next frame, whatever the gap. */
  readonly pauseMs: number;
}

/** 20 frames a second: more would tell nobody more, and cost a phone its battery. */
const LEAST_GAP_MS = 50;
const MOST_GAP_MS = 4000;
/** The first gap after a refusal, at least. */
const BUSY_GAP_MS = 250;
const SLOWER = 2;
const QUICKER = 0.97;

export const fullPace: Pace = { gapMs: LEAST_GAP_MS, pauseMs: 0 };

/** After an answer: a little quicker, until it is at full pace again. */
export const quicken = ({ gapMs }: Pace): Pace => ({ gapMs: Math.max(gapMs * QUICKER, LEAST_GAP_MS), pauseMs: 0 });

/** After a refusal: half as quick from now on, and not before the service wants it; `retryAfter` in seconds. */
export function slowDown({ gapMs }: Pace, retryAfter: number | null): Pace {
  const slower = Math.min(Math.max(gapMs * SLOWER, BUSY_GAP_MS), MOST_GAP_MS);
  return { gapMs: slower, pauseMs: Math.max((retryAfter ?? 0) * 1000, slower) };
}

/** Time until the next frame, when the last one was caught so long ago. */
export const waitOf = ({ gapMs, pauseMs }: Pace, sinceMs: number): number => Math.max(pauseMs, gapMs - sinceMs, 0);
