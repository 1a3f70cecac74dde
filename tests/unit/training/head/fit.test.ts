import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fitHead } from '#kaiyan/training/head/fit.js';
import type { LinearHead } from '#kaiyan/training/head/linear-head.js';
import { rejectsWith } from '../../../support/errors.js';

const { signal } = new AbortController();
const [COUNT, DIMENSIONS, CLASSES] = [45, 5, 3];

const vectors = Float32Array.from({ length: COUNT * DIMENSIONS }, (_, at) => {
  const [i, k] = [Math.floor(at / DIMENSIONS), at % DIMENSIONS];
  return Math.sin(1 + i * (k + 1) * 0.7) + (i % 3 === k % 3 ? 0.6 : 0);
});
const labels = Int32Array.from({ length: COUNT }, (_, i) => (i % 7 === 0 ? (i + 1) % 3 : i % 3));
const weights = Float32Array.from(labels, (label) => (label === 0 ? 0.5 : 1));

/**
 * scikit-learn 1.9.1: `LogisticRegression(C=1/(0.02*W.sum()), tol=1e-12).fit(z, y, sample_weight=W)`, with `z` the vectors less
 * their weighted mean, divided by their weighted standard deviation; `predict_proba` of the first six.
 */
const SCIKIT_LEARN: readonly (readonly number[])[] = [
  [0.51941, 0.47548, 0.00511],
  [0.13222, 0.65489, 0.21289],
  [0.01739, 0.29482, 0.68779],
  [0.75666, 0.13406, 0.10928],
  [0.03232, 0.93499, 0.03268],
  [0.0595, 0.15766, 0.78284],
];

function probabilitiesOf({ weights: rows, bias }: LinearHead, i: number): number[] {
  const powers = Array.from(bias, (start, c) => {
    let sum = start;
    for (let k = 0; k < DIMENSIONS; k++)
      sum += (rows[c * DIMENSIONS + k] as number) * (vectors[i * DIMENSIONS + k] as number);
    return Math.exp(sum);
  });
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

describe('a fitted head', () => {
  test("is the one of scikit-learn's logistic regression", async () => {
    const head = await fitHead({ vectors, labels, weights }, { classes: CLASSES, regularisation: 0.02, signal });
    for (const [i, expected] of SCIKIT_LEARN.entries()) {
      for (const [c, probability] of probabilitiesOf(head, i).entries())
        assert.ok(
          Math.abs(probability - (expected[c] as number)) < 1e-3,
          `picture ${i}: ${probability} for ${expected[c]}`,
        );
    }
  });

  test('is the same wherever it begins', async () => {
    const options = { classes: CLASSES, regularisation: 0.02, signal };
    const head = await fitHead({ vectors, labels, weights }, options);
    const start = await fitHead({ vectors, labels: labels.map((label) => 2 - label) }, options);
    const again = await fitHead({ vectors, labels, weights }, { ...options, start });
    for (const [c, probability] of probabilitiesOf(head, 3).entries())
      assert.ok(Math.abs(probability - (probabilitiesOf(again, 3)[c] as number)) < 1e-3);
  });

  test('owes nothing to what counts nothing', async () => {
    const options = { classes: CLASSES, regularisation: 0.1, signal };
    const none = weights.map((weight, i) => (i < 30 ? weight : 0));
    const wrong = labels.map((label, i) => (i < 30 ? label : 0));
    const masked = await fitHead({ vectors, labels: wrong, weights: none }, options);
    const alone = await fitHead(
      {
        vectors: vectors.subarray(0, 30 * DIMENSIONS),
        labels: labels.subarray(0, 30),
        weights: weights.subarray(0, 30),
      },
      options,
    );
    for (const [i, weight] of masked.weights.entries())
      assert.ok(Math.abs(weight - (alone.weights[i] as number)) < 1e-2, `${weight} and ${alone.weights[i]}`);
  });

  test('comes to nothing if it is aborted', async () => {
    const aborted = AbortSignal.abort();
    await rejectsWith(
      fitHead({ vectors, labels }, { classes: CLASSES, regularisation: 1, signal: aborted }),
      'ABORTED',
    );
  });
});
