import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '#kaiyan/random.js';
import type { Embeddings } from '#kaiyan/training/embeddings/embeddings.js';
import { crossValidate } from '#kaiyan/training/head/cross-validate.js';

const { signal } = new AbortController();
const DIMENSIONS = 24;

/** Vectors of random numbers, which `shift` moves for each picture. */
function embeddingsOf(count: number, shift: (picture: number, k: number) => number, views = 1): Embeddings {
  const random = createRandom('vectors');
  const vectors = Float32Array.from({ length: count * views * DIMENSIONS }, (_, at) => {
    const picture = Math.floor(at / DIMENSIONS / views);
    return random.next() - 0.5 + shift(picture, at % DIMENSIONS);
  });
  const at = (picture: number, view: number) => (picture * views + view) * DIMENSIONS;
  const picture = { picture: { path: '', name: '', label: 0 }, sha256: '', fingerprint: new Uint8Array(32) };
  return {
    ...{ dimensions: DIMENSIONS, views, vectors, unreadable: [] },
    pictures: Array.from({ length: count }, () => picture),
    vector: (i, view) => vectors.subarray(at(i, view), at(i, view) + DIMENSIONS),
  };
}

const each = (count: number) => Int32Array.from({ length: count }, (_, i) => i);

describe('cross-validation', () => {
  test('finds that classes can be told apart, with fewer of one than there are folds', async () => {
    const labels = Int32Array.from({ length: 63 }, (_, i) => (i < 60 ? i % 2 : 2));
    const embeddings = embeddingsOf(63, (picture, k) => (k === labels[picture] ? 3 : 0), 2);
    const { accuracy, probabilities, loss } = await crossValidate(embeddings, labels, each(63), {
      classes: 3,
      seed: 1,
      signal,
    });
    assert.ok(accuracy > 0.9, `${accuracy}`);
    assert.ok(loss < 0.3, `${loss}`);
    for (let i = 0; i < 63; i++) {
      const sum = probabilities.subarray(i * 3, i * 3 + 3).reduce((total, one) => total + one, 0);
      assert.ok(Math.abs(sum - 1) < 1e-5);
    }
  });

  test('is not taken in by copies: they are asked about together', async () => {
    const random = createRandom('labels');
    const ofGroup = Array.from({ length: 20 }, () => random.below(2));
    const groups = Int32Array.from({ length: 160 }, (_, i) => Math.floor(i / 8));
    const labels = groups.map((group) => ofGroup[group] as number);
    // Eight copies of each, and labels by chance: who has seen a copy knows the label, who has not does not.
    const places = Array.from({ length: 20 * DIMENSIONS }, () => random.next() * 8);
    const embeddings = embeddingsOf(
      160,
      (picture, k) => places[(groups[picture] as number) * DIMENSIONS + k] as number,
    );
    const fair = await crossValidate(embeddings, labels, groups, { classes: 2, seed: 1, signal });
    const unfair = await crossValidate(embeddings, labels, each(160), { classes: 2, seed: 1, signal });
    assert.ok(fair.accuracy < 0.75, `${fair.accuracy}`);
    assert.ok(unfair.accuracy > 0.9, `${unfair.accuracy}`);
  });

  test('is the same for the same seed', async () => {
    const labels = Int32Array.from({ length: 50 }, (_, i) => i % 2);
    const embeddings = embeddingsOf(50, (picture, k) => (k === labels[picture] ? 0.3 : 0));
    const validate = () => crossValidate(embeddings, labels, each(50), { classes: 2, seed: 4, signal });
    assert.deepEqual(await validate(), await validate());
  });

  test('has nothing to do with pictures that are left out', async () => {
    const labels = Int32Array.from({ length: 60 }, (_, i) => i % 2);
    const embeddings = embeddingsOf(60, (picture, k) => (k === labels[picture] ? 0.5 : 0));
    const leftOut = new Set([50, 51, 52, 53, 54, 55, 56, 57, 58, 59]);
    const validate = (some: Int32Array) =>
      crossValidate(embeddings, some, each(60), { classes: 2, seed: 4, signal, leftOut });
    const right = await validate(labels);
    const wrong = await validate(labels.map((label, i) => (leftOut.has(i) ? 1 - label : label)));
    assert.deepEqual(right, wrong);
    assert.ok(right.probabilities.subarray(0, 100).every((one) => one > 0));
  });

  test('says that it knows nothing where nothing can be held out', async () => {
    const { accuracy, probabilities } = await crossValidate(
      embeddingsOf(1, () => 0),
      Int32Array.of(0),
      each(1),
      {
        ...{ classes: 2, seed: 0, signal },
      },
    );
    assert.equal(accuracy, 0.5);
    assert.deepEqual([...probabilities], [0.5, 0.5]);
  });

  test('says so too where all pictures are copies of one, each of another class', async () => {
    const embeddings = embeddingsOf(3, () => 0);
    const found = await crossValidate(embeddings, each(3), new Int32Array(3), { classes: 3, seed: 0, signal });
    assert.deepEqual([found.accuracy, Number.isFinite(found.regularisation), found.temperature], [1 / 3, true, 1]);
    assert.ok(found.probabilities.every((one) => Math.abs(one - 1 / 3) < 1e-6));
  });
});
