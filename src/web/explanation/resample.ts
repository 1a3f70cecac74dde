/** Resizes pictures as the service does before a network gets them, so that what is changed here is all that changes. */
import type { Pixels } from './pixels.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Of the resized picture, in its pixels. */
interface Cut extends Size {
  readonly x: number;
  readonly y: number;
}

/**
 * A part of the picture resized to `whole`: Pillow's bicubic filter, which takes in more pixels the more it shrinks, across
 * and then down, in its fixed-point numbers. Opaque RGBA.
 */
export function resample(picture: Pixels, whole: Size, cut: Cut): Uint8ClampedArray<ArrayBuffer> {
  const across = tapsFor(picture.width, whole.width, cut.x, cut.width);
  const down = tapsFor(picture.height, whole.height, cut.y, cut.height);
  const rows = new Uint8ClampedArray(picture.height * cut.width * 3);
  for (let y = 0; y < picture.height; y++)
    across.forEach(({ first, weights }, x) => {
      for (let part = 0; part < 3; part++) {
        let sum = 0;
        for (let i = 0; i < weights.length; i++)
          sum += (weights[i] ?? 0) * (picture.data[(y * picture.width + first + i) * 4 + part] ?? 0);
        rows[(y * cut.width + x) * 3 + part] = Math.floor((sum + ONE / 2) / ONE);
      }
    });
  const resized = new Uint8ClampedArray(cut.width * cut.height * 4).fill(255);
  down.forEach(({ first, weights }, y) => {
    for (let x = 0; x < cut.width; x++)
      for (let part = 0; part < 3; part++) {
        let sum = 0;
        for (let i = 0; i < weights.length; i++)
          sum += (weights[i] ?? 0) * (rows[((first + i) * cut.width + x) * 3 + part] ?? 0);
        resized[(y * cut.width + x) * 4 + part] = Math.floor((sum + ONE / 2) / ONE);
      }
  });
  return resized;
}

/** Weights are whole numbers; those of one pixel make about this. */
const ONE = 2 ** 22;

interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/** Which pixels make each of the new ones, as `precompute_coeffs` of Pillow's `Resample.c` has it. */
function tapsFor(from: number, to: number, begin: number, count: number): Taps[] {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  return Array.from({ length: count }, (_, i) => {
    const centre = (begin + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - 2 * stretch + 0.5));
    const end = Math.min(from, Math.trunc(centre + 2 * stretch + 0.5));
    const weights = Array.from({ length: end - first }, (_, j) => bicubic((first + j - centre + 0.5) / stretch));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => Math.round((weight / sum) * ONE)) };
  });
}

const STEEPNESS = -0.5;

function bicubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return ((STEEPNESS + 2) * x - (STEEPNESS + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * STEEPNESS : 0;
}
