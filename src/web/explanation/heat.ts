/** From a coarse grid of numbers to a smooth image of heat. */
import { heatColour } from './colour-map.ts';

export interface Grid {
  readonly rows: number;
  readonly columns: number;
  /** Row by row. */
  readonly values: readonly number[];
}

/** The grid as `side`×`side` numbers; through the value of each cell at its middle (Catmull-Rom), the border repeated. */
export function upsample({ rows, columns, values }: Grid, side: number): Float32Array {
  const across = tapsFor(columns, side);
  const down = tapsFor(rows, side);
  const wide = new Float32Array(rows * side);
  for (let row = 0; row < rows; row++) {
    across.forEach(({ cells, weights }, x) => {
      wide[row * side + x] = weights.reduce(
        (sum, weight, i) => sum + weight * (values[row * columns + (cells[i] ?? 0)] ?? 0),
        0,
      );
    });
  }
  const fine = new Float32Array(side * side);
  down.forEach(({ cells, weights }, y) => {
    for (let x = 0; x < side; x++)
      fine[y * side + x] = weights.reduce(
        (sum, weight, i) => sum + weight * (wide[(cells[i] ?? 0) * side + x] ?? 0),
        0,
      );
  });
  return fine;
}

/** RGBA of `side`×`side` pixels: 0 and less is not to be seen, the largest value is hottest. */
export function heatPixels(grid: Grid, side: number): Uint8ClampedArray<ArrayBuffer> {
  const hottest = Math.max(...grid.values);
  const pixels = new Uint8ClampedArray(side * side * 4);
  if (hottest <= 0) return pixels;
  upsample(grid, side).forEach((value, i) => {
    pixels.set(heatColour(value / hottest), i * 4);
  });
  return pixels;
}

interface Taps {
  readonly cells: readonly number[];
  readonly weights: readonly number[];
}

function tapsFor(cells: number, side: number): Taps[] {
  const within = (cell: number) => Math.min(cells - 1, Math.max(0, cell));
  return Array.from({ length: side }, (_, i) => {
    const at = ((i + 0.5) * cells) / side - 0.5;
    const first = Math.floor(at);
    return { cells: [-1, 0, 1, 2].map((offset) => within(first + offset)), weights: catmullRom(at - first) };
  });
}

/** Weights of the two neighbours before and the two after, `t` (0..1) between the middle ones. */
const catmullRom = (t: number): readonly number[] => [
  (-t + 2 * t ** 2 - t ** 3) / 2,
  (2 - 5 * t ** 2 + 3 * t ** 3) / 2,
  (t + 4 * t ** 2 - 3 * t ** 3) / 2,
  (t ** 3 - t ** 2) / 2,
];
