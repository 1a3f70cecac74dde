import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cover, occlusionMap } from '#kaiyan/explanation/occlusion.js';
import type { InputSpec } from '#kaiyan/image/input-spec.js';
import { rejectionOf } from '../../support/errors.js';

const spec: InputSpec = {
  ...{ width: 70, height: 140 },
  resize: { shortSide: 140, filter: 'bilinear' },
  mean: [123.675, 300, -5],
  std: [1, 1, 1],
};
const white = new Uint8Array(spec.width * spec.height * 3).fill(255);
const redAt = (pixels: Uint8Array, x: number, y: number) => pixels[(y * spec.width + x) * 3];

describe('a covered part', () => {
  test('has the mean colour, as near as a byte can be, and nothing else is touched', () => {
    const covered = cover(white, spec, { x: 10, y: 20, width: 3, height: 2 });
    for (let y = 0; y < spec.height; y++) {
      for (let x = 0; x < spec.width; x++) {
        const inside = x >= 10 && x < 13 && y >= 20 && y < 22;
        const colour = [...covered.subarray((y * spec.width + x) * 3).subarray(0, 3)];
        assert.deepEqual(colour, inside ? [124, 255, 0] : [255, 255, 255], `${x}, ${y}`);
      }
    }
    assert.ok(white.every((value) => value === 255));
  });
});

describe('a map by occlusion', () => {
  /** A network that sees one pixel alone, in the lower right of the cell in row 4 and column 1. */
  const seesOnePixel = (pixels: Uint8Array) => (redAt(pixels, 17, 95) === 255 ? 0.9 : 0.2);

  test('is hot where the covered part takes the class away, and cold elsewhere', async () => {
    const { rows, columns, values } = await occlusionMap({
      ...{ crop: white, spec, probability: 0.9 },
      probabilityOf: async (pixels) => seesOnePixel(pixels),
    });
    assert.deepEqual([rows, columns, values.length], [7, 7, 49]);
    const hot = values.flatMap((value, i) => (value > 0.5 ? [[Math.floor(i / 7), i % 7]] : []));
    // A patch is two cells wide, so those of four cells have the pixel in them.
    assert.deepEqual(hot, [
      [4, 1],
      [4, 2],
      [5, 1],
      [5, 2],
    ]);
    for (const value of values) assert.ok(Math.abs(value) < 1e-12 || Math.abs(value - 0.7) < 1e-12);
  });

  test('covers every pixel, and takes 49 runs of which at most two are in work', async () => {
    const seen = new Uint8Array(spec.width * spec.height);
    let [runs, inWork, most] = [0, 0, 0];
    await occlusionMap({
      ...{ crop: white, spec, probability: 1 },
      probabilityOf: async (pixels) => {
        runs += 1;
        inWork += 1;
        most = Math.max(most, inWork);
        for (let i = 0; i < seen.length; i++) if (pixels[i * 3] !== 255) seen[i] = 1;
        await new Promise(setImmediate);
        inWork -= 1;
        return 0;
      },
    });
    assert.deepEqual([runs, most], [49, 2]);
    assert.ok(seen.every((times) => times === 1));
  });

  test('stops with the first run that fails', async () => {
    let runs = 0;
    const failure = await rejectionOf(
      occlusionMap({
        ...{ crop: white, spec, probability: 1 },
        probabilityOf: async () => {
          runs += 1;
          await new Promise(setImmediate);
          throw new Error('no luck');
        },
      }),
    );
    assert.equal((failure as Error).message, 'no luck');
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(runs, 2);
  });
});
