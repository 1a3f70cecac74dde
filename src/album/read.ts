/** The bytes of a file that may be a picture. */
import { open } from 'node:fs/promises';
import { AppError } from '../errors.js';
import { detectFormat, SIGNATURE_BYTES } from '../image/format.js';
import { tooManyBytes } from '../image/limits.js';

/**
 * Looks at the first bytes before it reads the rest: a film among the photographs costs nothing.
 * @throws AppError FILE_UNREADABLE, IMAGE_UNSUPPORTED, IMAGE_EMPTY, IMAGE_TOO_LARGE
 */
export async function readPictureFile(file: string, maxBytes: number): Promise<Uint8Array> {
  try {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(SIGNATURE_BYTES), 0, SIGNATURE_BYTES, 0);
      detectFormat(buffer.subarray(0, bytesRead));
      if (size > maxBytes) throw tooManyBytes(size, maxBytes);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('FILE_UNREADABLE', { path: file, reason: (error as Error).message });
  }
}
