/** Appends lines to a file so that a full disk, a kill or a power cut leaves whole lines, and at most one torn one. */
import { writeSync } from 'node:fs';
import { type FileHandle, truncate } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../errors.js';
import { outputUnwritable, syncFolder } from '../../folders.js';
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
export function createAppender(file: string, { handle, release }: HeldFile, start: number): Appender {
  let end = start;
  let unsynced = true;
  let turn: Promise<void> = Promise.resolve();
  // Its name: a disk that is busy may take seconds for it, in which there would be no line.
  const named = syncFolder(path.dirname(file));
  const timer = setInterval(() => void sync().catch(() => undefined), SYNC_MS).unref();

  /** One after the other, and nothing more after a failure. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    turn = turn.then(work).catch((error: Error) => {
      throw error instanceof AppError ? error : outputUnwritable(error, file);
    });
    return turn;
  }

  /** At once, into the system's memory: in the background it would wait its turn behind the decoding of pictures. */
  async function write(bytes: Buffer): Promise<void> {
    unsynced = true;
    try {
      // One call writes all, unless the disk is full.
      for (let written = 0; written < bytes.length; ) written += writeSync(handle.fd, bytes, written);
    } catch (error) {
      await shorten(file, handle, end).catch(() => undefined);
      throw error;
    }
    end += bytes.length;
  }

  async function sync(): Promise<void> {
    if (!unsynced) return;
    unsynced = false;
    // Writing goes on meanwhile.
    const failure = await handle.datasync().catch((error: NodeJS.ErrnoException) => error);
    await inTurn(async () => {
      if (failure && TOLD_LATE.includes(failure.code ?? '')) throw failure;
      if ((await handle.stat()).size !== end) throw new Error('another program has changed its length');
    });
  }

  async function close(): Promise<void> {
    clearInterval(timer);
    await turn
      .then(sync)
      .then(() => named)
      .finally(release);
  }

  return { append: (text) => inTurn(() => write(Buffer.from(text))), close };
}

/** What some file systems say only now; others cannot write out on demand, which is no failure. */
const TOLD_LATE = ['EIO', 'ENOSPC', 'EDQUOT'];

/** Windows does not shorten what was opened to append. */
export async function shorten(file: string, handle: FileHandle, end: number): Promise<void> {
  if (process.platform === 'win32') await truncate(file, end);
  else await handle.truncate(end);
}
