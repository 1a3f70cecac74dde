/** Folders and files on disk. */
import { mkdir, open, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from './errors.js';

/**
 * Makes a folder and those above it that are missing. Node's own `recursive` never ends where a file system says of a
 * new folder that it does not exist, as `/proc` does.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (await isFolder(folder)) return;
    const parent = path.dirname(path.resolve(folder));
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || (await isFolder(parent))) throw error;
    await makeFolder(parent);
    // Another process may be as quick.
    await mkdir(folder).catch(async (again) => {
      if (!(await isFolder(folder))) throw again;
    });
  }
}

export async function isFolder(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isDirectory() ?? false;
}

export async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() ?? false;
}

/** Codes of errors that mean that there is no room. */
export const NO_ROOM: readonly string[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** Infinity where the system does not say. */
export async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** So many bytes more were needed. */
export const diskFull = (folder: string, needed: number, free: number): AppError =>
  new AppError('DISK_FULL', { folder, needed: megabytes(needed), free: megabytes(free) });

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Windows writes out only what may be written. */
const SYNC_MODE = process.platform === 'win32' ? 'r+' : 'r';

/** Has what was written to a file survive a power cut. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, SYNC_MODE);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The same for the names in a folder. Not every system can; what a power cut may undo there is the newest name. */
export const syncFolder = (folder: string): Promise<void> => syncFile(folder).catch(() => undefined);
