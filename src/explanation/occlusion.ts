/**
 * Where a network looked, found by trying: a part of what it is given is covered, and how much less probable the class is
 * then says how much was in it. Works for any network, and takes a run for each cell.
 * Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, 2014 (arXiv:1311.2901).
 */
import type { Part } from '../image/geometry.js';
import type { Grid } from '../image/heat.js';
import type { InputSpec } from '../image/input-spec.js';

/** Rows and columns. */
const CELLS = 7;
/** A patch is so many cells wide and high: it overlaps its neighbours by half, so that nothing is only ever covered in part. */
const PATCH = 2;
/** Runs in work: others who wait for an answer wait for no more than these. */
const AT_ONCE = 2;

export interface Occlusion {
  /** What the network was given: `height×width×3` bytes of RGB. */
  readonly crop: Uint8Array;
  readonly spec: InputSpec;
  /** Of the whole crop. */
  readonly probability: number;
  /** The probability of the class for other pixels. */
  readonly probabilityOf: (pixels: Uint8Array) => Promise<number>;
}

/** How much less probable the class is with each cell's patch covered: 49 runs. @throws what `probabilityOf` throws */
export async function occlusionMap({ crop, spec, probability, probabilityOf }: Occlusion): Promise<Grid> {
  const values: number[] = new Array(CELLS * CELLS).fill(0);
  const waiting = [...values.keys()].reverse();

  async function work(): Promise<void> {
    for (let cell = waiting.pop(); cell !== undefined; cell = waiting.pop()) {
      const patch = patchOf(Math.floor(cell / CELLS), cell % CELLS, spec);
      values[cell] = probability - (await probabilityOf(cover(crop, spec, patch)));
    }
  }

  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    // After one has failed the other stops as well.
    waiting.length = 0;
  }
  return { rows: CELLS, columns: CELLS, values };
}

/** Around the middle of a cell, and cut off at the edges of the picture. */
function patchOf(row: number, column: number, { width, height }: InputSpec): Part {
  const from = (cell: number, size: number) => Math.max(0, Math.round(((cell + 0.5 - PATCH / 2) * size) / CELLS));
  const to = (cell: number, size: number) => Math.min(size, Math.round(((cell + 0.5 + PATCH / 2) * size) / CELLS));
  const [x, y] = [from(column, width), from(row, height)];
  return { x, y, width: to(column, width) - x, height: to(row, height) - y };
}

/** A copy of the crop with a part, in whole pixels, of the model's mean colour: what says nothing to it. */
export function cover(crop: Uint8Array, { width, mean }: InputSpec, part: Part): Uint8Array {
  const covered = crop.slice();
  const colour = mean.map((value) => Math.min(255, Math.max(0, Math.round(value))));
  for (let y = part.y; y < part.y + part.height; y++) {
    for (let x = part.x; x < part.x + part.width; x++) covered.set(colour, (y * width + x) * 3);
  }
  return covered;
}
