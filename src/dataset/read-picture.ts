/** The bytes of a picture in a folder. */
import { readFile, stat } from 'node:fs/promises';
import { AppError } from '../errors.js';
import { tooManyBytes } from '../image/limits.js';

/** A file that is too large, or none at all, is not opened. @throws AppError FILE_UNREADABLE, IMAGE_TOO_LARGE */
export async function readPicture(path: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const status = await stat(path);
    if (!status.isFile()) throw new AppError('FILE_UNREADABLE', { path, reason: 'it is not a file' });
    if (status.size > maxBytes) throw tooManyBytes(status.size, maxBytes);
    return await readFile(path);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('FILE_UNREADABLE', { path, reason: (error as Error).message });
  }
}

/** Whether the error only says that a file is something else than a picture. */
export const isNoPicture = ({ code }: AppError): boolean => code === 'IMAGE_UNSUPPORTED' || code === 'IMAGE_EMPTY';
