/** Everything that a process has to do with jobs: their books, their pictures, the work on them, and what is to be tidied. */
import path from 'node:path';
import { chooseCrew, worthwhile } from '../classification/crew.js';
import type { Settings } from '../config.js';
import { type AppError, type ErrorCode, toAppError } from '../errors.js';
import { isFile } from '../folders.js';
import type { Serving } from '../serving/serving.js';
import { createAnswering } from './answering.js';
import { openLazily } from './lazy-store.js';
import { createPacing } from './pacing.js';
import { createFolderPictures } from './pictures/folder.js';
import type { PictureStore } from './pictures/store.js';
import { createRoom, type Room } from './room.js';
import { type Runner, startRunner } from './runner.js';
import type { JobStore } from './store.js';
import { startTidying } from './tidying.js';

export interface Jobs {
  readonly store: JobStore;
  readonly pictures: PictureStore;
  readonly settings: Settings;
  /** Room for the pictures of jobs, within `jobBytes`. */
  readonly room: Room;
  /** Deletes a job with its pictures and thumbnails. @throws AppError JOB_NOT_FOUND */
  readonly remove: (id: string) => Promise<void>;
  /**
   * Goes on with what there is to do; before that nothing is opened unless it is asked for, and a data directory that has no
   * jobs stays without.
   */
  readonly start: () => Promise<void>;
  /** Items that this process has in hand. */
  readonly inHand: () => number;
  readonly close: () => Promise<void>;
}

export interface JobsOptions {
  readonly settings: Settings;
  readonly serving: Serving;
  /** Called for each picture: `ok`, or the code of its error. */
  readonly onOutcome?: (code: 'ok' | ErrorCode) => void;
  readonly onNotice?: (notice: string) => void;
  readonly onFailure: (error: AppError) => void;
}

export const booksFile = ({ home }: Pick<Settings, 'home'>): string => path.join(home, 'jobs', 'jobs.db');

export function createJobs(options: JobsOptions): Jobs {
  const { settings, serving, onFailure } = options;
  const pictures = createPictures(settings);
  let runner: Runner | undefined;
  let tidying: { readonly stop: () => Promise<void> } | undefined;
  let closed = false;
  const { store, isOpen } = openLazily(() => openStore(options), begin);

  /** Whoever opens the books also works on what is in them. */
  function begin(opened: JobStore): void {
    if (closed) return;
    tidying = startTidying({ store: opened, pictures, remove, onFailure });
    if (!settings.runJobs) return;
    const answering = createAnswering({ serving, store: opened, pictures, settings });
    const concurrency = settings.jobConcurrency || worthwhile(chooseCrew(settings));
    const pacing = createPacing(concurrency, () => serving.load().pictures);
    runner = startRunner({ ...options, store: opened, pictures, answering, pacing, concurrency });
  }

  async function remove(id: string): Promise<void> {
    await store.delete(id);
    await pictures.removeJob(id);
  }

  async function start(): Promise<void> {
    if (settings.queue === '' && !(await isFile(booksFile(settings)))) return;
    await store.load().catch((error) => onFailure(toAppError(error)));
  }

  async function close(): Promise<void> {
    closed = true;
    await Promise.all([runner?.close(), tidying?.stop()]);
    if (isOpen()) await store.close();
  }

  return {
    ...{ store, pictures, settings, room: createRoom(settings, store), remove, start, close },
    inHand: () => runner?.inHand() ?? 0,
  };
}

async function openStore({ settings, onNotice }: JobsOptions): Promise<JobStore> {
  if (settings.queue === '') {
    const { openSqliteStore } = await import('./sqlite/store.js');
    return openSqliteStore(booksFile(settings));
  }
  const { openRedisStore } = await import('./redis/store.js');
  return openRedisStore({ url: settings.queue, onNotice });
}

function createPictures({ home, jobPictures }: Settings): PictureStore {
  return createFolderPictures({ folder: jobPictures || path.join(home, 'jobs', 'pictures') });
}
