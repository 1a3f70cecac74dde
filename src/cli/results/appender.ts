/** Appends lines to a file so that a full disk, a kill or a power cut leaves whole lines, and at most one torn one. */
import { type FileHandle, truncate } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../errors.js';
import { syncFolder } from '../../folders.js';
import type { HeldFile } from './held-file.js';

export interface Appender {
  /** In one write. @throws AppError OUTPUT_UNWRITABLE, from then on always */
  readonly append: (text: string) => Promise<void>;
  /** @throws AppError OUTPUT_UNWRITABLE */
  readonly close: () => Promise<void>;
}

/** What a power cut may take. */
const SYNC_MS = 2_000;

/** Owns the file from now on; `start` is its length. */
export async function createAppender(file: string, { handle, release }: HeldFile, start: number): Promise<Appender> {
  let end = start;
  let unsynced = true;
  let turn: Promise<void> = Promise.resolve();
  await syncFolder(path.dirname(file));
  const timer = setInterval(() => void inTurn(sync).catch(() => undefined), SYNC_MS).unref();

  /** One after the other, and nothing more after a failure. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    turn = turn.then(work).catch((error: Error) => {
      throw error instanceof AppError ? error : unwritable(file, error);
    });
    return turn;
  }

  async function write(bytes: Buffer): Promise<void> {
    unsynced = true;
    try {
      // One call writes all, unless the disk is full.
      for (let written = 0; written < bytes.length; ) written += (await handle.write(bytes, written)).bytesWritten;
    } catch (error) {
      await shorten(file, handle, end).catch(() => undefined);
      throw error;
    }
    end += bytes.length;
  }

  async function sync(): Promise<void> {
    if (!unsynced) return;
    unsynced = false;
    await handle.datasync().catch(unlessUnable);
    const { size } = await handle.stat();
    if (size !== end) throw new Error('another program has changed its length');
  }

  async function close(): Promise<void> {
    clearInterval(timer);
    await inTurn(sync).finally(release);
  }

  return { append: (text) => inTurn(() => write(Buffer.from(text))), close };
}

/** Windows does not shorten what was opened to append. */
export async function shorten(file: string, handle: FileHandle, end: number): Promise<void> {
  if (process.platform === 'win32') await truncate(file, end);
  else await handle.truncate(end);
}

/** Some file systems cannot write out on demand; on others a full disk is only told now. */
function unlessUnable(error: NodeJS.ErrnoException): void {
  if (['EIO', 'ENOSPC', 'EDQUOT'].includes(error.code ?? '')) throw error;
}

export const unwritable = (file: string, error: Error): AppError =>
  new AppError('OUTPUT_UNWRITABLE', { reason: `${file}: ${error.message}` }, { cause: error });
