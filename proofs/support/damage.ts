/** Damaged pictures: cut off, with flipped bits, with lying headers, or nothing but a beginning. */
import { crc32 } from 'node:zlib';
import type { ImageFormat } from '#kaiyan/image/format.js';
import { type HeaderField, headerFields } from './header-fields.js';
import type { Random } from './random.js';

export interface Damage {
  /** What was done, to name the picture in a report. */
  readonly how: string;
  readonly bytes: Buffer;
}

/** Damages a copy of a valid picture in one of the ways. */
export function damage(format: ImageFormat, valid: Buffer, random: Random): Damage {
  const way = random.below(100);
  if (way < 25) return cutOff(valid, random);
  if (way < 55) return flipBits(valid, random);
  if (way < 65) return join(flipBits(valid, random), (bytes) => cutOff(bytes, random));
  if (way < 93) return lie(format, valid, random);
  return onlyBegin(valid, random);
}

function join(first: Damage, second: (bytes: Buffer) => Damage): Damage {
  const { how, bytes } = second(first.bytes);
  return { how: `${first.how}, ${how}`, bytes };
}

function cutOff(valid: Buffer, random: Random): Damage {
  const length = random.below(random.chance(0.25) ? Math.min(valid.length, HEADER_BYTES) : valid.length);
  return { how: `cut off after ${length} bytes`, bytes: Buffer.from(valid.subarray(0, length)) };
}

const HEADER_BYTES = 256;

/** 1 to 64 bits, few as often as many; half of the time in the header. */
function flipBits(valid: Buffer, random: Random): Damage {
  const bytes = Buffer.from(valid);
  const reach = random.chance(0.5) ? Math.min(bytes.length, HEADER_BYTES) : bytes.length;
  const flips = 2 ** random.below(7);
  for (let i = 0; i < flips; i++) {
    const at = random.below(reach);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
  }
  return { how: `${flips} bits flipped in the first ${reach} bytes`, bytes };
}

const LIES = [0, 1, 2, 255, 7_000, 16_384, 32_767, 65_535, 2 ** 24 - 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

/** Writes the same lie into both sides, or into up to three fields of any kind. */
function lie(format: ImageFormat, valid: Buffer, random: Random): Damage {
  const bytes = Buffer.from(valid);
  const fields = headerFields(format, bytes);
  if (fields.length === 0) return onlyBegin(valid, random);
  const sides = fields.filter(({ isSide }) => isSide);
  const chosen =
    sides.length > 0 && random.chance(0.5)
      ? sides
      : Array.from({ length: 1 + random.below(3) }, () => random.pick(fields));
  const value = random.pick([...LIES, bytes.length, bytes.length + 1]);
  for (const field of chosen) write(bytes, field, value);
  if (format === 'PNG' && random.chance(0.75)) correctChecksums(bytes);
  return { how: `${value} written at ${chosen.map(({ at }) => at).join(', ')}`, bytes };
}

function write(bytes: Buffer, { at, bytes: length, order }: HeaderField, value: number): void {
  const fitting = Math.min(value, 256 ** length - 1);
  if (order === 'little') bytes.writeUIntLE(fitting, at, length);
  else bytes.writeUIntBE(fitting, at, length);
}

/** So that the lie is not found by its checksum. */
function correctChecksums(png: Buffer): void {
  for (let at = 8; at + 12 <= png.length; ) {
    const end = at + 8 + png.readUInt32BE(at);
    if (end + 4 > png.length) return;
    png.writeUInt32BE(crc32(png.subarray(at + 4, end)), end);
    at = end + 4;
  }
}

/** The true beginning of a picture, and noise. */
function onlyBegin(valid: Buffer, random: Random): Damage {
  const kept = 12 + random.below(52);
  const noise = Buffer.from(Array.from({ length: random.below(4_000) }, () => random.below(256)));
  return { how: `${kept} bytes, then noise`, bytes: Buffer.concat([valid.subarray(0, kept), noise]) };
}
