/** How often which values occur, over any number of pictures, in memory that does not grow. */

/** A range of values. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

export interface Histogram {
  readonly add: (values: Float32Array) => void;
  /** The range that leaves out the share `1 - percentile / 100` of the values, half of it at each end. */
  readonly range: (percentile: number) => Range;
}

/** Over twice the largest magnitude, so that a bin is a sixteenth of an 8-bit step or less. */
const BINS = 8192;
/** Beyond it are no values, but marks: what a pool for the largest value is padded with, for one. */
const EXTREME = 1e30;

/**
 * Bins of equal width from `-reach` to `reach`. If a value lies beyond, the reach doubles, and pairs of bins become one.
 */
export function createHistogram(): Histogram {
  const counts = new Float64Array(BINS);
  let reach = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let total = 0;

  function widen(magnitude: number): void {
    if (reach === 0) reach = magnitude;
    while (reach < magnitude) {
      const before = counts.slice();
      counts.fill(0);
      for (let i = 0; i < BINS; i++) {
        const merged = BINS / 4 + (i >> 1);
        counts[merged] = (counts[merged] as number) + (before[i] as number);
      }
      reach *= 2;
    }
  }

  function add(values: Float32Array): void {
    if (!takeIn(values)) return;
    widen(Math.max(Math.abs(min), Math.abs(max)));
    const scale = reach === 0 ? 0 : BINS / (2 * reach);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (!(Math.abs(value) < EXTREME)) continue;
      const bin = Math.min(BINS - 1, (value * scale + BINS / 2) | 0);
      counts[bin] = (counts[bin] as number) + 1;
      total += 1;
    }
  }

  /** Widens the range; false as long as there is no value at all. */
  function takeIn(values: Float32Array): boolean {
    let [low, high] = [min, max];
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (value < low && value > -EXTREME) low = value;
      if (value > high && value < EXTREME) high = value;
    }
    [min, max] = [low, high];
    return low <= high;
  }

  function range(percentile: number): Range {
    const leftOut = ((1 - percentile / 100) / 2) * total;
    const width = (2 * reach) / BINS;
    let [first, last] = [0, BINS - 1];
    for (let below = 0; first < BINS - 1; first++) {
      below += counts[first] as number;
      if (below > leftOut) break;
    }
    for (let above = 0; last > first; last--) {
      above += counts[last] as number;
      if (above > leftOut) break;
    }
    return { min: Math.max(min, first * width - reach), max: Math.min(max, (last + 1) * width - reach) };
  }

  return { add, range };
}
