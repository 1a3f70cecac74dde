/** How many workers share the cores of this machine. */
import type { Settings } from '../config.js';
import { usableCores } from '../inference/machine.js';

export interface Crew {
  readonly workers: number;
  readonly threads: number;
}

const MOST_WORKERS = 8;

/** Several workers with one thread each answer more pictures a second than one worker with many threads. */
export function chooseCrew(settings: Settings): Crew {
  const cores = usableCores();
  const workers = settings.workers || Math.min(cores, MOST_WORKERS);
  return { workers, threads: settings.threads || Math.max(1, Math.floor(cores / workers)) };
}

/** Pictures worth handing over at once: for each worker one is decoded, one is answered, and one waits between the two. */
export const worthwhile = ({ workers }: Crew): number => workers * 3;
