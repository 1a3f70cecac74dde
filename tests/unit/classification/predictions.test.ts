import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { probabilityOf, softmax, topK } from '#kaiyan/classification/predictions.js';

function close(actual: ArrayLike<number>, expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(Math.abs((actual[i] as number) - value) < 1e-7, `${[...Array.from(actual)]} instead of ${expected}`);
  });
}

describe('softmax', () => {
  // numpy: e = np.exp(x / t - np.max(x / t)); e / e.sum()
  test('agrees with numpy', () => {
    close(softmax(Float32Array.of(1, 2, 3), 1), [0.09003057, 0.24472847, 0.66524096]);
    close(softmax(Float32Array.of(0, 0, 0, 0), 1), [0.25, 0.25, 0.25, 0.25]);
    close(softmax(Float32Array.of(-1, 4, 2.5), 0.81), [0.00179918, 0.86278927, 0.13541155]);
  });

  test('divides the logits by the temperature: below 1 sharpens, above 1 flattens', () => {
    close(softmax(Float32Array.of(1, 2, 3), 0.5), [0.01587624, 0.11731043, 0.86681333]);
    close(softmax(Float32Array.of(1, 2, 3), 2), [0.18632372, 0.30719589, 0.50648039]);
  });

  test('does not overflow, and sums to 1', () => {
    close(softmax(Float32Array.of(1e30, 0, -1e30), 0.5), [1, 0, 0]);
    close(softmax(Float32Array.of(-1000, -1001), 1), [0.73105858, 0.26894142]);
    const thousand = softmax(
      Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 50),
      0.81,
    );
    assert.ok(Math.abs(thousand.reduce((sum, value) => sum + value, 0) - 1) < 1e-12);
  });
});

describe('top k', () => {
  const values = Float64Array.of(0.1, 0.4, 0.05, 0.3, 0.15);

  test('is the largest first', () => {
    assert.deepEqual(topK(values, 3), [1, 3, 4]);
  });

  test('is all of them, at most', () => {
    assert.deepEqual(topK(values, 5), [1, 3, 4, 0, 2]);
    assert.deepEqual(topK(values, 5000), [1, 3, 4, 0, 2]);
  });

  test('keeps equal ones in their order, at the edge too', () => {
    assert.deepEqual(topK(Float64Array.of(0.2, 0.2, 0.2, 0.4), 3), [3, 0, 1]);
    assert.deepEqual(topK(new Float64Array(6), 4), [0, 1, 2, 3]);
  });

  test('agrees with sorting for a thousand values', () => {
    const many = Float64Array.from({ length: 1000 }, (_, i) => ((i * 7919) % 1009) / 1009);
    const sorted = [...many.keys()].sort((a, b) => (many[b] as number) - (many[a] as number));
    assert.deepEqual(topK(many, 50), sorted.slice(0, 50));
  });
});

describe('the probability of several classes', () => {
  test('is their sum, never over 1', () => {
    assert.equal(probabilityOf([0, 2], Float64Array.of(0.25, 0.5, 0.125)), 0.375);
    assert.equal(probabilityOf([0, 1], Float64Array.of(0.7, 0.30000000000000004)), 1);
    assert.equal(probabilityOf([], Float64Array.of(1)), 0);
  });
});
