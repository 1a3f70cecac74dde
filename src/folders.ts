/** Folders and files on disk. */
import { mkdir, open, stat } from 'node:fs/promises';
import path from 'node:path';

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
