/** Which pictures are copies of each other: the same bytes, or nearly the same pixels. */
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import { AppError } from '../errors.js';
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

/** Others have their turn after so many comparisons: some milliseconds. */
const COMPARISONS_A_TURN = 500_000;

/**
 * Compares every picture with every other that is not known to be its copy, but mostly half of their fingerprints: 50,000
 * pictures take some 15 seconds.
 * @throws AppError ABORTED
 */
export async function groupDuplicates(pictures: readonly Fingerprinted[], signal: AbortSignal): Promise<Duplicates> {
  const distinct = [...membersBy(pictures.map(({ sha256 }) => sha256)).values()];
  const first = distinct.map(([i]) => pictures[i as number] as Fingerprinted);
  const groups = new Int32Array(pictures.length);
  for (const [i, group] of (await groupNear(first, signal)).entries())
    for (const member of distinct[i] ?? []) groups[member] = group;
  const alike = membersBy(groups).values();
  return {
    groups,
    exact: distinct.filter((members) => members.length > 1),
    near: [...alike].filter((members) => new Set(members.map((i) => pictures[i]?.sha256)).size > 1),
  };
}

/** Positions of what is the same, in their order. */
export function membersBy<Key>(keys: Iterable<Key>): Map<Key, number[]> {
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

/** For each a number that those have too which are near to it, and those near to these. */
async function groupNear(pictures: readonly Fingerprinted[], signal: AbortSignal): Promise<Int32Array> {
  const words = new Int32Array(pictures.length * WORDS);
  const bytes = new Uint8Array(words.buffer);
  for (const [i, { fingerprint }] of pictures.entries()) bytes.set(fingerprint, i * WORDS * 4);

  const groups = new Int32Array(pictures.length);
  // Those in no group yet: what has joined one is not compared again, so that many copies take less work, not more.
  const rest = Int32Array.from(pictures.keys());
  let [left, group, comparisons] = [rest.length, 0, 0];
  while (left > 0) {
    const found = [rest[--left] as number];
    for (const one of found) {
      groups[one] = group;
      comparisons += left;
      if (comparisons > COMPARISONS_A_TURN) {
        comparisons = 0;
        await turnOfOthers();
        if (signal.aborted) throw new AppError('ABORTED', {});
      }
      left = takeNear(words, one, rest.subarray(0, left), found);
    }
    group += 1;
  }
  return groups;
}

/** Moves those that are near to `one` from `rest` to `found`; gives how many are left, at its beginning. */
function takeNear(words: Int32Array, one: number, rest: Int32Array, found: number[]): number {
  let left = 0;
  for (let i = 0; i < rest.length; i++) {
    const other = rest[i] as number;
    if (isNear(words, one * WORDS, other * WORDS)) found.push(other);
    else rest[left++] = other;
  }
  return left;
}

/** The first half nearly always says that it is not. */
function isNear(words: Int32Array, a: number, b: number): boolean {
  const half = WORDS / 2;
  const distance = halfDistance(words, a, b);
  if (distance > NEAR_DUPLICATE_BITS) return false;
  return distance + halfDistance(words, a + half, b + half) <= NEAR_DUPLICATE_BITS;
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
