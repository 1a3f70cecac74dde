import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { startClassifier } from '#kaiyan/classification/classifier.js';
import { settingsWith } from '#kaiyan/config.js';
import { readDataset } from '#kaiyan/dataset/read-dataset.js';
import { openBundle } from '#kaiyan/models/bundle.js';
import { embedPictures } from '#kaiyan/training/embeddings/embed.js';
import type { Embeddings } from '#kaiyan/training/embeddings/embeddings.js';
import { hashPictures } from '#kaiyan/training/embeddings/hash-pictures.js';
import { embedded } from '../../../support/bundles.js';
import { rejectsWith } from '../../../support/errors.js';
import { temporaryFolder } from '../../../support/folders.js';
import { drawOwnPictures } from '../../../support/own-pictures.js';

const bundle = await openBundle(embedded('efficientnet-lite0'));

async function setUp(t: Parameters<typeof temporaryFolder>[0]) {
  const home = await temporaryFolder(t);
  const folder = await drawOwnPictures(path.join(home, 'pictures'), { a: 2, b: 2 });
  const { pictures } = await readDataset(folder);
  const settings = settingsWith({ home });
  const embed = (views: number, seed = 0) =>
    embedPictures(pictures, bundle, {
      ...{ views, seed, settings, signal: new AbortController().signal, onProgress: () => undefined },
    });
  return { home, pictures, settings, embed };
}

const distance = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));

const vectorsOf = ({ pictures, views, vector }: Embeddings) =>
  pictures.flatMap((_, picture) => Array.from({ length: views }, (_, view) => [...vector(picture, view)]));

describe('embedding pictures', () => {
  test('gives the vector that the classifier comes by in FP32, and other ones for changed views', async (t) => {
    const { pictures, settings, embed } = await setUp(t);
    const embeddings = await embed(3);
    const classifier = await startClassifier(bundle, { settings, precision: 'fp32' });
    t.after(classifier.close);
    for (const [i, { path: file }] of pictures.entries()) {
      const bytes = await readFile(file);
      const answered = await classifier.inspect(bytes, { outputs: ['embedding'] }, async ({ outputs }) =>
        Float32Array.from(outputs.get('embedding')?.data ?? []),
      );
      assert.equal(answered.length, embeddings.dimensions);
      assert.ok(distance(answered, embeddings.vector(i, 0)) < 1e-5);
      assert.ok(distance(answered, embeddings.vector(i, 1)) > 1e-2);
      assert.ok(distance(embeddings.vector(i, 1), embeddings.vector(i, 2)) > 1e-2);
    }
  });

  test('is the same for the same seed, with a cache or without; another seed changes the views alone', async (t) => {
    const { home, embed } = await setUp(t);
    const first = await embed(2);
    const records = async () => (await readdir(path.join(home, 'cache/embeddings'), { recursive: true })).length;
    const before = await records();
    const again = await embed(2);
    assert.deepEqual(vectorsOf(again), vectorsOf(first));
    assert.deepEqual(again.pictures, first.pictures);
    assert.equal(await records(), before, 'nothing had to be calculated again');
    const { embed: elsewhere } = await setUp(t);
    assert.deepEqual(vectorsOf(await elsewhere(2)), vectorsOf(first));
    const other = await embed(2, 1);
    assert.deepEqual([...other.vector(1, 0)], [...first.vector(1, 0)]);
    assert.notDeepEqual([...other.vector(1, 1)], [...first.vector(1, 1)]);
  });

  test('tells which pictures cannot be read, and gives the others in their order', async (t) => {
    const { pictures, embed } = await setUp(t);
    const whole = await embed(2);
    await writeFile(pictures[1]?.path ?? '', 'no picture');
    const { pictures: readable, unreadable, ...rest } = await embed(2);
    assert.deepEqual(
      readable.map(({ picture }) => picture.name),
      [0, 2, 3].map((i) => pictures[i]?.name),
    );
    assert.deepEqual([...rest.vector(1, 1)], [...whole.vector(2, 1)]);
    assert.deepEqual(
      unreadable.map(({ picture, error }) => [picture.name, error.code]),
      [[pictures[1]?.name, 'IMAGE_UNSUPPORTED']],
    );
  });

  test('does not mix the views of a picture with those of what its file was before', async (t) => {
    const { pictures, settings, embed } = await setUp(t);
    await embed(1);
    const signal = new AbortController().signal;
    const hashes = await hashPictures(pictures, { settings, signal });
    const [changed = '', other = ''] = [pictures[1]?.path, pictures[3]?.path];
    await writeFile(changed, await readFile(other));
    const options = { views: 2, seed: 0, settings, signal, onProgress: () => undefined, hashes };
    const { vector, pictures: embeddedOnes } = await embedPictures(pictures, bundle, options);
    assert.equal(embeddedOnes[1]?.sha256, embeddedOnes[3]?.sha256);
    for (const view of [0, 1]) assert.ok(distance(vector(1, view), vector(3, view)) < 1e-5, `view ${view}`);
  });

  test('ends when it is aborted, and leaves what it has', async (t) => {
    const { home, pictures, settings, embed } = await setUp(t);
    const controller = new AbortController();
    const onProgress = (done: number) => done === 2 && controller.abort();
    const options = { views: 2, seed: 0, settings, signal: controller.signal, onProgress };
    await rejectsWith(embedPictures(pictures, bundle, options), 'ABORTED');
    assert.equal((await readdir(path.join(home, 'cache/embeddings'), { recursive: true })).length, 2);
    assert.equal((await embed(2)).pictures.length, 4);
  });

  test('needs FP32', async (t) => {
    const { pictures, settings } = await setUp(t);
    const options = { views: 1, seed: 0, settings, signal: new AbortController().signal, onProgress: () => undefined };
    const int8 = await openBundle(embedded('efficientnet-lite2'));
    await rejectsWith(embedPictures(pictures, int8, options), 'PRECISION_UNAVAILABLE');
  });
});
