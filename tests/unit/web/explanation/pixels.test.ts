import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blur, brighten } from '#page/explanation/pixels.js';

const picture = (width: number, height: number, at: (x: number, y: number) => number) => {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const value = at(i % width, Math.floor(i / width));
    data.set([value, value, value, 255], i * 4);
  }
  return { data, width, height };
};
const row = ({ data, width }: { data: Uint8ClampedArray; width: number }, y: number) =>
  Array.from({ length: width }, (_, x) => data[(y * width + x) * 4]);

describe('a blur', () => {
  test('spreads a line as three means in a row do, the same to both sides', () => {
    const line = picture(15, 5, (x) => (x === 7 ? 243 : 0));
    blur(line, 1);
    // 243 / 27 is 9: three means of three make 1 3 6 7 6 3 1.
    const expected = [0, 0, 0, 0, 9, 27, 54, 63, 54, 27, 9, 0, 0, 0, 0];
    for (let y = 0; y < 5; y++) assert.deepEqual(row(line, y), expected);
  });

  test('leaves what is even as it is, up to the border', () => {
    const even = picture(9, 6, () => 77);
    blur(even, 12);
    assert.deepEqual(even.data, picture(9, 6, () => 77).data);
  });

  test('of less than a pixel does nothing', () => {
    const board = picture(4, 4, (x, y) => ((x + y) % 2) * 255);
    blur(board, 0);
    assert.deepEqual(board.data, picture(4, 4, (x, y) => ((x + y) % 2) * 255).data);
  });
});

test('brightness multiplies colours up to white, and leaves what is opaque opaque', () => {
  const grey = picture(2, 1, (x) => 100 + 60 * x);
  brighten(grey, 1.8);
  assert.deepEqual([...grey.data], [180, 180, 180, 255, 255, 255, 255, 255]);
});
