import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { type CachedVector, createEmbeddingCache } from '#kaiyan/training/embeddings/cache.js';
import { temporaryFolder } from '../../../support/folders.js';

const DIMENSIONS = 5;

const vectorOf = (number: number): CachedVector => ({
  sha256: number.toString(16).padStart(64, '0'),
  view: number % 3,
  seed: 7.5,
  fingerprint: new Uint8Array(32).fill(number),
  vector: new Float32Array(DIMENSIONS).fill(number + 0.25),
});

const open = (folder: string, limit?: number) =>
  createEmbeddingCache({ folder, key: 'network', dimensions: DIMENSIONS, ...(limit && { limit }) });

async function add(folder: string, numbers: readonly number[], limit?: number): Promise<void> {
  const cache = open(folder, limit);
  for (const number of numbers) await cache.add(vectorOf(number));
  await cache.close();
}

/** What there is, the smallest hash first. */
async function read(folder: string): Promise<CachedVector[]> {
  const found: CachedVector[] = [];
  await open(folder).readAll((cached) => found.push(cached));
  return found.sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
}

const files = async (folder: string) =>
  (await readdir(path.join(folder, 'network'))).map((name) => path.join(folder, 'network', name)).sort();

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('the cache of vectors', () => {
  test('gives back what was put into it, by several at once', async (t) => {
    const folder = await temporaryFolder(t);
    await Promise.all([add(folder, [0, 2, 4]), add(folder, [1, 3])]);
    assert.deepEqual(await read(folder), upTo(5).map(vectorOf));
  });

  test('passes over what was written half, and what was damaged', async (t) => {
    const folder = await temporaryFolder(t);
    await add(folder, upTo(4));
    const [file = ''] = await files(folder);
    const bytes = await readFile(file);
    const size = bytes.length / 4;
    bytes[size + 70] = 255 - (bytes[size + 70] as number);
    await writeFile(file, bytes);
    await truncate(file, bytes.length - 3);
    assert.deepEqual(await read(folder), [0, 2].map(vectorOf));
  });

  test('costs nothing but time where it cannot be written or read', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(path.join(folder, 'network'), 'no folder');
    await add(folder, upTo(3));
    assert.deepEqual(await read(folder), []);
  });

  test('is bounded: what was used longest ago goes first', async (t) => {
    const folder = await temporaryFolder(t);
    await add(folder, [0]);
    const [old = ''] = await files(folder);
    await add(folder, [1]);
    await appendFile(old, '');
    await utimes(old, new Date(0), new Date(0));
    const { size } = await stat(old);
    await add(folder, [2], size * 2.5);
    assert.deepEqual(await read(folder), [1, 2].map(vectorOf));
  });

  test('does not fill up with one training that is larger than half of it', async (t) => {
    const folder = await temporaryFolder(t);
    await add(folder, upTo(64), 20_000);
    const sizes = await Promise.all((await files(folder)).map(async (file) => (await stat(file)).size));
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= 10_000);
    assert.ok((await read(folder)).length > 0);
  });
});
