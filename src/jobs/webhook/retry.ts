/** When a webhook is tried again: soon at first, then ever later, for about a day. */

const FIRST_MS = 10_000;
const FACTOR = 3;
const LONGEST_MS = 8 * 3_600_000;
/** 10 s, 30 s, ..., 2 h, 6 h, 8 h, 8 h: 25 hours. */
const ATTEMPTS = 11;
/** Each wait is up to so much shorter or longer: receivers that were gone are not called by all at once. */
const JITTER = 0.2;

/** Milliseconds after so many failed attempts, from 1; undefined if there is to be no other one. */
export function retryDelayMs(attempts: number, random: () => number = Math.random): number | undefined {
  if (attempts >= ATTEMPTS) return undefined;
  const delay = Math.min(FIRST_MS * FACTOR ** (attempts - 1), LONGEST_MS);
  return Math.round(delay * (1 - JITTER + 2 * JITTER * random()));
}
