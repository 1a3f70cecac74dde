/** Damages checkpoints: as any file, as a zip file, as a pickle and as a header of safetensors. */
import { type ZipEntry, zipOf } from '../../tests/support/zip.js';
import type { Random } from './random.js';

export interface CheckpointSeed {
  readonly name: string;
  readonly bytes: Buffer;
  /** What is in it, if it is a zip file. */
  readonly entries: readonly (ZipEntry & { readonly name: string })[];
}

/** What was done, and what came of it. */
export interface Mutation {
  readonly how: string;
  readonly bytes: Buffer;
}

type Way = (seed: CheckpointSeed, random: Random, others: readonly CheckpointSeed[]) => Buffer;

/** One change, or a few one after the other. */
export function mutateCheckpoint(seed: CheckpointSeed, random: Random, others: readonly CheckpointSeed[]): Mutation {
  const [how, way] = random.pick(WAYS.filter(([name]) => isFor(name, seed)));
  const bytes = way(seed, random, others);
  if (random.chance(0.8)) return { how, bytes };
  const [more, again] = random.pick(ANY_FILE);
  return { how: `${how}, ${more}`, bytes: again({ ...seed, bytes, entries: [] }, random, others) };
}

function isFor(name: string, { name: file, entries }: CheckpointSeed): boolean {
  if (name.startsWith('zip')) return entries.length > 0;
  return !name.startsWith('header') || file.endsWith('.safetensors');
}

const LIES = [0, 1, 2, 7, 255, 256, 65_535, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

/** Instructions of pickles with their arguments, sound and not. */
const INSTRUCTIONS = [
  ...['(', ')', '.', '0', '1', '2', 'N', '}', ']', 'a', 'b', 'd', 'e', 'l', 'o', 's', 't', 'u', 'Q', 'R'],
  ...['\x81', '\x85', '\x86', '\x87', '\x88', '\x89', '\x8f', '\x90', '\x91', '\x92', '\x93', '\x94', '\x97', '\x98'],
  ...[
    'q\x00',
    'h\x00',
    'h\x01',
    'h\x05',
    'h\xff',
    'K\x00',
    'K\xff',
    'M\xff\xff',
    'J\xff\xff\xff\xff',
    'J\xff\xff\xff\x7f',
  ],
  ...[
    '\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f',
    '\x8a\x00',
    '\x8b\xff\xff\xff\xff',
    'G\x7f\xf0\0\0\0\0\0\0',
    'X\xff\xff\xff\x7f',
  ],
  ...[
    '\x8d\xff\xff\xff\xff\xff\xff\xff\xff',
    '\x8e\0\0\0\0\0\0\0\x80',
    '\x96\x01\0\0\0\0\0\0\0x',
    'r\xff\xff\xff\xff',
    'j\0\0\0\x01',
  ],
  ...['\x8c\x05posix', '\x8c\x06system', '\x8c\x05torch', 'X\x07\0\0\0storage', 'X\x01\0\0\x000', 'U\x03cpu'],
  ...[
    'cposix\nsystem\n',
    'ctorch._utils\n_rebuild_tensor_v2\n',
    'ccollections\nOrderedDict\n',
    'ctorch\nFloatStorage\n',
  ],
  ...[
    'ctorch.nn.modules.linear\nLinear\n',
    'ctorch\nComplexFloatStorage\n',
    'c__builtin__\nset\n',
    'c__proto__\nconstructor\n',
  ],
  ...[
    'ios\nsystem\n',
    'I12\n',
    "S'x'\n",
    'Pid\n',
    '\x82\x01',
    '\x95\xff\xff\xff\xff\xff\xff\xff\xff',
    '\x80\x05',
    '\xfe',
  ],
];

const insert = (bytes: Buffer, at: number, piece: Buffer) =>
  Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);

/** Headers are at both ends of these files. */
function somewhere({ length }: Buffer, random: Random): number {
  if (length === 0) return 0;
  const reach = Math.min(length, 800);
  if (random.chance(0.4)) return random.below(reach);
  return random.chance(0.5) ? length - 1 - random.below(reach) : random.below(length);
}

function lie(bytes: Buffer, at: number, random: Random): Buffer {
  const lying = Buffer.from(bytes);
  const value = random.pick([...LIES, bytes.length, random.below(2 ** 32)]);
  const width = Math.min(random.pick([1, 2, 4, 4]), lying.length - at);
  if (width > 0) lying.writeUIntLE(value % 256 ** width, at, width);
  return lying;
}

const ANY_FILE: readonly (readonly [string, Way])[] = [
  [
    'bits flipped',
    ({ bytes }, random) => {
      const flipped = Buffer.from(bytes);
      for (let left = 2 ** random.below(7); left > 0 && flipped.length > 0; left--) {
        const at = somewhere(flipped, random);
        flipped[at] = (flipped[at] as number) ^ (1 << random.below(8));
      }
      return flipped;
    },
  ],
  ['cut off', ({ bytes }, random) => bytes.subarray(0, random.below(bytes.length + 1))],
  [
    'a piece removed',
    ({ bytes }, random) => {
      const at = somewhere(bytes, random);
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(200))]);
    },
  ],
  [
    'a piece repeated',
    ({ bytes }, random) => {
      const at = somewhere(bytes, random);
      return insert(bytes, somewhere(bytes, random), bytes.subarray(at, at + 1 + random.below(400)));
    },
  ],
  [
    'a piece of another file',
    ({ bytes }, random, others) => {
      const { bytes: other } = random.pick(others);
      const from = somewhere(other, random);
      return insert(bytes, somewhere(bytes, random), other.subarray(from, from + random.below(600)));
    },
  ],
  [
    'the beginning of one, the end of another',
    ({ bytes }, random, others) => {
      const { bytes: other } = random.pick(others);
      return Buffer.concat([bytes.subarray(0, somewhere(bytes, random)), other.subarray(somewhere(other, random))]);
    },
  ],
  ['a lie', ({ bytes }, random) => lie(bytes, somewhere(bytes, random), random)],
  ['an instruction', ({ bytes }, random) => insertInstructions(bytes, random)],
];

const WAYS: readonly (readonly [string, Way])[] = [
  ...ANY_FILE,
  ['zip: a lie in a header', ({ bytes }, random) => lieInHeaders(bytes, random)],
  ['zip: another pickle', (seed, random, others) => rewrite(seed, /data\.pkl$/, random, others)],
  ['zip: an instruction', (seed, random) => replace(seed, /data\.pkl$/, (bytes) => insertInstructions(bytes, random))],
  [
    'zip: a number in the pickle',
    (seed, random) => replace(seed, /data\.pkl$/, (bytes) => changeNumber(bytes, random)),
  ],
  ['zip: another entry', (seed, random, others) => rewrite(seed, /./, random, others)],
  ['zip: other entries', ({ entries }, random) => zipOf(entries.flatMap((entry) => changeEntry(entry, random)))],
  ['header: text', ({ bytes }, random, others) => rewriteHeader(bytes, random, others)],
  ['header: a number', ({ bytes }, random) => withHeader(bytes, (text) => changeDigits(text, random))],
];

function insertInstructions(bytes: Buffer, random: Random): Buffer {
  let changed = bytes;
  for (let left = 1 + random.below(5); left > 0; left--) {
    const instruction = Buffer.from(random.pick(INSTRUCTIONS), 'latin1');
    const at = random.below(Math.min(changed.length, 2_000) + 1);
    // In place of what is there, or before it.
    const after = changed.subarray(at + (random.chance(0.5) ? instruction.length : 0));
    changed = Buffer.concat([changed.subarray(0, at), instruction, after]);
  }
  return changed;
}

/** The argument of a BININT1, BININT2 or BININT: sizes, offsets, strides and counts. */
function changeNumber(pickle: Buffer, random: Random): Buffer {
  const places = [...pickle.keys()].filter((at) => [0x4a, 0x4b, 0x4d].includes(pickle[at] as number));
  if (places.length === 0) return pickle;
  const at = random.pick(places);
  const instruction = Buffer.alloc(5);
  instruction[0] = 0x4a;
  instruction.writeUInt32LE(random.pick([...LIES, random.below(100)]), 1);
  const old = { 74: 5, 75: 2, 77: 3 }[pickle[at] as number] ?? 1;
  return Buffer.concat([pickle.subarray(0, at), instruction, pickle.subarray(at + old)]);
}

/** The local headers, the directory's and the records at its end. */
function lieInHeaders(bytes: Buffer, random: Random): Buffer {
  const places = [...bytes.keys()].filter((at) => bytes[at] === 0x50 && bytes[at + 1] === 0x4b);
  let lying = bytes;
  for (let left = 1 + random.below(3); left > 0 && places.length > 0; left--)
    lying = lie(lying, Math.min(random.pick(places) + 4 + random.below(44), lying.length - 1), random);
  return lying;
}

/** The zip file with one entry changed and everything about it true, so that the change is met by what reads the entry. */
function replace({ entries }: CheckpointSeed, which: RegExp, change: (bytes: Buffer) => Buffer): Buffer {
  const chosen = entries.find(({ name }) => which.test(name)) ?? entries[0];
  return zipOf(
    entries.map((entry) => (entry === chosen ? { ...entry, bytes: change(Buffer.from(entry.bytes)) } : entry)),
  );
}

function rewrite(seed: CheckpointSeed, which: RegExp, random: Random, others: readonly CheckpointSeed[]): Buffer {
  const [, way] = random.pick(ANY_FILE);
  const chosen = random.pick(seed.entries.filter(({ name }) => which.test(name)).concat(seed.entries.slice(0, 1)));
  return replace(seed, new RegExp(`^${chosen.name.replaceAll('.', '\\.')}$`), (bytes) =>
    way({ ...seed, bytes, entries: [] }, random, others),
  );
}

function changeEntry(entry: ZipEntry, random: Random): ZipEntry[] {
  if (random.chance(0.7)) return [{ ...entry, deflated: random.chance(0.3) }];
  const claims = { bytes: random.pick(LIES), header: random.pick(LIES) % 3_000 };
  return random.pick<ZipEntry[]>([
    [],
    [entry, entry],
    [{ ...entry, name: `${entry.name}${random.pick(['', '/', '\0', '/../x', 'é'])}` }],
    [{ ...entry, claims: { bytes: claims.bytes }, deflated: random.chance(0.5) }],
    [{ ...entry, claims: { header: claims.header } }],
    [{ ...entry, bytes: Buffer.alloc(random.below(200_000)), deflated: true }],
    [{ ...entry, bytes: Buffer.concat([entry.bytes, Buffer.alloc(random.below(50))]) }],
    [{ ...entry, bytes: entry.bytes.subarray(random.below(entry.bytes.length + 1)) }],
  ]);
}

/** With a length that is true of the new header. */
function withHeader(bytes: Buffer, change: (text: Buffer) => Buffer): Buffer {
  const end = Math.min(bytes.length, 8 + bytes.readUInt32LE(0));
  const header = change(bytes.subarray(8, end));
  const length = Buffer.alloc(8);
  length.writeUInt32LE(header.length);
  return Buffer.concat([length, header, bytes.subarray(end)]);
}

function rewriteHeader(bytes: Buffer, random: Random, others: readonly CheckpointSeed[]): Buffer {
  const [, way] = random.pick(ANY_FILE);
  return withHeader(bytes, (text) => way({ name: '', bytes: text, entries: [] }, random, others));
}

function changeDigits(text: Buffer, random: Random): Buffer {
  const numbers = [...text.toString('latin1').matchAll(/\d+/g)];
  if (numbers.length === 0) return text;
  const { index, 0: digits } = random.pick(numbers);
  const value = random.pick(['-1', '1e99', '1.5', 'null', '[]', '"4"', '4503599627370496', ...LIES.map(String)]);
  const after = text.subarray(index + digits.length);
  return Buffer.concat([text.subarray(0, index), Buffer.from(value), after]);
}
