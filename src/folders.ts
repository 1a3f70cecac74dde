/** Folders and files on disk. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
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
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const parent = path.dirname(path.resolve(folder));
    // Someone else may have made it meanwhile.
    if (!(await isFolder(parent))) await makeFolder(parent);
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

/** A new file to write and read, which no longer has a name: what is in it ends with its handle, or with the process. */
export async function openUnnamed(folder: string): Promise<FileHandle> {
  await makeFolder(folder);
  const name = path.join(folder, `.unnamed-${randomUUID()}`);
  const file = await open(name, 'wx+');
  await rm(name);
  return file;
}

/** The bytes of an open file from one position to another, or to its end. */
export async function* chunksOf(file: FileHandle, from = 0, to = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
  for (let at = from; at < to; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, Math.min(CHUNK, to - at), at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

const CHUNK = 65_536;

/** Codes of errors that mean that there is no room. */
export const NO_ROOM: readonly string[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

const MAKE_ROOM = 'Make room, or write them elsewhere';
const CHECK_PERMISSIONS = 'Check the permissions there, or write them elsewhere';
const REMEDIES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(NO_ROOM.map((code) => [code, MAKE_ROOM])),
  SQLITE_FULL: MAKE_ROOM,
  ...Object.fromEntries(['EACCES', 'EPERM', 'EROFS'].map((code) => [code, CHECK_PERMISSIONS])),
  ENOENT: 'Make that folder first, or write them elsewhere',
  ENOTDIR: 'Name another place: there is a file where a folder is needed',
  EISDIR: 'Name a file in that folder',
  SQLITE_CANTOPEN: 'Check that its folder is there and may be written to, or write them elsewhere',
  EEXIST: 'Name another file, or remove that one first',
};

/** Results that cannot be written: what the system says, after the path `of` where it does not say that, and what helps. */
export function outputUnwritable(error: NodeJS.ErrnoException, of?: string): AppError {
  const reason = of === undefined ? error.message : `${of}: ${error.message}`;
  const remedy = REMEDIES[error.code ?? ''] ?? 'Write them elsewhere, and run it again';
  return new AppError('OUTPUT_UNWRITABLE', { reason, remedy }, { cause: error });
}

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

/**
 * Writes a file aside, to the disk, and then in one step to its place: whoever reads it finds all of it, or what was there
 * before. A process that is ended in the middle leaves a hidden file. To outlast a power cut, its name needs `syncFolder`.
 */
export async function writeDurably(file: string, content: Uint8Array | string): Promise<void> {
  const draft = path.join(path.dirname(file), `.draft-${randomUUID()}`);
  try {
    const handle = await open(draft, 'wx');
    try {
      await handle.writeFile(content);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** What the file system says, in words that do not name a file: DISK_FULL, DATA_UNWRITABLE. What else is thrown stays what it is. */
export async function diskErrorInWords(folder: string, error: unknown, needed: number): Promise<unknown> {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof AppError || code === undefined) return error;
  if (NO_ROOM.includes(code)) return diskFull(folder, needed, await freeBytes(folder));
  return new AppError('DATA_UNWRITABLE', { path: folder, reason: code }, { cause: error });
}
