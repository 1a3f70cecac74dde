/** From untrusted bytes to upright 8-bit pixels, within limits that are checked before a pixel is decoded. */
import sharp, { type Sharp } from 'sharp';
import { AppError } from '../errors.js';
import { createSemaphore } from '../semaphore.js';
import type { DecodeOptions } from './decode-options.js';
import { detectFormat, type ImageFormat } from './format.js';
import { headerReaders, type ImageHeader } from './header.js';
import { channelsOf, type DecodedImage } from './input-spec.js';
import { tooManyBytes, tooManyPixels } from './limits.js';
import { createSoftwareDecoder } from './software/decoder.js';
import { type Timed, timed } from './timed.js';

export interface LeasedImage extends Timed<DecodedImage> {
  /** Gives back the room that the pixels take; call it when they are no longer needed. */
  readonly release: () => void;
}

export interface Decoder {
  /**
   * Decodes a picture, when there is room. An aborted signal rejects at once with its reason; the room of a picture
   * that sharp has begun is kept until sharp is done with it, since it cannot be interrupted.
   *
   * `shrinkToShortSide` 0 decodes at full size. Otherwise a larger picture is reduced until its short side has this many
   * pixels, a JPEG mostly while it is decoded, by 2, 4 or 8: faster for large photographs, but no longer exact.
   * @throws AppError IMAGE_EMPTY, IMAGE_UNSUPPORTED, IMAGE_TOO_LARGE, IMAGE_CORRUPT, IMAGE_TIMEOUT, HEIC_UNAVAILABLE
   */
  readonly decode: (bytes: Uint8Array, signal?: AbortSignal, shrinkToShortSide?: number) => Promise<LeasedImage>;
  readonly close: () => Promise<void>;
}

export function createDecoder(options: DecodeOptions): Decoder {
  const pixels = createSemaphore(options.maxPixelsInFlight);
  const held = createSemaphore(options.maxHeld);
  const slots = createSemaphore(options.slots);
  const unmeasured = createSemaphore(1);
  const software = {
    BMP: createSoftwareDecoder('BMP', options),
    HEIC: createSoftwareDecoder('HEIC', options),
  };

  async function decodeInTurn(
    bytes: Uint8Array,
    signal: AbortSignal | undefined,
    shortSide: number,
  ): Promise<LeasedImage> {
    requireBytesWithin(bytes, options.maxBytes);
    const format = detectFormat(bytes);
    if (format === 'HEIC') return decodeUnmeasured(bytes, signal);
    const header = readHeader(bytes, format) ?? (await inSlot(signal, () => readMetadata(bytes, format, options)));
    requirePixelsWithin(header, options.maxPixels);
    const release = await takeRoom(header.width * header.height * bufferedTimes(format, header), signal);
    try {
      const decoded =
        format === 'BMP'
          ? await software.BMP.decode(bytes, signal)
          : await inSlot(signal, () => timed(decodeWithSharp(bytes, format, header, options, shortSide)));
      return { ...decoded, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** The size of a HEIC is known only once it is decoded, so its room is taken then, and no other is begun before. */
  async function decodeUnmeasured(bytes: Uint8Array, signal?: AbortSignal): Promise<LeasedImage> {
    const leave = await unmeasured.acquire(1, signal);
    try {
      const image = await software.HEIC.decode(bytes, signal);
      return { ...image, release: await takeRoom(image.width * image.height, signal) };
    } finally {
      leave();
    }
  }

  async function takeRoom(wanted: number, signal: AbortSignal | undefined): Promise<() => void> {
    const leave = await held.acquire(1, signal);
    try {
      const release = await pixels.acquire(wanted, signal);
      return () => {
        release();
        leave();
      };
    } catch (error) {
      leave();
      throw error;
    }
  }

  async function inSlot<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const leave = await slots.acquire(1, signal);
    try {
      return await work();
    } finally {
      leave();
    }
  }

  function decode(bytes: Uint8Array, signal?: AbortSignal, shrinkToShortSide = 0): Promise<LeasedImage> {
    return unlessAborted(decodeInTurn(bytes, signal, shrinkToShortSide), signal, (image) => image.release());
  }

  return {
    decode,
    close: async () => {
      await Promise.all(Object.values(software).map((decoder) => decoder.close()));
    },
  };
}

function requireBytesWithin(bytes: Uint8Array, maxBytes: number): void {
  if (bytes.byteLength > maxBytes) throw tooManyBytes(bytes.byteLength, maxBytes);
}

function requirePixelsWithin({ width, height }: ImageHeader, maxPixels: number): void {
  if (width * height > maxPixels) throw tooManyPixels(width, height, maxPixels);
}

/** Undefined if the format's decoder has to open the picture for it. */
function readHeader(bytes: Uint8Array, format: ImageFormat): ImageHeader | undefined {
  const header = headerReaders[format]?.(bytes);
  if (!header && format === 'BMP') throw new AppError('IMAGE_CORRUPT', { format, reason: 'its header is damaged' });
  return header;
}

/** Decoders of these formats hold the whole picture themselves, often with more than 8 bits a channel. */
const WHOLE_PICTURE_FORMATS: readonly ImageFormat[] = ['WebP', 'GIF', 'TIFF', 'AVIF'];

/** How often the memory of the decoded pixels is taken while a picture is decoded. */
function bufferedTimes(format: ImageFormat, { interlaced }: ImageHeader): number {
  if (interlaced) return 3;
  return WHOLE_PICTURE_FORMATS.includes(format) ? 2 : 1;
}

async function readMetadata(bytes: Uint8Array, format: ImageFormat, options: DecodeOptions): Promise<ImageHeader> {
  try {
    const { width, height, space } = await sharp(bytes, { limitInputPixels: false, failOn: 'none' })
      .timeout({ seconds: options.timeoutSeconds })
      .metadata();
    return { width, height, cmyk: space === 'cmyk', interlaced: false };
  } catch (error) {
    throw translate(error, format, options);
  }
}

async function decodeWithSharp(
  bytes: Uint8Array,
  format: ImageFormat,
  header: ImageHeader,
  options: DecodeOptions,
  shortSide: number,
): Promise<DecodedImage> {
  const rawCmyk = header.cmyk && options.iccProfiles === 'ignore';
  try {
    const input = sharp(bytes, {
      ignoreIcc: options.iccProfiles === 'ignore',
      limitInputPixels: options.maxPixels,
      failOn: 'truncated',
      sequentialRead: true,
    });
    const upright = shrink(input.timeout({ seconds: options.timeoutSeconds }).autoOrient(), shortSide);
    const { data, info } = await inColourSpace(upright, rawCmyk).raw().toBuffer({ resolveWithObject: true });
    const layout = info.channels === 3 ? 'rgb' : rawCmyk ? 'cmyk' : 'rgba';
    requireWithinHeader(info.width * info.height, header, format);
    requireComplete(data, info.width * info.height * channelsOf(layout), format);
    return { width: info.width, height: info.height, layout, data };
  } catch (error) {
    throw translate(error, format, options);
  }
}

/** sRGB for all but CMYK, which the preprocessor converts by Pillow's formula (libvips would guess a profile). */
function inColourSpace(image: Sharp, rawCmyk: boolean): Sharp {
  return rawCmyk ? image.pipelineColourspace('cmyk').toColourspace('cmyk') : image.toColourspace('srgb');
}

function shrink(image: Sharp, shortSide: number): Sharp {
  if (shortSide === 0) return image;
  return image.resize({
    width: shortSide,
    height: shortSide,
    fit: 'outside',
    withoutEnlargement: true,
    fastShrinkOnLoad: true,
  });
}

/** What was reserved and checked is what the header says. */
function requireWithinHeader(decoded: number, { width, height }: ImageHeader, format: ImageFormat): void {
  if (decoded <= width * height) return;
  throw new AppError('IMAGE_CORRUPT', { format, reason: 'it is larger than its header says' });
}

function requireComplete(data: Uint8Array, expected: number, format: ImageFormat): void {
  if (data.byteLength === expected) return;
  throw new AppError('IMAGE_CORRUPT', { format, reason: `${data.byteLength} bytes of pixels instead of ${expected}` });
}

/** sharp reports every failure as a message; the timeout and the pixel limit have sentences of their own. */
function translate(error: unknown, format: ImageFormat, options: DecodeOptions): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith('timeout:')) return new AppError('IMAGE_TIMEOUT', { seconds: options.timeoutSeconds });
  const reason = (message.split('\n')[0] as string).slice(0, 160);
  return new AppError('IMAGE_CORRUPT', { format, reason }, { cause: error });
}

/** The promise, or the signal's reason as soon as it is aborted; a result that comes too late is handed to `drop`. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined, drop: (late: T) => void): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => {
      promise.then(drop, () => undefined);
      reject(signal.reason);
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
