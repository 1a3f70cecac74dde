/** What the routes of jobs are given. */
import type { Settings } from '../../config.js';
import type { PictureStore } from '../../jobs/pictures/store.js';
import type { JobStore } from '../../jobs/store.js';

export interface Jobs {
  readonly store: JobStore;
  readonly pictures: PictureStore;
  /** Deletes a job with its pictures and thumbnails. @throws AppError JOB_NOT_FOUND */
  readonly remove: (id: string) => Promise<void>;
  /** Room for so many more bytes of pictures, until it is given back. @throws AppError JOBS_FULL */
  readonly reserve: (bytes: number) => Promise<() => void>;
  readonly settings: Settings;
}
