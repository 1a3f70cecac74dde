import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import sharp from 'sharp';
import { colourOf } from '#kaiyan/image/colour-map.js';
import { drawHeat, prepareCanvas, refine } from '#kaiyan/image/heat.js';
import type { DecodedImage } from '#kaiyan/image/input-spec.js';
import { greyImage } from '../../support/bundles.js';

const grid = (rows: number, columns: number, values: readonly number[]) => ({ rows, columns, values });

describe('a refined grid', () => {
  test('has the numbers of the cells in their middles, and goes on beyond those at the edges', () => {
    const exact = refine(grid(2, 3, [1, 5, 3, -2, 0, 8]), 3, 2);
    assert.deepEqual(
      [...exact].map((value) => Math.round(value * 1e9) / 1e9 + 0),
      [1, 5, 3, -2, 0, 8],
    );
    const flat = refine(grid(2, 2, [4, 4, 4, 4]), 16, 16);
    assert.ok(flat.every((value) => Math.abs(value - 4) < 1e-9));
  });

  test('keeps a slope straight', () => {
    const fine = refine(grid(1, 7, [0, 1, 2, 3, 4, 5, 6]), 70, 1);
    for (let x = 15; x < 55; x++) assert.ok(Math.abs((fine[x] ?? 0) - ((x + 0.5) / 10 - 0.5)) < 1e-9);
  });
});

describe('the colours of heat', () => {
  test('are those of Inferno, and grow lighter with every step', () => {
    // matplotlib: [round(255 * c) for c in matplotlib.colormaps['inferno'](i)] for 0, 64, 128, 192 and 255.
    for (const [i, expected] of [
      [0, [0, 0, 4]],
      [64, [87, 16, 110]],
      [128, [188, 55, 84]],
      [192, [249, 142, 9]],
      [255, [252, 255, 164]],
    ] as const) {
      const found = colourOf(i / 255);
      for (const [channel, value] of expected.entries())
        assert.ok(Math.abs((found[channel] ?? 0) - value) <= 2, `${i}: ${found}`);
    }
    const lightness = Array.from({ length: 256 }, (_, i) => {
      const [red, green, blue] = colourOf(i / 255);
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    });
    for (const [i, light] of lightness.entries()) assert.ok(i === 0 || light >= (lightness[i - 1] ?? 0) - 1, `${i}`);
  });

  test('stay within the scale', () => {
    assert.deepEqual(colourOf(-3), colourOf(0));
    assert.deepEqual(colourOf(7), colourOf(1));
  });
});

describe('heat over a picture', () => {
  const draw = async (image: DecodedImage, values: readonly number[], options: Parameters<typeof drawHeat>[2]) => {
    const png = await drawHeat(await prepareCanvas(image), grid(2, 2, values), options);
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * info.channels).subarray(0, 3)];
    return { at, info, format: (await sharp(png).metadata()).format };
  };
  const crop = { x: 100, y: 50, width: 200, height: 100 };

  test('has its colours within the crop alone, where the grid is, and the rest is darker', async () => {
    const { at, info, format } = await draw(greyImage(400, 200), [0, 1, 0, 0], { crop, opacity: 1 });
    assert.deepEqual([format, info.width, info.height, info.channels], ['png', 400, 200, 3]);
    const near = (found: readonly number[], expected: readonly number[]) =>
      assert.ok(
        found.every((value, i) => Math.abs(value - (expected[i] ?? 0)) <= 8),
        `${found}, not ${expected}`,
      );
    near(at(280, 60), colourOf(1));
    near(at(110, 140), colourOf(0));
    for (const [x, y] of [
      [0, 0],
      [99, 100],
      [300, 100],
      [200, 49],
      [200, 150],
      [399, 199],
    ] as const)
      assert.deepEqual(at(x, y), [51, 51, 51], `${x}, ${y}`);
  });

  test('lets the picture through as much as it is not opaque', async () => {
    const clear = await draw(greyImage(400, 200), [0, 1, 0, 0], { crop, opacity: 0 });
    assert.deepEqual(clear.at(280, 60), [128, 128, 128]);
    const half = await draw(greyImage(400, 200), [0, 1, 0, 0], { crop, opacity: 0.5 });
    const expected = colourOf(1).map((value) => (value + 128) / 2);
    for (const [i, value] of half.at(280, 60).entries()) assert.ok(Math.abs(value - (expected[i] ?? 0)) <= 2);
  });

  test('is cold everywhere where nothing speaks for the class', async () => {
    const { at } = await draw(greyImage(400, 200), [-1, -2, -3, 0], { crop, opacity: 1 });
    for (const [x, y] of [
      [110, 60],
      [290, 140],
    ] as const)
      assert.deepEqual(at(x, y), colourOf(0));
  });

  test('is drawn at most 1024 pixels wide and high, and never enlarged', async () => {
    for (const [width, height, expected] of [
      [3000, 1500, [1024, 512]],
      [500, 4000, [128, 1024]],
      [16, 16, [16, 16]],
      [5000, 1, [1024, 1]],
    ] as const) {
      const middle = { x: width / 4, y: height / 4, width: width / 2, height: height / 2 };
      const { info } = await draw(greyImage(width, height), [1, 2, 3, 4], { crop: middle, opacity: 0.5 });
      assert.deepEqual([info.width, info.height], expected);
    }
  });
});
