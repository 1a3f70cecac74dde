/** The books and the pictures of jobs, where the settings say that they are. */
import path from 'node:path';
import type { Settings } from '../config.js';
import { createFolderPictures } from './pictures/folder.js';
import type { PictureStore } from './pictures/store.js';
import type { JobStore } from './store.js';

export const booksFile = ({ home }: Pick<Settings, 'home'>): string => path.join(home, 'jobs', 'jobs.db');

/** `onNotice` is called with what an operator should know. @throws AppError QUEUE_UNAVAILABLE, DATA_UNWRITABLE */
export async function openStore(settings: Settings, onNotice: (notice: string) => void): Promise<JobStore> {
  if (settings.queue === '') {
    const { openSqliteStore } = await import('./sqlite/store.js');
    return openSqliteStore(booksFile(settings));
  }
  const { openRedisStore } = await import('./redis/store.js');
  return openRedisStore({ url: settings.queue, onNotice });
}

export function openPictures({ home, jobPictures }: Settings): PictureStore {
  return createFolderPictures({ folder: jobPictures || path.join(home, 'jobs', 'pictures') });
}
