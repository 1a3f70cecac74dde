import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { resizeAndCrop } from '#kaiyan/image/geometry.js';
import type { InputSpec } from '#kaiyan/image/input-spec.js';

const spec = (shortSide: number, width: number, height = width): InputSpec => ({
  width,
  height,
  resize: { shortSide, filter: 'bilinear' },
  mean: [0, 0, 0],
  std: [1, 1, 1],
});

/**
 * Worked out by hand from torchvision.transforms.functional: the long side is int(256 * long / short), the crop begins
 * at int(round((side - crop) / 2)), and Python rounds half to even.
 */
const expected: readonly [
  name: string,
  source: [number, number],
  spec: InputSpec,
  result: [number, number, number, number],
][] = [
  ['a landscape, whose long side is truncated', [500, 375], spec(256, 224), [341, 256, 58, 16]],
  ['a portrait', [375, 500], spec(256, 224), [256, 341, 16, 58]],
  ['58.5 rounds to 58, not to 59', [341, 256], spec(256, 224), [341, 256, 58, 16]],
  ['59.5 rounds to 60, not to 59', [343, 256], spec(256, 224), [343, 256, 60, 16]],
  ['0.5 rounds to 0', [257, 256], spec(256, 256), [257, 256, 0, 0]],
  ['1.5 rounds to 2', [259, 256], spec(256, 256), [259, 256, 2, 0]],
  ['a square', [1000, 1000], spec(256, 224), [256, 256, 16, 16]],
  ['one pixel', [1, 1], spec(256, 224), [256, 256, 16, 16]],
  ['a picture smaller than the crop', [10, 7], spec(256, 224), [365, 256, 70, 16]],
  ['a line one pixel high', [2000, 1], spec(256, 224), [512_000, 256, 255_888, 16]],
  ['efficientnet-lite2', [500, 333], spec(292, 260), [438, 292, 89, 16]],
  ['a crop that is not square', [600, 400], spec(256, 224, 192), [384, 256, 80, 32]],
];

describe("TorchVision's geometry", () => {
  for (const [name, [width, height], input, [newWidth, newHeight, left, top]] of expected) {
    test(name, () => {
      assert.deepEqual(resizeAndCrop(width, height, input), { width: newWidth, height: newHeight, left, top });
    });
  }

  test('the crop is always inside the resized picture', () => {
    for (let width = 1; width < 700; width += 13)
      for (let height = 1; height < 700; height += 17) {
        const resized = resizeAndCrop(width, height, spec(256, 224));
        assert.equal(Math.min(resized.width, resized.height), 256);
        assert.ok(resized.left >= 0 && resized.left + 224 <= resized.width);
        assert.ok(resized.top >= 0 && resized.top + 224 <= resized.height);
      }
  });
});
