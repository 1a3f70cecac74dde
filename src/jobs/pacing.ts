/** How much of a job is in work at once: pictures that somebody waits for go first. */

export interface Pacing {
  /** Pictures of jobs that may be in work now. */
  readonly most: () => number;
}

/** So long after the last picture that somebody waited for, the next one may be on its way. */
const CALM_MS = 250;

/**
 * All of the machine while nobody waits; else one picture, so that a job gets on, if slowly, however busy the service is.
 * `waiting` are the pictures in hand that somebody waits for.
 */
export function createPacing(full: number, waiting: () => number, now: () => number = () => performance.now()): Pacing {
  let lastSeen = Number.NEGATIVE_INFINITY;
  return {
    most: () => {
      if (waiting() > 0) lastSeen = now();
      return now() - lastSeen < CALM_MS ? 1 : full;
    },
  };
}
