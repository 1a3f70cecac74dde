import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  activationScale,
  leastWeightScale,
  quantizeBias,
  quantizeWeights,
} from '#kaiyan/quantization/quantize-values.js';

describe('the scale of an 8-bit value', () => {
  test('has zero as a number of its own', () => {
    for (const range of [
      { min: -1, max: 2 },
      { min: 0.5, max: 2 },
      { min: -3, max: -1 },
    ]) {
      const { scale, zeroPoint } = activationScale(range);
      assert.ok(Number.isInteger(zeroPoint) && zeroPoint >= 0 && zeroPoint <= 255);
      const reach = [-zeroPoint * scale, (255 - zeroPoint) * scale] as const;
      assert.ok(reach[0] <= Math.min(0, range.min) + scale && reach[1] >= Math.max(0, range.max) - scale);
    }
  });

  test('of a value that is always zero is no division by zero', () => {
    assert.deepEqual(activationScale({ min: 0, max: 0 }), { scale: 1, zeroPoint: 0 });
  });
});

describe('weights', () => {
  const weights = Float32Array.of(-1, 0.5, 0.25, 100, -49, 0);

  test('of each channel use all of its integers', () => {
    const { values, scales } = quantizeWeights(weights, 2, 8);
    assert.deepEqual([...values], [-127, 64, 32, 127, -62, 0]);
    assert.deepEqual([...scales], [Math.fround(1 / 127), Math.fround(100 / 127)]);
  });

  test('of 7 bits have sums of products that fit into 16 bits', () => {
    const { values } = quantizeWeights(weights, 2, 7);
    assert.equal(Math.max(...values.map(Math.abs)), 63);
    assert.ok(2 * 255 * 63 < 2 ** 15);
  });

  test('of a channel that is all zero stay zero', () => {
    assert.deepEqual([...quantizeWeights(new Float32Array(4), 1, 8).values], [0, 0, 0, 0]);
  });
});

test('weights that are as good as zero leave their bias within 32 bits', () => {
  const [bias, inputScale] = [-7.07, 0.02];
  const least = Float32Array.of(leastWeightScale(bias, inputScale));
  const { values, scales } = quantizeWeights(Float32Array.of(1.4e-7, -1e-8), 1, 8, least);
  assert.deepEqual([...values].map(Math.abs), [0, 0]);
  const step = (scales[0] as number) * inputScale;
  const [steps = 0] = quantizeBias(Float32Array.of(bias), Float32Array.of(step));
  assert.ok(Math.abs(steps * step - bias) < 1e-6, `${steps * step}`);
});

test('a bias has the steps of the sums that it is added to, and stays within 32 bits', () => {
  assert.deepEqual(
    [...quantizeBias(Float32Array.of(1, -0.26, 1e30), Float32Array.of(0.5, 0.1, 1e-9))],
    [2, -3, 2 ** 31 - 1],
  );
});
