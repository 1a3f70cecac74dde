import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Coefficients, pairTaps, resampleCoefficients } from '#kaiyan/image/resample/coefficients.js';

const ONE = 1 << 22;

/** One output pixel's taps as shares of 1, with the source pixel that each belongs to. */
function tapsOf({ windows, values, taps }: Coefficients, i: number): Map<number, number> {
  const [first, count] = [windows[i * 2] as number, windows[i * 2 + 1] as number];
  return new Map(Array.from({ length: count }, (_, tap) => [first + tap, (values[i * taps + tap] as number) / ONE]));
}

const close = (actual: number | undefined, expected: number) =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-6, `${actual} instead of ${expected}`);

describe('resampling coefficients', () => {
  test('bilinear halving weighs four pixels 1, 3, 3, 1', () => {
    const taps = tapsOf(resampleCoefficients('bilinear', 16, 8, 0, 8), 3);
    assert.deepEqual([...taps.keys()], [5, 6, 7, 8]);
    for (const [pixel, weight] of [
      [5, 1],
      [6, 3],
      [7, 3],
      [8, 1],
    ] as const)
      close(taps.get(pixel), weight / 8);
  });

  test('bilinear doubling weighs two pixels 1, 3 and 3, 1', () => {
    const coefficients = resampleCoefficients('bilinear', 8, 16, 0, 16);
    close(tapsOf(coefficients, 6).get(2), 0.25);
    close(tapsOf(coefficients, 6).get(3), 0.75);
    close(tapsOf(coefficients, 7).get(3), 0.75);
    close(tapsOf(coefficients, 7).get(4), 0.25);
  });

  test("bicubic doubling has Keys's weights for a = -0.5", () => {
    const taps = tapsOf(resampleCoefficients('bicubic', 8, 16, 0, 16), 7);
    // Distances 1.25, 0.25, 0.75, 1.75 from the centre at 3.75 source pixels.
    const weights = { 2: -0.0703125, 3: 0.8671875, 4: 0.2265625, 5: -0.0234375 };
    for (const [pixel, weight] of Object.entries(weights)) close(taps.get(Number(pixel)), weight);
  });

  test('the same size copies every pixel', () => {
    for (const filter of ['bilinear', 'bicubic'] as const) {
      const coefficients = resampleCoefficients(filter, 9, 9, 0, 9);
      for (let i = 0; i < 9; i++) close(tapsOf(coefficients, i).get(i), 1);
    }
  });

  test('the weights of each pixel sum to 1 and stay inside the source', () => {
    for (const filter of ['bilinear', 'bicubic'] as const) {
      for (const [source, target] of [
        [1, 256],
        [3, 256],
        [256, 256],
        [257, 256],
        [4000, 256],
        [123_457, 256],
      ] as const) {
        const coefficients = resampleCoefficients(filter, source, target, 16, 224);
        for (let i = 0; i < 224; i++) {
          const taps = tapsOf(coefficients, i);
          const sum = [...taps.values()].reduce((total, weight) => total + weight, 0);
          assert.ok(Math.abs(sum - 1) < 1e-4 + taps.size / ONE, `${filter} ${source} to ${target}: ${sum}`);
          assert.ok(Math.min(...taps.keys()) >= coefficients.start && coefficients.start >= 0);
          assert.ok(Math.max(...taps.keys()) < coefficients.end && coefficients.end <= source);
        }
      }
    }
  });

  test('the pixels of a crop have the weights that they have in the whole', () => {
    const whole = resampleCoefficients('bicubic', 500, 341, 0, 341);
    const crop = resampleCoefficients('bicubic', 500, 341, 58, 224);
    for (let i = 0; i < 224; i++) assert.deepEqual(tapsOf(crop, i), tapsOf(whole, i + 58));
  });

  test('pairs of taps hold the same weights in two halves', () => {
    const coefficients = resampleCoefficients('bicubic', 700, 256, 16, 224);
    const { windows, words, pairs } = pairTaps(coefficients);
    const half = (word: number, odd: number) => (odd ? word >> 16 : (word << 16) >> 16);
    for (let i = 0; i < 224; i++) {
      assert.equal(windows[i * 2], (coefficients.windows[i * 2] as number) - coefficients.start);
      const count = coefficients.windows[i * 2 + 1] as number;
      for (let tap = 0; tap < count; tap++) {
        const at = (i * pairs + (tap >> 1)) * 2;
        const value = half(words[at] as number, tap & 1) * 32_768 + half(words[at + 1] as number, tap & 1);
        assert.equal(value, coefficients.values[i * coefficients.taps + tap]);
      }
    }
  });
});
