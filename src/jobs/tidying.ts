/** What nobody asks for: jobs that have expired are deleted, and pictures that belong to no job. */
import { type AppError, toAppError } from '../errors.js';
import type { PictureStore } from './pictures/store.js';
import type { JobStore } from './store.js';

export interface TidyingOptions {
  readonly store: JobStore;
  readonly pictures: PictureStore;
  readonly remove: (id: string) => Promise<void>;
  readonly onFailure: (error: AppError) => void;
}

const EVERY_MS = 60_000;
const AT_ONCE = 100;

/** Looks at once, and then every minute. */
export function startTidying({ store, pictures, remove, onFailure }: TidyingOptions): { stop: () => Promise<void> } {
  let stopped = false;
  let work = tidy();
  const timer = setInterval(() => {
    work = work.then(tidy);
  }, EVERY_MS).unref();

  async function tidy(): Promise<void> {
    try {
      for (let ids = await store.expired(AT_ONCE); ids.length > 0; ids = await store.expired(AT_ONCE)) {
        for (const id of ids) {
          if (stopped) return;
          // Another process may have been as quick.
          await remove(id).catch((error) => {
            if (toAppError(error).code !== 'JOB_NOT_FOUND') throw error;
          });
        }
      }
      await removeOrphans();
    } catch (error) {
      if (!stopped) onFailure(toAppError(error));
    }
  }

  /** A process may have ended between the books and the pictures. The pictures are looked at first: a job is in the books before. */
  async function removeOrphans(): Promise<void> {
    const ids = await pictures.jobs();
    const known = await store.known(ids);
    for (const id of ids) {
      if (stopped) return;
      if (!known.has(id)) await pictures.removeJob(id);
    }
  }

  return {
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await work;
    },
  };
}
