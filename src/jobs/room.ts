/** Room for the pictures of jobs: what the books say that jobs keep, and what is arriving. */
import type { Settings } from '../config.js';
import { AppError } from '../errors.js';
import type { JobStore } from './store.js';

export interface Reservation {
  /** So many bytes more. @throws AppError JOBS_FULL */
  readonly grow: (bytes: number) => void;
  /** They are in the books by now, or gone. */
  readonly release: () => void;
}

export interface Room {
  /** For the pictures of a request. @throws AppError JOBS_FULL if there is none at all */
  readonly enter: () => Promise<Reservation>;
}

export function createRoom({ jobBytes }: Pick<Settings, 'jobBytes'>, store: Pick<JobStore, 'load'>): Room {
  let arriving = 0;

  async function enter(): Promise<Reservation> {
    const { bytes: kept } = await store.load();
    let own = 0;

    function grow(bytes: number): void {
      if (kept + arriving + bytes > jobBytes) throw full(kept + arriving);
      arriving += bytes;
      own += bytes;
    }

    grow(0);
    return {
      grow,
      release: () => {
        arriving -= own;
        own = 0;
      },
    };
  }

  const full = (held: number) => new AppError('JOBS_FULL', { held: inWords(held), limit: inWords(jobBytes) });
  return { enter };
}

const inWords = (bytes: number) =>
  bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toPrecision(3)} GB`;
