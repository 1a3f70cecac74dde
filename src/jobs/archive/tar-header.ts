/** One header block of a tar archive, and what pax says beside it. */
import { invalid } from './invalid.js';

/** `attributes` are pax's for the next entry, `name` is GNU tar's long name of the next entry, `comment` is neither. */
type Kind = 'file' | 'other' | 'attributes' | 'name' | 'comment';

export interface TarHeader {
  readonly kind: Kind;
  readonly name: Buffer;
  /** That follow, without the padding. */
  readonly bytes: number;
}

/** What came before the header of an entry, and takes precedence. */
export interface Described {
  readonly name?: Buffer;
  readonly bytes?: number;
}

const kinds: Readonly<Record<string, Kind>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  x: 'attributes',
  g: 'comment',
  K: 'comment',
  L: 'name',
};
/** Links, devices and folders have no bytes, whatever they say. */
const WITHOUT_BYTES = '123456';
const SPARSE = 'S';

/** @throws AppError ARCHIVE_INVALID */
export function parseHeader(block: Buffer, position: number): TarHeader {
  if (!hasItsSum(block)) throw invalid(position === 1 ? NEITHER : `the header of its entry ${position} is damaged`);
  const type = block.toString('latin1', 156, 157);
  if (type === SPARSE) throw invalid(`its entry ${position} is a sparse file of GNU tar`);
  const bytes = WITHOUT_BYTES.includes(type) ? 0 : numberIn(block.subarray(124, 136));
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw invalid(`the size of its entry ${position} is no number`);
  return { kind: kinds[type] ?? 'other', name: nameIn(block), bytes };
}

const NEITHER = 'it begins like neither of them';

/** Of all bytes, with spaces in place of the sum; some programs took them with a sign. */
function hasItsSum(block: Buffer): boolean {
  let unsigned = 0;
  let signed = 0;
  for (const [index, byte] of block.entries()) {
    const counted = index >= 148 && index < 156 ? 0x20 : byte;
    unsigned += counted;
    signed += counted < 0x80 ? counted : counted - 0x100;
  }
  const expected = numberIn(block.subarray(148, 156));
  return expected === unsigned || expected === signed;
}

/** Octal digits, or for large numbers (GNU) the bytes themselves behind 0x80. NaN for anything else. */
function numberIn(field: Buffer): number {
  if (field[0] === 0x80) return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  const text = upToZero(field).toString('latin1').trim();
  return /^[0-7]*$/.test(text) ? Number.parseInt(text || '0', 8) : Number.NaN;
}

/** POSIX has a second field for what does not fit into the first; GNU tar has other things there. */
function nameIn(block: Buffer): Buffer {
  const name = upToZero(block.subarray(0, 100));
  const prefix = upToZero(block.subarray(345, 500));
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0';
  return isPosix && prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name;
}

export function upToZero(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

/** Records of the form `LENGTH KEY=VALUE\n`, whose length counts all of them. @throws AppError ARCHIVE_INVALID */
export function parsePax(text: Buffer): Described {
  let name: Buffer | undefined;
  let bytes: number | undefined;
  for (let at = 0; at < text.length; ) {
    const length = Number(/^\d{1,7}(?= )/.exec(text.toString('latin1', at, at + 8))?.[0]);
    const record = text.subarray(at, at + length);
    const [space, equals] = [record.indexOf(' '), record.indexOf('=')];
    if (!(length > 0) || record.length < length || record.at(-1) !== 0x0a || equals < space)
      throw invalid('attributes in it (pax) are damaged');
    const key = record.toString('latin1', space + 1, equals);
    const value = record.subarray(equals + 1, -1);
    if (key === 'path') name = value;
    if (key === 'size') bytes = sizeFrom(value.toString('latin1'));
    at += length;
  }
  return { ...(name && { name }), ...(bytes !== undefined && { bytes }) };
}

function sizeFrom(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw invalid('attributes in it (pax) have a size that is no number');
  return Number(text);
}
