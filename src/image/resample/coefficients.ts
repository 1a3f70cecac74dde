/**
 * Pillow's resampling coefficients, for the output pixels that survive a crop.
 * Source of the arithmetic: `precompute_coeffs` and `normalize_coeffs_8bpc` in Pillow's src/libImaging/Resample.c.
 */

export type Filter = 'bilinear' | 'bicubic';

export interface Coefficients {
  /** For each output pixel its first source pixel and its number of taps. */
  readonly windows: Int32Array;
  /** `taps` values for each output pixel, in 22-bit fixed point; the unused ones are 0. */
  readonly values: Int32Array;
  readonly taps: number;
  /** The source pixels that are read: from `start` up to, but without, `end`. */
  readonly start: number;
  readonly end: number;
}

const FRACTION_BITS = 22;

const filters: Record<Filter, { readonly support: number; readonly weight: (distance: number) => number }> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: bicubicWeight },
};

function bicubicWeight(distance: number): number {
  const a = -0.5;
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/** How far apart and how wide the windows of the output pixels are. */
function windowing(filter: Filter, sourceSize: number, targetSize: number) {
  const scale = sourceSize / targetSize;
  const filterScale = Math.max(1, scale);
  const support = filters[filter].support * filterScale;
  const windowOf = (target: number) => {
    const center = (target + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(sourceSize, Math.trunc(center + support + 0.5));
    return { center, first, end };
  };
  return { filterScale, support, windowOf };
}

/** The source pixels that the `count` target pixels from `offset` on are made from: `start` up to, but without, `end`. */
export function sampledRange(filter: Filter, sourceSize: number, targetSize: number, offset: number, count: number) {
  const { windowOf } = windowing(filter, sourceSize, targetSize);
  return { start: windowOf(offset).first, end: windowOf(offset + count - 1).end };
}

/** Coefficients that turn `sourceSize` pixels into `targetSize`, for the `count` target pixels from `offset` on. */
export function resampleCoefficients(
  filter: Filter,
  sourceSize: number,
  targetSize: number,
  offset: number,
  count: number,
): Coefficients {
  const { weight } = filters[filter];
  const { filterScale, support, windowOf } = windowing(filter, sourceSize, targetSize);
  const taps = Math.ceil(support) * 2 + 1;
  const inverse = 1 / filterScale;
  const windows = new Int32Array(count * 2);
  const values = new Int32Array(count * taps);
  const weights = new Float64Array(taps);
  for (let i = 0; i < count; i++) {
    const { center, first, end } = windowOf(offset + i);
    const used = end - first;
    let total = 0;
    for (let tap = 0; tap < used; tap++) {
      const value = weight((tap + first - center + 0.5) * inverse);
      weights[tap] = value;
      total += value;
    }
    for (let tap = 0; tap < used; tap++) {
      const value = (weights[tap] as number) / (total === 0 ? 1 : total);
      values[i * taps + tap] = toFixedPoint(value);
    }
    windows[i * 2] = first;
    windows[i * 2 + 1] = used;
  }
  return { windows, values, taps, start: windowOf(offset).first, end: windowOf(offset + count - 1).end };
}

function toFixedPoint(value: number): number {
  return Math.trunc((value < 0 ? -0.5 : 0.5) + value * (1 << FRACTION_BITS));
}

export interface PairedCoefficients {
  /** For each output pixel its first source pixel, counted from `start`, and its number of tap pairs. */
  readonly windows: Int32Array;
  /** For each pair two words of two 16-bit halves: the taps' upper parts (`value >> 15`), then their lower 15 bits. */
  readonly words: Int32Array;
  /** Pairs that are laid out for each output pixel. */
  readonly pairs: number;
}

/** The same coefficients two taps at a time, as the kernel's first pass reads them. */
export function pairTaps({ windows, values, taps, start }: Coefficients): PairedCoefficients {
  const pairs = (taps + 1) >> 1;
  const count = windows.length / 2;
  const words = new Int32Array(count * pairs * 2);
  const pairedWindows = new Int32Array(windows.length);
  for (let i = 0; i < count; i++) {
    const used = ((windows[i * 2 + 1] as number) + 1) >> 1;
    pairedWindows[i * 2] = (windows[i * 2] as number) - start;
    pairedWindows[i * 2 + 1] = used;
    for (let pair = 0; pair < used; pair++) {
      const tap = pair * 2;
      const even = values[i * taps + tap] as number;
      const odd = tap + 1 < taps ? (values[i * taps + tap + 1] as number) : 0;
      const word = (i * pairs + pair) * 2;
      words[word] = ((even >> 15) & 0xffff) | ((odd >> 15) << 16);
      words[word + 1] = (even & 0x7fff) | ((odd & 0x7fff) << 16);
    }
  }
  return { windows: pairedWindows, words, pairs };
}
