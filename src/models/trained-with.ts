/**
 * Which pictures a model has learned from, in a file beside its manifest: the first bytes of their SHA-256, in ascending order. It
 * tells of a picture that somebody has whether it was among them, and else nothing: neither what it shows nor its class.
 */
import { copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Bundle } from './bundle.js';

type InFolder = Pick<Bundle, 'folder'>;

export const TRAINED_WITH = 'trained-with.bin';

/** Of each hash: among a million pictures, one that was not there is taken for one of them with a probability of 10^-13. */
const BYTES = 8;
/** More are not kept, nor read: 8 MB. */
const MOST_PICTURES = 1_000_000;

const beginningOf = (sha256: string) => sha256.slice(0, 2 * BYTES);

/**
 * Beside those of the model that it began with, if that was trained. Nothing is written where there are too many, nor where that
 * one has no list: half of them would look like all.
 */
export async function writeTrainedWith(
  folder: string,
  sha256s: readonly string[],
  base: Pick<Bundle, 'folder' | 'manifest'>,
): Promise<void> {
  const earlier = await readTrainedWith(base);
  if (base.manifest.training && !earlier) return;
  const all = new Set([...(earlier ?? []), ...sha256s.map(beginningOf)]);
  if (all.size > MOST_PICTURES) return;
  await writeFile(path.join(folder, TRAINED_WITH), Buffer.from([...all].sort().join(''), 'hex'));
}

/** The beginnings of their hashes; undefined for a model without such a list, and for one that is not whole. */
async function readTrainedWith({ folder }: InFolder): Promise<ReadonlySet<string> | undefined> {
  const file = path.join(folder, TRAINED_WITH);
  const { size = 0 } = (await stat(file).catch(() => undefined)) ?? {};
  if (size === 0 || size % BYTES !== 0 || size > BYTES * MOST_PICTURES) return undefined;
  const digits = (await readFile(file).catch(() => undefined))?.toString('hex');
  return digits === undefined ? undefined : new Set(digits.match(/.{16}/g));
}

/** How many pictures a model has learned from, by their SHA-256; null where nothing tells. */
export async function countTrainedWith(bundle: InFolder, sha256s: readonly string[]): Promise<number | null> {
  const known = await readTrainedWith(bundle);
  return known ? sha256s.filter((sha256) => known.has(beginningOf(sha256))).length : null;
}

/** For the same model in another folder; one that has no list needs none. */
export async function copyTrainedWith(from: string, to: string): Promise<void> {
  await copyFile(path.join(from, TRAINED_WITH), path.join(to, TRAINED_WITH)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
