/** The instructions of Python's pickle, protocols 0 to 5: their names, and where one ends and the next begins. */
import { inBytes, type Reading } from '../refusals.js';

/** What follows an instruction. Lengths and numbers are little-endian; `float` is a big-endian double. */
type Argument =
  | 'none'
  | 'uint8'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'frame'
  | 'float'
  | 'line'
  | 'two lines'
  | `${'text' | 'latin1' | 'bytes' | 'integer'} of ${'uint8' | 'uint32' | 'uint64'} bytes`;

/** Lib/pickletools.py of CPython 3.14. */
const TABLE: readonly (readonly [code: number, name: string, argument: Argument])[] = [
  [0x28, 'MARK', 'none'],
  [0x29, 'EMPTY_TUPLE', 'none'],
  [0x2e, 'STOP', 'none'],
  [0x30, 'POP', 'none'],
  [0x31, 'POP_MARK', 'none'],
  [0x32, 'DUP', 'none'],
  [0x42, 'BINBYTES', 'bytes of uint32 bytes'],
  [0x43, 'SHORT_BINBYTES', 'bytes of uint8 bytes'],
  [0x46, 'FLOAT', 'line'],
  [0x47, 'BINFLOAT', 'float'],
  [0x49, 'INT', 'line'],
  [0x4a, 'BININT', 'int32'],
  [0x4b, 'BININT1', 'uint8'],
  [0x4c, 'LONG', 'line'],
  [0x4d, 'BININT2', 'uint16'],
  [0x4e, 'NONE', 'none'],
  [0x50, 'PERSID', 'line'],
  [0x51, 'BINPERSID', 'none'],
  [0x52, 'REDUCE', 'none'],
  [0x53, 'STRING', 'line'],
  [0x54, 'BINSTRING', 'latin1 of uint32 bytes'],
  [0x55, 'SHORT_BINSTRING', 'latin1 of uint8 bytes'],
  [0x56, 'UNICODE', 'line'],
  [0x58, 'BINUNICODE', 'text of uint32 bytes'],
  [0x5d, 'EMPTY_LIST', 'none'],
  [0x61, 'APPEND', 'none'],
  [0x62, 'BUILD', 'none'],
  [0x63, 'GLOBAL', 'two lines'],
  [0x64, 'DICT', 'none'],
  [0x65, 'APPENDS', 'none'],
  [0x67, 'GET', 'line'],
  [0x68, 'BINGET', 'uint8'],
  [0x69, 'INST', 'two lines'],
  [0x6a, 'LONG_BINGET', 'uint32'],
  [0x6c, 'LIST', 'none'],
  [0x6f, 'OBJ', 'none'],
  [0x70, 'PUT', 'line'],
  [0x71, 'BINPUT', 'uint8'],
  [0x72, 'LONG_BINPUT', 'uint32'],
  [0x73, 'SETITEM', 'none'],
  [0x74, 'TUPLE', 'none'],
  [0x75, 'SETITEMS', 'none'],
  [0x7d, 'EMPTY_DICT', 'none'],
  [0x80, 'PROTO', 'uint8'],
  [0x81, 'NEWOBJ', 'none'],
  [0x82, 'EXT1', 'uint8'],
  [0x83, 'EXT2', 'uint16'],
  [0x84, 'EXT4', 'int32'],
  [0x85, 'TUPLE1', 'none'],
  [0x86, 'TUPLE2', 'none'],
  [0x87, 'TUPLE3', 'none'],
  [0x88, 'NEWTRUE', 'none'],
  [0x89, 'NEWFALSE', 'none'],
  [0x8a, 'LONG1', 'integer of uint8 bytes'],
  [0x8b, 'LONG4', 'integer of uint32 bytes'],
  [0x8c, 'SHORT_BINUNICODE', 'text of uint8 bytes'],
  [0x8d, 'BINUNICODE8', 'text of uint64 bytes'],
  [0x8e, 'BINBYTES8', 'bytes of uint64 bytes'],
  [0x8f, 'EMPTY_SET', 'none'],
  [0x90, 'ADDITEMS', 'none'],
  [0x91, 'FROZENSET', 'none'],
  [0x92, 'NEWOBJ_EX', 'none'],
  [0x93, 'STACK_GLOBAL', 'none'],
  [0x94, 'MEMOIZE', 'none'],
  [0x95, 'FRAME', 'frame'],
  [0x96, 'BYTEARRAY8', 'bytes of uint64 bytes'],
  [0x97, 'NEXT_BUFFER', 'none'],
  [0x98, 'READONLY_BUFFER', 'none'],
];

const byCode = new Map(TABLE.map(([code, name, argument]) => [code, { name, argument }]));

export interface Instruction {
  readonly name: string;
  /** A number or a text; nothing for instructions without one, and for bytes, which no checkpoint needs. */
  readonly argument: number | bigint | string | undefined;
}

export interface InstructionReader {
  /** @throws AppError CHECKPOINT_INVALID, CHECKPOINT_TOO_LARGE */
  readonly next: () => Instruction;
  /** Where the next instruction begins. */
  readonly position: () => number;
}

const LONGEST_LINE = 4096;
const LONGEST_INTEGER = 255;
const NEWLINE = 0x0a;

/** Reads the instructions of the pickle that begins at `from`; what comes behind it may be anything. */
export function createInstructionReader(bytes: Buffer, from: number, { limits, refuse }: Reading): InstructionReader {
  const end = Math.min(bytes.length, from + limits.headerBytes);
  let position = from;

  /** Steps over `length` bytes, and says where they begin. */
  function take(length: number): number {
    const start = position;
    if (length <= end - start) {
      position = start + length;
      return start;
    }
    if (end < bytes.length && length <= bytes.length - start)
      throw refuse.tooLarge(`a pickle of more than ${inBytes(limits.headerBytes)}`, inBytes(limits.headerBytes));
    throw refuse.invalid('its pickle ends too early');
  }

  function takeLine(): string {
    const start = position;
    const length = bytes.subarray(start, Math.min(end, start + LONGEST_LINE)).indexOf(NEWLINE);
    if (length < 0) throw refuse.invalid('its pickle has a line without an end');
    position = start + length + 1;
    return bytes.toString('utf8', start, start + length);
  }

  function takeCounted(kind: string, count: number): bigint | string | number | undefined {
    const start = take(count);
    if (kind === 'text') return bytes.toString('utf8', start, position);
    if (kind === 'latin1') return bytes.toString('latin1', start, position);
    if (kind === 'bytes') return undefined;
    if (count > LONGEST_INTEGER) throw refuse.invalid(`its pickle has an integer of ${count} bytes`);
    return toInteger(bytes.subarray(start, position));
  }

  function takeArgument(kind: Argument): Instruction['argument'] {
    switch (kind) {
      case 'none':
        return undefined;
      case 'uint8':
        return bytes.readUInt8(take(1));
      case 'uint16':
        return bytes.readUInt16LE(take(2));
      case 'int32':
        return bytes.readInt32LE(take(4));
      case 'uint32':
        return bytes.readUInt32LE(take(4));
      case 'frame':
        take(8);
        return undefined;
      case 'float':
        return bytes.readDoubleBE(take(8));
      case 'line':
        return takeLine();
      case 'two lines':
        return `${takeLine()} ${takeLine()}`;
      default: {
        const [what = '', , width] = kind.split(' ');
        return takeCounted(what, takeCount(width));
      }
    }
  }

  function takeCount(width: string | undefined): number {
    if (width === 'uint8') return bytes.readUInt8(take(1));
    if (width === 'uint32') return bytes.readUInt32LE(take(4));
    return Number(bytes.readBigUInt64LE(take(8)));
  }

  function next(): Instruction {
    const code = bytes.readUInt8(take(1));
    const known = byCode.get(code);
    if (!known) throw refuse.invalid(`its pickle has the byte ${code} where an instruction should be`);
    return { name: known.name, argument: takeArgument(known.argument) };
  }

  return { next, position: () => position };
}

/** Two's complement, little-endian; a number where it is exact. */
function toInteger(bytes: Buffer): number | bigint {
  const digits = Buffer.from(bytes).reverse().toString('hex');
  const value = BigInt.asIntN(bytes.length * 8, BigInt(`0x${digits || '0'}`));
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
