import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { colourOf } from '#kaiyan/image/colour-map.js';
import { heatColour } from '#page/explanation/colour-map.js';
import { heatPixels, upsample } from '#page/explanation/heat.js';

describe('heat', () => {
  test('has the colours of the drawings that the service makes, and lets the picture through where it is cold', () => {
    let before = -1;
    for (let value = 0; value <= 1; value += 0.01) {
      const [red, green, blue, alpha] = heatColour(value);
      for (const [i, part] of colourOf(value).entries())
        assert.ok(Math.abs(part - ([red, green, blue][i] ?? 0)) <= 1, `${value}: ${part}, ${[red, green, blue]}`);
      assert.ok(alpha >= before);
      before = alpha;
    }
    assert.deepEqual([heatColour(-1)[3], heatColour(0)[3], heatColour(1)[3], heatColour(2)[3]], [0, 0, 255, 255]);
  });

  test('is through the values of the grid at the middle of its cells', () => {
    const values = [1, 5, -2, 0, 3, 8];
    const fine = upsample({ rows: 2, columns: 3, values }, 30);
    // Of 30 pixels, a cell has 10 across and 15 down; the middle of an even number lies between two pixels.
    values.forEach((value, i) => {
      const [row, column] = [Math.floor(i / 3), i % 3];
      const y = row * 15 + 7;
      const x = column * 10 + 5;
      const middle = ((fine[y * 30 + x] ?? 0) + (fine[y * 30 + x - 1] ?? 0)) / 2;
      assert.ok(Math.abs(middle - value) < 0.2, `${i}: ${middle}`);
    });
  });

  test('is as smooth as what it is made of: what is even stays even, a slope a slope', () => {
    assert.ok(
      upsample({ rows: 7, columns: 7, values: new Array(49).fill(2.5) }, 56).every((v) => Math.abs(v - 2.5) < 1e-6),
    );
    const slope = upsample({ rows: 1, columns: 7, values: [0, 1, 2, 3, 4, 5, 6] }, 70);
    for (let x = 20; x < 50; x++)
      assert.ok(Math.abs((slope[x] ?? 0) - ((x + 0.5) / 10 - 0.5)) < 1e-5, `${x}: ${slope[x]}`);
  });

  test('is hottest where the grid is, and nowhere if nothing speaks for the class', () => {
    const values = Array.from({ length: 49 }, (_, i) => (i === 10 ? 4 : 1));
    const pixels = heatPixels({ rows: 7, columns: 7, values }, 70);
    let hottest = 0;
    for (let i = 0; i < 4900; i++) if ((pixels[i * 4 + 3] ?? 0) > (pixels[hottest * 4 + 3] ?? 0)) hottest = i;
    assert.deepEqual([Math.floor(hottest / 700), Math.floor((hottest % 70) / 10)], [1, 3]);
    const cold = heatPixels({ rows: 1, columns: 2, values: [-3, 0] }, 10);
    assert.ok(cold.every((part, i) => i % 4 !== 3 || part === 0));
  });
});
