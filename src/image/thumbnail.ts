/** A smaller JPEG of a picture: for lists and galleries, and for browsers that cannot show it. */
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import sharp, { type Sharp } from 'sharp';
import type { Decoder } from './decode.js';
import type { DecodedImage } from './input-spec.js';

/** Its long side in pixels, if nothing else is asked for; a smaller picture is not enlarged. */
const THUMBNAIL_SIDE = 256;
const QUALITY = 80;

export interface ThumbnailOptions {
  /** Bounds the bytes, the pixels and the time; the one that decodes the picture for its answer will do. */
  readonly decode: Decoder['decode'];
  readonly signal?: AbortSignal | undefined;
  readonly side?: number;
}

/**
 * A picture's bytes as a JPEG that fits into a square of that side, 256 pixels by default: upright, on white, and without what a camera writes beside it.
 * @throws AppError as `decode` does
 */
export async function makeThumbnail(
  bytes: Uint8Array,
  { decode, signal, side = THUMBNAIL_SIDE }: ThumbnailOptions,
): Promise<Uint8Array> {
  const image = await decode(bytes, signal, side);
  return thumbnailOfPixels(image, side).finally(image.release);
}

/** The same of a picture that is decoded already. */
export async function thumbnailOfPixels(image: DecodedImage, side = THUMBNAIL_SIDE): Promise<Uint8Array> {
  const picture = await asSharp(image);
  return picture
    .flatten({ background: 'white' })
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: QUALITY })
    .toBuffer();
}

/** Its pixels for sharp to go on with. */
export async function asSharp({ width, height, layout, data }: DecodedImage): Promise<Sharp> {
  if (layout === 'cmyk') return sharp(await rgbOfCmyk(data), { raw: { width, height, channels: 3 } });
  return sharp(data, { raw: { width, height, channels: layout === 'rgb' ? 3 : 4 } });
}

/** Bytes that are converted before others have their turn: some milliseconds. */
const SLICE = 1 << 20;

/** By Pillow's formula, as for the model; 255 is full ink. */
async function rgbOfCmyk(data: Uint8Array): Promise<Uint8Array> {
  const rgb = new Uint8Array((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    if (from > 0 && from % SLICE === 0) await turnOfOthers();
    const paper = 255 - (data[from + 3] as number);
    for (let ink = 0; ink < 3; ink++) rgb[to + ink] = Math.round(((255 - (data[from + ink] as number)) * paper) / 255);
  }
  return rgb;
}
