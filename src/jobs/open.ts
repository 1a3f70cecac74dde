/** The books and the pictures of jobs, where the settings say that they are. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '../config.js';
import { isFolder } from '../folders.js';
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

/** @throws AppError SETTING_INVALID */
export async function openPictures(settings: Settings): Promise<PictureStore> {
  const { home, jobPictures } = settings;
  if (!jobPictures.startsWith('s3://')) {
    return createFolderPictures({ folder: jobPictures || path.join(home, 'jobs', 'pictures') });
  }
  const { createBucketPictures, parseBucket } = await import('./pictures/bucket.js');
  const { s3Endpoint: endpoint, s3Region: region, s3AccessKeyId, s3SecretAccessKey } = settings;
  return createBucketPictures({
    ...parseBucket(jobPictures),
    ...{ endpoint, region, accessKeyId: s3AccessKeyId, secretAccessKey: s3SecretAccessKey },
    folder: path.join(home, 'jobs', 'receiving'),
  });
}

/** Whether the folders that jobs need are there or can be made, as far as can be told without writing. */
export async function canKeepJobs(settings: Settings): Promise<boolean> {
  const { home, queue, jobPictures } = settings;
  const pictures = jobPictures === '' || jobPictures.startsWith('s3://') ? home : jobPictures;
  const needed = new Set([pictures, ...(queue === '' ? [home] : [])]);
  const found = await Promise.all([...needed].map((folder) => isWritable(path.resolve(folder))));
  return found.every(Boolean);
}

async function isWritable(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return await isFolder(folder);
  } catch (error) {
    const parent = path.dirname(folder);
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && parent !== folder && isWritable(parent);
  }
}
