/** What nobody asks for: jobs that have expired are deleted, and pictures that belong to no job. */
import { type AppError, toAppError } from '../errors.js';
import type { PictureStore } from './pictures/store.js';
import type { JobStore } from './store.js';

export interface TidyingOptions {
  readonly store: JobStore;
  readonly pictures: PictureStore;
  readonly remove: (id: string) => Promise<void>;
  /** For so long pictures are kept that the books know nothing of; counted from when that was first seen. */
  readonly orphansForMs: number;
  readonly onFailure: (error: AppError) => void;
}

const EVERY_MS = 60_000;
const AT_ONCE = 100;

/** Looks at once, and then every minute. */
export function startTidying({ store, pictures, remove, orphansForMs, onFailure }: TidyingOptions): {
  stop: () => Promise<void>;
} {
  let stopped = false;
  /** Since when pictures are known to belong to no job. */
  const unknownSince = new Map<string, number>();
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
    const orphans = new Set(ids.filter((id) => !known.has(id)));
    for (const id of unknownSince.keys()) if (!orphans.has(id)) unknownSince.delete(id);
    for (const id of orphans) {
      if (stopped) return;
      const since = unknownSince.get(id) ?? performance.now();
      unknownSince.set(id, since);
      if (performance.now() - since >= orphansForMs) await pictures.removeJob(id);
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
