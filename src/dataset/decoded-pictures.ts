/** Pictures from their files to pixels, one after the other; the next ones are decoded meanwhile. */
import type { Settings } from '../config.js';
import { AppError, toAppError } from '../errors.js';
import { createDecoder, type LeasedImage } from '../image/decode.js';
import { decodeOptions } from '../image/decode-options.js';
import { readPicture } from './read-picture.js';

export interface DecodedPicture<Picture> {
  readonly picture: Picture;
  /** Of its file. */
  readonly bytes: Uint8Array;
  /** To be released by the one who takes it. */
  readonly image: LeasedImage;
}

export interface Unreadable<Picture> {
  readonly picture: Picture;
  readonly error: AppError;
}

const AHEAD = 3;

/**
 * Yields what each picture is, or why it is none, in their order; `shortSide` is that of the decoder.
 * @throws AppError ABORTED
 */
export async function* decodedPictures<Picture extends { readonly path: string }>(
  pictures: readonly Picture[],
  settings: Settings,
  signal: AbortSignal,
  shortSide = 0,
): AsyncGenerator<DecodedPicture<Picture> | Unreadable<Picture>> {
  const decoder = createDecoder(decodeOptions(settings, AHEAD));
  const decode = async (picture: Picture): Promise<DecodedPicture<Picture> | Unreadable<Picture>> => {
    try {
      const bytes = await readPicture(picture.path, settings.maxBytes);
      return { picture, bytes, image: await decoder.decode(bytes, signal, shortSide) };
    } catch (error) {
      return { picture, error: toAppError(error) };
    }
  };
  const ahead = pictures.slice(0, AHEAD).map(decode);
  try {
    for (let next = AHEAD; ; next++) {
      const outcome = await ahead.shift();
      if (signal.aborted) {
        if (outcome && 'image' in outcome) outcome.image.release();
        throw new AppError('ABORTED', {});
      }
      if (!outcome) return;
      yield outcome;
      const picture = pictures[next];
      if (picture) ahead.push(decode(picture));
    }
  } finally {
    for (const outcome of await Promise.all(ahead)) if ('image' in outcome) outcome.image.release();
    await decoder.close();
  }
}
