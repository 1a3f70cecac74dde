/** Corrections on the disk: `KAIYAN_HOME/corrections/SHA256.jpg` and, written after it, what was said in `SHA256.json`. */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import type { ImageFormat } from '../image/format.js';
import { type Correction, recordSchema } from './correction.js';

export const correctionsFolder = (home: string): string => path.join(home, 'corrections');

const ENDINGS: Readonly<Record<ImageFormat, string>> = {
  ...{ JPEG: 'jpg', PNG: 'png', WebP: 'webp', GIF: 'gif', TIFF: 'tif', AVIF: 'avif', BMP: 'bmp', HEIC: 'heic' },
};
const PICTURE = new RegExp(`^([0-9a-f]{64})\\.(?:${Object.values(ENDINGS).join('|')})$`);

export const pictureName = (id: string, format: ImageFormat): string => `${id}.${ENDINGS[format]}`;
export const recordName = (id: string): string => `${id}.json`;

/** A file that is being written; see `writeDurably`. */
const isDraft = (name: string): boolean => name.startsWith('.');

export interface Kept {
  readonly correction: Correction;
  /** Of its picture. */
  readonly path: string;
}

const AT_ONCE = 64;

/** The newest first. What is not whole, or not a correction, is passed over. */
export async function readKept(folder: string): Promise<readonly Kept[]> {
  const names = await namesIn(folder);
  const there = new Set(names);
  const complete = names.flatMap((name) => {
    const id = PICTURE.exec(name)?.[1];
    return id !== undefined && there.has(recordName(id)) ? [{ id, name }] : [];
  });
  const kept: Kept[] = [];
  for (let from = 0; from < complete.length; from += AT_ONCE) {
    const some = complete.slice(from, from + AT_ONCE);
    const read = await Promise.all(some.map(({ id, name }) => readOne(folder, id, name)));
    kept.push(...read.filter((one) => one !== undefined));
  }
  return kept.sort(({ correction: a }, { correction: b }) => order(b.created, a.created) || order(a.id, b.id));
}

const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

async function readOne(folder: string, id: string, name: string): Promise<Kept | undefined> {
  try {
    const record = v.parse(recordSchema, JSON.parse(await readFile(path.join(folder, recordName(id)), 'utf8')));
    return { correction: { id, ...record }, path: path.join(folder, name) };
  } catch {
    return undefined;
  }
}

/** None if there is no such folder. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR'].includes(code)) return [];
    throw error;
  }
}

/** Nobody writes a picture for that long. */
const ABANDONED_MS = 3_600_000;

/** Deletes what processes have left that were ended in the middle: no picture stays that is not in the list. */
export async function sweep(folder: string): Promise<void> {
  const names = await namesIn(folder);
  const there = new Set(names);
  for (const name of names) {
    const id = PICTURE.exec(name)?.[1];
    const isLeft = isDraft(name) || (id !== undefined && !there.has(recordName(id)));
    if (!isLeft) continue;
    const file = path.join(folder, name);
    const { mtimeMs } = (await stat(file).catch(() => undefined)) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > ABANDONED_MS) await rm(file, { force: true }).catch(() => undefined);
  }
}
