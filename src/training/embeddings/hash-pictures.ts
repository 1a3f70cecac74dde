/** What pictures are known by: the hashes of their files. */
import type { Settings } from '../../config.js';
import { readPicture } from '../../dataset/read-picture.js';
import { AppError, toAppError } from '../../errors.js';
import { sha256Of } from '../../hashes.js';

export interface HashOptions {
  readonly settings: Pick<Settings, 'maxBytes'>;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Files that are read at once. */
const READERS = 8;

/** SHA-256 of each, or why it cannot be read. @throws AppError ABORTED */
export async function hashPictures(
  pictures: readonly { readonly path: string }[],
  { settings, signal, onProgress = () => undefined }: HashOptions,
): Promise<(string | AppError)[]> {
  const hashes: (string | AppError)[] = new Array(pictures.length);
  const waiting = pictures.entries();
  let done = 0;

  async function reader(): Promise<void> {
    for (const [i, { path }] of waiting) {
      if (signal.aborted) throw new AppError('ABORTED', {});
      hashes[i] = await readPicture(path, settings.maxBytes).then(sha256Of, toAppError);
      onProgress(++done, pictures.length);
    }
  }

  await Promise.all(Array.from({ length: READERS }, reader));
  return hashes;
}
