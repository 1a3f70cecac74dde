/** Reads a file once, so that what is hashed is what is parsed. */
import { constants } from 'node:buffer';
import { createHash } from 'node:crypto';
import { constants as flags } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '../../errors.js';
import { inBytes, type Reading } from './refusals.js';

export interface ReadFile {
  /** Begins at the start of its memory, so that aligned elements stay aligned. */
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** Between two blocks the signal is looked at. */
const BLOCK_BYTES = 4 * 2 ** 20;

/** @throws AppError FILE_UNREADABLE, CHECKPOINT_TOO_LARGE, CHECKPOINT_INVALID, ABORTED */
export async function readWhole(path: string, reading: Reading): Promise<ReadFile> {
  let handle: FileHandle | undefined;
  try {
    // A pipe that nobody writes to would otherwise be waited for.
    handle = await open(path, flags.O_RDONLY | (flags.O_NONBLOCK ?? 0));
    return await readAll(handle, path, reading);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('FILE_UNREADABLE', { path, reason: (error as Error).message }, { cause: error });
  } finally {
    await handle?.close();
  }
}

async function readAll(handle: FileHandle, path: string, { limits, refuse, signal }: Reading): Promise<ReadFile> {
  const status = await handle.stat();
  if (!status.isFile()) throw new AppError('FILE_UNREADABLE', { path, reason: 'it is not a file' });
  const limit = Math.min(limits.fileBytes, constants.MAX_LENGTH);
  if (status.size > limit) throw refuse.tooLarge(inBytes(status.size), inBytes(limit));
  const bytes = Buffer.allocUnsafeSlow(status.size);
  const hash = createHash('sha256');
  for (let position = 0; position < bytes.length; ) {
    if (signal?.aborted) throw new AppError('ABORTED', {});
    const { bytesRead } = await handle.read(bytes, position, Math.min(BLOCK_BYTES, bytes.length - position), position);
    if (bytesRead === 0) throw refuse.invalid('it became shorter while it was read');
    hash.update(bytes.subarray(position, position + bytesRead));
    position += bytesRead;
  }
  return { bytes, sha256: hash.digest('hex') };
}
