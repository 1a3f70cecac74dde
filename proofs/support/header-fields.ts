/** Where a picture's file says how large it and its parts are: the places worth lying in. */
import type { ImageFormat } from '#kaiyan/image/format.js';

export interface HeaderField {
  readonly at: number;
  readonly bytes: 1 | 2 | 3 | 4;
  readonly order: 'little' | 'big';
  /** A width or a height. */
  readonly isSide?: boolean;
}

/** The fields of a valid file. */
export function headerFields(format: ImageFormat, file: Buffer): HeaderField[] {
  return finders[format](file).filter(({ at, bytes }) => at >= 0 && at + bytes <= file.length);
}

const big = (at: number, bytes: HeaderField['bytes']): HeaderField => ({ at, bytes, order: 'big' });
const little = (at: number, bytes: HeaderField['bytes']): HeaderField => ({ at, bytes, order: 'little' });
const side = (field: HeaderField): HeaderField => ({ ...field, isSide: true });

const finders: Record<ImageFormat, (file: Buffer) => HeaderField[]> = {
  JPEG: jpegFields,
  PNG: pngFields,
  WebP: webpFields,
  GIF: gifFields,
  TIFF: tiffFields,
  AVIF: boxFields,
  HEIC: boxFields,
  BMP: () => [
    ...[side(little(18, 4)), side(little(22, 4))],
    ...[little(2, 4), little(10, 4), little(14, 4), little(26, 2), little(28, 2), little(30, 4), little(34, 4)],
    ...[little(46, 4), little(50, 4)],
  ],
};

export const formats = Object.keys(finders) as ImageFormat[];

/** The length of every segment up to the picture data, and the frame's sides. */
function jpegFields(file: Buffer): HeaderField[] {
  const fields: HeaderField[] = [];
  for (let at = 2; at + 10 < file.length && file[at] === 0xff; at += 2 + file.readUInt16BE(at + 2)) {
    const marker = file[at + 1] as number;
    fields.push(big(at + 2, 2));
    if (marker >= 0xc0 && marker <= 0xc2)
      fields.push(side(big(at + 5, 2)), side(big(at + 7, 2)), big(at + 4, 1), big(at + 9, 1));
    if (marker === 0xda) break;
  }
  return fields;
}

/** The length of every chunk, and IHDR's sides, bit depth, colour type and interlacing. */
function pngFields(file: Buffer): HeaderField[] {
  const fields = [side(big(16, 4)), side(big(20, 4)), big(24, 1), big(25, 1), big(28, 1)];
  for (let at = 8; at + 12 <= file.length; at += 12 + file.readUInt32BE(at)) fields.push(big(at, 4));
  return fields;
}

/** The length of the file and of every chunk, and the sides in VP8X, VP8 and VP8L. */
function webpFields(file: Buffer): HeaderField[] {
  const fields = [little(4, 4)];
  for (let at = 12; at + 8 <= file.length; at += 8 + file.readUInt32LE(at + 4)) {
    const kind = file.toString('latin1', at, at + 4);
    fields.push(little(at + 4, 4));
    if (kind === 'VP8X') fields.push(side(little(at + 12, 3)), side(little(at + 15, 3)), little(at + 8, 1));
    if (kind === 'VP8 ') fields.push(side(little(at + 14, 2)), side(little(at + 16, 2)), little(at + 8, 3));
    if (kind === 'VP8L') fields.push(side(little(at + 9, 4)));
  }
  return fields;
}

/** The sides of the screen and of the first frame, the colour tables' sizes and the first code size. */
function gifFields(file: Buffer): HeaderField[] {
  const packed = file[10] ?? 0;
  const tableEnd = 13 + (packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0);
  const frame = file.indexOf(0x2c, tableEnd);
  const screen = [side(little(6, 2)), side(little(8, 2)), little(10, 1)];
  if (frame < 0) return screen;
  return [
    ...screen,
    ...[little(frame + 1, 2), little(frame + 3, 2), side(little(frame + 5, 2)), side(little(frame + 7, 2))],
    ...[little(frame + 9, 1), little(frame + 10, 1)],
  ];
}

/** The first directory: where it is, how many entries it has, and each entry's type, count and value. */
function tiffFields(file: Buffer): HeaderField[] {
  const field = file[0] === 0x49 ? little : big;
  const read16 = (at: number) => (file[0] === 0x49 ? file.readUInt16LE(at) : file.readUInt16BE(at));
  const directory = file[0] === 0x49 ? file.readUInt32LE(4) : file.readUInt32BE(4);
  const fields = [field(4, 4), field(directory, 2)];
  if (directory + 2 > file.length) return fields;
  const short = 3;
  for (let i = 0, at = directory + 2; i < read16(directory) && at + 12 <= file.length; i++, at += 12) {
    const value = field(at + 8, read16(at + 2) === short ? 2 : 4);
    const isSide = [256, 257].includes(read16(at));
    fields.push(field(at + 2, 2), field(at + 4, 4), isSide ? side(value) : value);
  }
  return fields;
}

const BOXES = [
  'ftyp',
  'meta',
  'hdlr',
  'pitm',
  'iloc',
  'iinf',
  'infe',
  'iprp',
  'ipco',
  'ispe',
  'ipma',
  'mdat',
  'av1C',
  'hvcC',
];

/** The length of every box of the ISO base media format, the sides in `ispe`, and the extents in `iloc`. */
function boxFields(file: Buffer): HeaderField[] {
  return BOXES.flatMap((box) => {
    const at = file.indexOf(box);
    if (at < 4) return [];
    const length = big(at - 4, 4);
    if (box === 'ispe') return [length, side(big(at + 8, 4)), side(big(at + 12, 4))];
    if (box === 'iloc')
      return [length, ...[8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28].map((offset) => big(at + offset, 2))];
    return [length];
  });
}
