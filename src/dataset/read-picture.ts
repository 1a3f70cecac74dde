/** The bytes of a picture in a folder. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.js';
import { tooManyBytes } from '../image/limits.js';
import { PICTURE_NAME } from './labelled-pictures.js';

/** A file that is too large, or none at all, is not opened. @throws AppError FILE_UNREADABLE, IMAGE_TOO_LARGE */
export async function readPicture(file: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const status = await stat(file);
    if (!status.isFile()) throw new AppError('FILE_UNREADABLE', { path: file, reason: 'it is not a file' });
    if (status.size > maxBytes) throw tooManyBytes(status.size, maxBytes);
    return await readFile(file);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('FILE_UNREADABLE', { path: file, reason: (error as Error).message });
  }
}

/** Whether a file in a folder was never meant to be a picture: neither what is in it nor what it is called says that it is one. */
export const isOtherFile = (file: string, { code }: AppError): boolean =>
  (code === 'IMAGE_UNSUPPORTED' || code === 'IMAGE_EMPTY') && !isCalledPicture(file);

/** Hidden names are those of what systems and editors put beside a picture: they end as it does. */
export function isCalledPicture(file: string): boolean {
  const name = path.basename(file);
  return PICTURE_NAME.test(name) && !name.startsWith('.');
}
