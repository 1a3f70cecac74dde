/** A picture's size before a pixel of it is decoded. */
import type { ImageFormat } from './format.js';

export interface ImageHeader {
  /** As stored, before EXIF turns the picture upright. */
  readonly width: number;
  readonly height: number;
  readonly cmyk: boolean;
  /** Coarse first, then finer (progressive JPEG, Adam7), so that a decoder has to hold the whole picture. */
  readonly interlaced: boolean;
}

/**
 * Reads the frame header of a JPEG, which costs a hundredth of what opening it with a decoder does;
 * undefined if there is none.
 */
export function readJpegHeader(bytes: Uint8Array): ImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      at += 1;
    } else if (isFrameHeader(marker)) {
      return {
        ...{ height: view.getUint16(at + 5), width: view.getUint16(at + 7) },
        ...{ cmyk: bytes[at + 9] === 4, interlaced: isProgressive(marker) },
      };
    } else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
    } else {
      at += 2 + view.getUint16(at + 2);
    }
  }
  return undefined;
}

/** SOF0 to SOF15, without the tables and extensions that share the range (DHT, JPG, DAC). */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** SOF2, 6, 10 and 14. */
const isProgressive = (marker: number) => (marker & 3) === 2;

/** Reads the header chunk of a PNG, which has to be the first; undefined if it is another one, or cut off. */
export function readPngHeader(bytes: Uint8Array): ImageHeader | undefined {
  if (bytes.length < 29) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isHeaderChunk = view.getUint32(12) === IHDR;
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  return isHeaderChunk && width > 0 && height > 0
    ? { width, height, cmyk: false, interlaced: bytes[28] === 1 }
    : undefined;
}

/** "IHDR" in ASCII. */
const IHDR = 0x49484452;

/** Reads the header of a BMP; undefined if it is cut off. */
export function readBmpHeader(bytes: Uint8Array): ImageHeader | undefined {
  if (bytes.length < 26) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const old = view.getUint32(14, true) === 12;
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const height = old ? view.getUint16(20, true) : Math.abs(view.getInt32(22, true));
  return width > 0 && height > 0 ? { width, height, cmyk: false, interlaced: false } : undefined;
}

export type HeaderReader = (bytes: Uint8Array) => ImageHeader | undefined;

/** Formats whose header is read here; the others are opened by their decoder. */
export const headerReaders: Partial<Record<ImageFormat, HeaderReader>> = {
  JPEG: readJpegHeader,
  PNG: readPngHeader,
  BMP: readBmpHeader,
};
