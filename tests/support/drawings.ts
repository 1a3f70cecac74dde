/** Pictures that tests draw themselves, so that every pixel of them is known. */
import sharp, { type Sharp } from 'sharp';
import type { ImageFormat } from '#kaiyan/image/format.js';

/** RGB pixels, rows from the top. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
}

type Colour = readonly [red: number, green: number, blue: number];

export function draw(width: number, height: number, colourAt: (x: number, y: number) => Colour): Drawing {
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set(colourAt(i % width, Math.floor(i / width)), i * 3);
  return { width, height, data };
}

/** Smooth colours that differ in every corner. */
export const gradient = (width: number, height: number): Drawing =>
  draw(width, height, (x, y) => [
    Math.round((x * 255) / width),
    Math.round((y * 255) / height),
    Math.round(((x + y) * 127) / (width + height)),
  ]);

export const pixelAt = ({ width, data }: Drawing, x: number, y: number): Colour => {
  const at = (y * width + x) * 3;
  return [data[at] as number, data[at + 1] as number, data[at + 2] as number];
};

export const asSharp = ({ width, height, data }: Drawing): Sharp =>
  sharp(data, { raw: { width, height, channels: 3 } });

/** The drawing as a file of a format that sharp or these lines can write; HEIC is in tests/fixtures/heic. */
export function encode(drawing: Drawing, format: Exclude<ImageFormat, 'HEIC'>): Promise<Buffer> {
  const image = asSharp(drawing);
  const writers: Record<typeof format, () => Promise<Buffer>> = {
    JPEG: () => image.jpeg({ quality: 95 }).toBuffer(),
    PNG: () => image.png().toBuffer(),
    WebP: () => image.webp({ lossless: true }).toBuffer(),
    GIF: () => image.gif().toBuffer(),
    TIFF: () => image.tiff({ compression: 'lzw' }).toBuffer(),
    AVIF: () => image.avif({ quality: 80, effort: 1 }).toBuffer(),
    BMP: async () => encodeBmp(drawing),
  };
  return writers[format]();
}

/** A 24-bit BMP: rows from the bottom, blue first, each row a multiple of four bytes. */
export function encodeBmp(drawing: Drawing): Buffer {
  const { width, height } = drawing;
  const stride = (width * 3 + 3) & ~3;
  const file = Buffer.alloc(54 + stride * height);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  file.writeUInt32LE(stride * height, 34);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const [red, green, blue] = pixelAt(drawing, x, y);
    file.set([blue, green, red], 54 + (height - 1 - y) * stride + x * 3);
  }
  return file;
}

/** An uncompressed CMYK TIFF of one row: `inks` holds four values a pixel, 255 for full ink. */
export function encodeCmykTiff(inks: readonly (readonly [number, number, number, number])[]): Buffer {
  const [short, long] = [3, 4];
  const bitsAt = 8 + 2 + 10 * 12 + 4;
  const dataAt = bitsAt + 8;
  const entries: readonly (readonly [tag: number, type: number, count: number, value: number])[] = [
    [256, long, 1, inks.length],
    [257, long, 1, 1],
    [258, short, 4, bitsAt],
    [259, short, 1, 1],
    [262, short, 1, 5],
    [273, long, 1, dataAt],
    [277, short, 1, 4],
    [278, long, 1, 1],
    [279, long, 1, inks.length * 4],
    [284, short, 1, 1],
  ];
  const file = Buffer.alloc(dataAt + inks.length * 4);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(entries.length, 8);
  entries.forEach(([tag, type, count, value], i) => {
    const at = 10 + i * 12;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(type, at + 2);
    file.writeUInt32LE(count, at + 4);
    file.writeUInt32LE(value, at + 8);
  });
  for (let i = 0; i < 4; i++) file.writeUInt16LE(8, bitsAt + i * 2);
  file.set(inks.flat(), dataAt);
  return file;
}

/** How a camera held in this EXIF orientation stores the drawing: showing the result by its orientation gives it back. */
export function storedFor(orientation: number, upright: Drawing): Drawing {
  const { width, height } = upright;
  const [right, bottom] = [width - 1, height - 1];
  const sources: Record<number, (x: number, y: number) => readonly [number, number]> = {
    1: (x, y) => [x, y],
    2: (x, y) => [right - x, y],
    3: (x, y) => [right - x, bottom - y],
    4: (x, y) => [x, bottom - y],
    5: (x, y) => [y, x],
    6: (x, y) => [right - y, x],
    7: (x, y) => [right - y, bottom - x],
    8: (x, y) => [y, bottom - x],
  };
  const source = sources[orientation];
  if (!source) throw new Error(`${orientation} is no EXIF orientation`);
  const onItsSide = orientation >= 5;
  return draw(onItsSide ? height : width, onItsSide ? width : height, (x, y) => pixelAt(upright, ...source(x, y)));
}

/** The largest difference between two equally long lists of bytes. */
export function largestDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) throw new Error(`${a.length} bytes compared with ${b.length}`);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (b[i] as number))), 0);
}
