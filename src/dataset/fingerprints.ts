/** What tells copies of pictures, read from their files. */
import type { Settings } from '../config.js';
import type { AppError } from '../errors.js';
import { sha256Of } from '../hashes.js';
import { fingerprintOf } from '../image/fingerprint.js';
import type { OwnPicture } from './dataset.js';
import { decodedPictures } from './decoded-pictures.js';
import type { Fingerprinted } from './duplicates.js';

export interface FingerprintedPictures {
  /** Those that can be read, in their order. */
  readonly readable: readonly (Fingerprinted & { readonly picture: OwnPicture })[];
  readonly unreadable: readonly { readonly picture: OwnPicture; readonly error: AppError }[];
}

export interface FingerprintOptions {
  readonly settings: Settings;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** @throws AppError ABORTED */
export async function fingerprintPictures(
  pictures: readonly OwnPicture[],
  { settings, signal, onProgress }: FingerprintOptions,
): Promise<FingerprintedPictures> {
  const readable: FingerprintedPictures['readable'][number][] = [];
  const unreadable: FingerprintedPictures['unreadable'][number][] = [];
  let done = 0;
  for await (const one of decodedPictures(pictures, settings, signal)) {
    const { picture } = one;
    if ('error' in one) unreadable.push(one);
    else {
      readable.push({ picture, sha256: sha256Of(one.bytes), fingerprint: fingerprintOf(one.image) });
      one.image.release();
    }
    onProgress(++done, pictures.length);
  }
  return { readable, unreadable };
}
