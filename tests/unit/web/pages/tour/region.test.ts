import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { regionOf } from '#page/pages/tour/region.js';

describe('zooming in to the pixels', () => {
  const size = { width: 451, height: 300 };
  const middle = { x: 0.5, y: 0.5 };

  test('begins with all of the shorter side and ends with a few whole pixels', () => {
    assert.deepEqual(regionOf(size, middle, 0), { x: 76, y: 0, side: 300 });
    assert.deepEqual(regionOf(size, middle, 1), { x: 222, y: 146, side: 8 });
  });

  test('enlarges alike with each step', () => {
    const sides = [0, 0.25, 0.5, 0.75, 1].map((zoom) => regionOf({ width: 4096, height: 4096 }, middle, zoom).side);
    const factors = sides.slice(1).map((side, i) => (sides[i] ?? 0) / side);
    for (const factor of factors) assert.ok(Math.abs(factor - 512 ** 0.25) < 0.1, `${factors}`);
  });

  test('stays within the picture, also in a corner and where there are fewer pixels', () => {
    assert.deepEqual(regionOf(size, { x: 1, y: 1 }, 1), { x: 443, y: 292, side: 8 });
    assert.deepEqual(regionOf(size, { x: 0, y: 0 }, 0.5), { x: 0, y: 0, side: 49 });
    assert.deepEqual(regionOf({ width: 3, height: 2 }, middle, 1), { x: 1, y: 0, side: 2 });
  });
});
