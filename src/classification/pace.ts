/** How fast answers come while there is always more work: what a queue has to know to promise a time. */

export interface Pace {
  readonly answered: () => void;
  /** There may be too little work now: the time until the next answer says nothing. */
  readonly pause: () => void;
  /** Milliseconds from one answer to the next; undefined before this was seen often enough. */
  readonly intervalMs: () => number | undefined;
}

/** Answers that the mean is taken over, the latest with the greatest weight. */
const MEMORY = 64;
const ENOUGH = 16;

export function createPace(now: () => number = () => performance.now()): Pace {
  let previous: number | undefined;
  let mean = 0;
  let seen = 0;
  return {
    answered: () => {
      const time = now();
      if (previous !== undefined) {
        seen += 1;
        mean += (time - previous - mean) / Math.min(seen, MEMORY);
      }
      previous = time;
    },
    pause: () => {
      previous = undefined;
    },
    intervalMs: () => (seen >= ENOUGH ? mean : undefined),
  };
}
