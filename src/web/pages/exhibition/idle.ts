/** When nobody is there any more. */

/** Seconds without a touch after which it starts over. */
const IDLE_SECONDS = 60;
/** The last seconds of them are counted down. */
export const COUNTED_SECONDS = 10;

/** Whole seconds that are left; both times in milliseconds. */
export const secondsLeft = (lastActive: number, now: number): number =>
  Math.max(0, Math.ceil(IDLE_SECONDS - (now - lastActive) / 1000));
