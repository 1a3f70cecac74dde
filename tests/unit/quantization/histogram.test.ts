import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createHistogram } from '#kaiyan/quantization/histogram.js';

const uniform = (count: number, from: number, to: number) =>
  Float32Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

describe('the range of values', () => {
  test('is from the least to the largest if all are kept', () => {
    const histogram = createHistogram();
    histogram.add(Float32Array.of(-1.5, 0, 0.25));
    histogram.add(Float32Array.of(7, 3));
    assert.deepEqual(histogram.range(100), { min: -1.5, max: 7 });
  });

  test('leaves out half of the rest at each end', () => {
    const histogram = createHistogram();
    histogram.add(uniform(100_001, -1, 1));
    const { min, max } = histogram.range(90);
    assert.ok(Math.abs(min + 0.9) < 0.002, `${min}`);
    assert.ok(Math.abs(max - 0.9) < 0.002, `${max}`);
  });

  test('does not depend on whether the large values came first or last', () => {
    const parts = [uniform(1000, -0.1, 0.1), uniform(1000, -3, 5), Float32Array.of(40)];
    const [one, other] = [parts, parts.toReversed()].map((order) => {
      const histogram = createHistogram();
      for (const part of order) histogram.add(part);
      return histogram.range(99);
    });
    assert.ok(Math.abs((one?.min ?? 0) - (other?.min ?? 1)) < 0.05);
    assert.ok(Math.abs((one?.max ?? 0) - (other?.max ?? 1)) < 0.05);
    assert.ok((one?.max ?? 40) < 6, 'the value of its own is left out');
  });

  test('of nothing but zeros is a point', () => {
    const histogram = createHistogram();
    histogram.add(new Float32Array(10));
    const { min, max } = histogram.range(99.99);
    assert.deepEqual([Math.abs(min), Math.abs(max)], [0, 0]);
  });

  test('leaves out what is no value: infinities, and the marks that pools are padded with', () => {
    const histogram = createHistogram();
    histogram.add(Float32Array.of(Number.NEGATIVE_INFINITY, -3.4e38, Number.NaN, 1, -2));
    assert.deepEqual(histogram.range(100), { min: -2, max: 1 });
  });

  test('takes in values at the very end of its reach', () => {
    const histogram = createHistogram();
    histogram.add(Float32Array.of(1, -1));
    assert.deepEqual(histogram.range(100), { min: -1, max: 1 });
  });
});
