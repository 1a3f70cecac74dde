/** Which pictures are copies of each other: the same bytes, or nearly the same pixels. */
import { NEAR_DUPLICATE_BITS } from '../image/fingerprint.js';

export interface Fingerprinted {
  /** Of the bytes of its file. */
  readonly sha256: string;
  readonly fingerprint: Uint8Array;
}

export interface Duplicates {
  /** For each picture a number that its copies have too, and copies of copies. */
  readonly groups: Int32Array;
  /** Positions of pictures with the same bytes, two or more together. */
  readonly exact: readonly (readonly number[])[];
  /** Positions of pictures that are copies of each other, of which some have other bytes. */
  readonly near: readonly (readonly number[])[];
}

/** Compares every picture with every other, but mostly half of their fingerprints: 50,000 pictures take some ten seconds. */
export function groupDuplicates(pictures: readonly Fingerprinted[]): Duplicates {
  const bySha = membersBy(pictures.map(({ sha256 }) => sha256));
  const distinct = [...bySha.values()];
  const first = distinct.map(([i]) => pictures[i as number] as Fingerprinted);
  const roots = Int32Array.from(distinct, (_, i) => i);
  for (const [a, b] of nearPairs(first)) roots[rootOf(roots, a)] = rootOf(roots, b);

  const groups = new Int32Array(pictures.length);
  for (const [i, members] of distinct.entries()) for (const member of members) groups[member] = rootOf(roots, i);
  const alike = membersBy(groups).values();
  return {
    groups,
    exact: distinct.filter((members) => members.length > 1),
    near: [...alike].filter((members) => new Set(members.map((i) => pictures[i]?.sha256)).size > 1),
  };
}

/** Positions of what is the same, in their order. */
function membersBy<Key>(keys: Iterable<Key>): Map<Key, number[]> {
  const members = new Map<Key, number[]>();
  let position = 0;
  for (const key of keys) {
    const found = members.get(key);
    if (found) found.push(position);
    else members.set(key, [position]);
    position += 1;
  }
  return members;
}

/** In 32 bits each. */
const WORDS = 8;

function* nearPairs(pictures: readonly Fingerprinted[]): Generator<readonly [number, number]> {
  const words = new Int32Array(pictures.length * WORDS);
  const bytes = new Uint8Array(words.buffer);
  for (const [i, { fingerprint }] of pictures.entries()) bytes.set(fingerprint, i * WORDS * 4);
  for (let a = 0; a < pictures.length; a++) {
    for (let b = firstNear(words, a, a + 1); b >= 0; b = firstNear(words, a, b + 1)) yield [a, b];
  }
}

/** The first picture from `from` on that is near to `a`, or -1: the first half nearly always says that it is not. */
function firstNear(words: Int32Array, a: number, from: number): number {
  const own = a * WORDS;
  const half = WORDS / 2;
  for (let other = from * WORDS; other < words.length; other += WORDS) {
    const distance = halfDistance(words, own, other);
    if (distance > NEAR_DUPLICATE_BITS) continue;
    if (distance + halfDistance(words, own + half, other + half) <= NEAR_DUPLICATE_BITS) return other / WORDS;
  }
  return -1;
}

/** In how many of the next 128 bits two differ: ones are counted in all four words at once (Hacker's Delight, 5-1). */
function halfDistance(words: Int32Array, a: number, b: number): number {
  const first = inBytes(onesInNibbles(words, a, b) + onesInNibbles(words, a + 1, b + 1));
  const second = inBytes(onesInNibbles(words, a + 2, b + 2) + onesInNibbles(words, a + 3, b + 3));
  return Math.imul(first + second, 0x01010101) >>> 24;
}

function onesInNibbles(words: Int32Array, a: number, b: number): number {
  const word = (words[a] as number) ^ (words[b] as number);
  const pairs = word - ((word >>> 1) & 0x55555555);
  return ((pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)) | 0;
}

const inBytes = (nibbles: number) => (nibbles & 0x0f0f0f0f) + ((nibbles >>> 4) & 0x0f0f0f0f);

/** Of a forest in which each names its parent, or itself; the way is made shorter for the next time. */
function rootOf(parents: Int32Array, of: number): number {
  let at = of;
  while (parents[at] !== at) {
    const grandparent = parents[parents[at] as number] as number;
    parents[at] = grandparent;
    at = grandparent;
  }
  return at;
}
