/** The pictures to measure with: the examples, or a sample of a folder. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Settings } from '../config.js';
import { spread } from '../dataset/labelled-pictures.js';
import { AppError } from '../errors.js';
import { createDecoder, type Decoder } from '../image/decode.js';
import { decodeOptions } from '../image/decode-options.js';
import type { DecodedImage } from '../image/input-spec.js';
import { mean } from '../statistics.js';

interface Picture {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly image: DecodedImage;
}

export interface Sample {
  readonly folder: string;
  readonly pictures: readonly [Picture, ...Picture[]];
}

export interface SampleSummary {
  readonly folder: string;
  readonly count: number;
  readonly meanBytes: number;
  readonly meanPixels: number;
}

export const exampleFolder = fileURLToPath(new URL('../../examples/pictures', import.meta.url));

/** What sharp decodes. BMP and HEIC have decoders that take one picture at a time, which no load can keep busy. */
const DECODED_BY_SHARP = /\.(jpe?g|png|webp|gif|tiff?|avif)$/i;
/** Decoded pictures are kept for the whole measurement. */
const MOST_DECODED_BYTES = 200_000_000;

/**
 * Reads and decodes at most `most` pictures, evenly spread over the names in the folder (not in its subfolders).
 * What cannot be decoded is left out.
 * @throws AppError FILE_UNREADABLE, USAGE if none is left
 */
export async function samplePictures(
  folder: string,
  most: number,
  settings: Settings,
  signal: AbortSignal,
): Promise<Sample> {
  const names = await pictureNames(folder);
  const decoder = createDecoder(decodeOptions(settings, 1));
  const pictures: Picture[] = [];
  let decodedBytes = 0;
  try {
    for (const name of spread(names, most)) {
      signal.throwIfAborted();
      const picture = await readPicture(path.join(folder, name), decoder);
      decodedBytes += picture?.image.data.byteLength ?? 0;
      if (picture && (pictures.length === 0 || decodedBytes <= MOST_DECODED_BYTES)) pictures.push(picture);
    }
  } finally {
    await decoder.close();
  }
  const [first, ...others] = pictures;
  if (first) return { folder, pictures: [first, ...others] };
  throw new AppError('USAGE', {
    problem: `Expected pictures (JPEG, PNG, WebP, GIF, TIFF or AVIF) in ${folder}, but found none that can be decoded. Name another folder with --images, or leave it out to measure with the examples.`,
  });
}

export function summarize({ folder, pictures }: Sample): SampleSummary {
  return {
    folder,
    count: pictures.length,
    meanBytes: Math.round(mean(pictures.map(({ bytes }) => bytes.byteLength))),
    meanPixels: Math.round(mean(pictures.map(({ image }) => image.width * image.height))),
  };
}

async function pictureNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => DECODED_BY_SHARP.test(name)).sort();
  } catch (error) {
    throw new AppError('FILE_UNREADABLE', { path: folder, reason: (error as Error).message });
  }
}

async function readPicture(file: string, decoder: Decoder): Promise<Picture | undefined> {
  try {
    const bytes = await readFile(file);
    const { release, ...image } = await decoder.decode(bytes);
    release();
    return { file, bytes, image };
  } catch {
    return undefined;
  }
}
