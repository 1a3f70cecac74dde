/**
 * BMP, as Pillow reads it: 1 to 32 bits a pixel, palettes, bit fields, run-length encoding, and both row orders.
 * The layout is Microsoft's BITMAPINFOHEADER and its successors; all numbers are little-endian.
 */
import type { DecodedImage } from '../input-spec.js';
import type { SoftwareReply, SoftwareRequest } from './decoder.js';

const FILE_HEADER = 14;
const OLD_HEADER = 12;
const Compression = { none: 0, rle8: 1, rle4: 2, bitFields: 3 } as const;

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly bottomUp: boolean;
  readonly bits: number;
  readonly compression: number;
  readonly palette: Uint8Array;
  /** Red, green, blue, alpha; 0 for a channel that is not there. */
  readonly masks: readonly [number, number, number, number];
  readonly pixels: Buffer;
}

/** All that is thrown here is about the picture, whose numbers may also point beyond its end. */
export function decodeBmp({ bytes }: SoftwareRequest): SoftwareReply {
  try {
    return { image: readPicture(bytes) };
  } catch (error) {
    return { failure: 'corrupt', reason: (error as Error).message };
  }
}

function readPicture(bytes: Uint8Array): DecodedImage {
  const layout = readLayout(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const { width, height } = layout;
  if (layout.bits <= 8) return { width, height, layout: 'rgb', data: fromPalette(layout) };
  const alpha = layout.masks[3] !== 0;
  return { width, height, layout: alpha ? 'rgba' : 'rgb', data: fromMasks(layout, alpha ? 4 : 3) };
}

function readLayout(file: Buffer): Layout {
  const headerSize = file.readUInt32LE(FILE_HEADER);
  const old = headerSize === OLD_HEADER;
  if (!old && (headerSize < 40 || headerSize > 124)) throw new Error(`a header of ${headerSize} bytes is not known`);
  const width = old ? file.readUInt16LE(18) : file.readInt32LE(18);
  const height = old ? file.readUInt16LE(20) : file.readInt32LE(22);
  const bits = file.readUInt16LE(old ? 24 : 28);
  const compression = old ? Compression.none : file.readUInt32LE(30);
  requireKnown(bits, compression);
  const { palette, end } = readPalette(file, headerSize, bits, compression);
  const start = file.readUInt32LE(10);
  return {
    width,
    height: Math.abs(height),
    bottomUp: height > 0,
    bits,
    compression,
    palette,
    masks: readMasks(file, headerSize, bits, compression),
    pixels: file.subarray(start >= FILE_HEADER + headerSize && start < file.length ? start : end),
  };
}

function requireKnown(bits: number, compression: number): void {
  const fits: Record<number, readonly number[]> = {
    [Compression.none]: [1, 2, 4, 8, 16, 24, 32],
    [Compression.rle8]: [8],
    [Compression.rle4]: [4],
    [Compression.bitFields]: [16, 24, 32],
  };
  if (!fits[compression]?.includes(bits))
    throw new Error(`${bits} bits a pixel with compression ${compression} is not known`);
}

/** RGB triples. A file may have fewer colours than its pixels can name. */
function readPalette(file: Buffer, headerSize: number, bits: number, compression: number) {
  const old = headerSize === OLD_HEADER;
  const entry = old ? 3 : 4;
  const masks = compression === Compression.bitFields && headerSize === 40 ? 12 : 0;
  const start = FILE_HEADER + headerSize + masks;
  const most = bits <= 8 ? 1 << bits : 0;
  const colors = Math.min(old ? most : file.readUInt32LE(46) || most, most);
  const palette = new Uint8Array(most * 3);
  for (let i = 0; i < colors; i++) {
    const at = start + i * entry;
    palette.set([file.readUInt8(at + 2), file.readUInt8(at + 1), file.readUInt8(at)], i * 3);
  }
  return { palette, end: start + colors * entry };
}

function readMasks(file: Buffer, headerSize: number, bits: number, compression: number): Layout['masks'] {
  if (compression === Compression.bitFields) {
    const alpha = headerSize >= 56 ? file.readUInt32LE(66) : 0;
    return [file.readUInt32LE(54), file.readUInt32LE(58), file.readUInt32LE(62), alpha];
  }
  return bits === 16 ? [0x7c00, 0x03e0, 0x001f, 0] : [0xff0000, 0x00ff00, 0x0000ff, 0];
}

function fromPalette(layout: Layout): Uint8Array {
  const { width, height, palette } = layout;
  const indices = layout.compression === Compression.none ? plainIndices(layout) : runLengthIndices(layout);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = rowOf(layout, y) * width;
    for (let x = 0; x < width; x++) {
      const color = (indices[row + x] as number) * 3;
      data.set(palette.subarray(color, color + 3), (y * width + x) * 3);
    }
  }
  return data;
}

const rowOf = ({ bottomUp, height }: Layout, y: number) => (bottomUp ? height - 1 - y : y);
const strideOf = ({ width, bits }: Layout) => Math.ceil((width * bits) / 32) * 4;

function requirePixels({ pixels }: Layout, bytes: number): void {
  if (pixels.length < bytes) throw new Error(`its pixels end after ${pixels.length} of ${bytes} bytes`);
}

/** Palette indices in the order of the file's rows. */
function plainIndices(layout: Layout): Uint8Array {
  const { width, height, bits, pixels } = layout;
  const stride = strideOf(layout);
  requirePixels(layout, stride * height);
  const indices = new Uint8Array(width * height);
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  for (let i = 0; i < indices.length; i++) {
    const x = i % width;
    const byte = pixels[Math.floor(i / width) * stride + Math.floor(x / perByte)] as number;
    indices[i] = (byte >> (8 - bits * ((x % perByte) + 1))) & mask;
  }
  return indices;
}

/** Palette indices from runs, literal stretches, and escapes that end a row or the picture, or jump over pixels of index 0. */
function runLengthIndices({ width, height, bits, pixels }: Layout): Uint8Array {
  const indices = new Uint8Array(width * height);
  const cursor = { x: 0, y: 0, at: 0 };
  const byteAt = (at: number) => pixels[at] ?? 0;
  const nibble = (byte: number, i: number) => (i % 2 === 0 ? byte >> 4 : byte & 15);

  /** `count` pixels; with `step` 0 they repeat one byte, with 1 they are read one after the other. */
  function put(count: number, at: number, step: 0 | 1): void {
    for (let i = 0; i < count; i++, cursor.x++) {
      const byte = byteAt(at + step * ((i * bits) >> 3));
      if (cursor.x < width) indices[cursor.y * width + cursor.x] = bits === 8 ? byte : nibble(byte, i);
    }
  }

  function applyEscape(code: number): void {
    if (code === 0) {
      cursor.x = 0;
      cursor.y += 1;
    } else if (code === 2) {
      cursor.x += byteAt(cursor.at);
      cursor.y += byteAt(cursor.at + 1);
      cursor.at += 2;
    } else {
      put(code, cursor.at, 1);
      cursor.at += Math.ceil((code * bits) / 16) * 2;
    }
  }

  while (cursor.y < height && cursor.at + 1 < pixels.length) {
    const count = byteAt(cursor.at);
    const code = byteAt(cursor.at + 1);
    cursor.at += 2;
    if (count > 0) put(count, cursor.at - 1, 0);
    else if (code === 1) break;
    else applyEscape(code);
  }
  return indices;
}

/** A channel of `bits` bits becomes 8 bits as `value × 255 / largest`, truncated as in Pillow. */
function fromMasks(layout: Layout, channels: 3 | 4): Uint8Array {
  const { width, height, bits, pixels, masks } = layout;
  const stride = strideOf(layout);
  requirePixels(layout, stride * height);
  const parts = masks.slice(0, channels).map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { shift, largest: mask >>> shift };
  });
  const data = new Uint8Array(width * height * channels);
  const size = bits / 8;
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = rowOf(layout, y) * stride;
    for (let x = 0; x < width; x++) {
      const pixel = pixels.readUIntLE(row + x * size, size);
      for (const { shift, largest } of parts) {
        data[to] = largest === 0 ? 0 : Math.trunc((((pixel >>> shift) & largest) * 255) / largest);
        to += 1;
      }
    }
  }
  return data;
}
