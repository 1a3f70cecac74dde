/** A grid of numbers laid over a picture as heat. */
import sharp, { type OverlayOptions } from 'sharp';
import { colourOf } from './colour-map.js';
import type { Part } from './geometry.js';
import type { DecodedImage } from './input-spec.js';
import { asSharp } from './thumbnail.js';

/** Of the drawing's long side, in pixels. */
const MOST_SIDE = 1024;
/** The grid is made this fine before it gets its colours, which are then stretched. */
const FINE = 128;
/** What the network was not given gets so much darker. */
const SHADE = { r: 0, g: 0, b: 0, alpha: 0.6 };

export interface Heat {
  readonly rows: number;
  readonly columns: number;
  /** Row-major. 0 and less is cold, the largest is hot. */
  readonly values: readonly number[];
}

export interface HeatOptions {
  /** Where the grid lies, in pixels of the picture. */
  readonly crop: Part;
  /** Of the heat, 0..1. */
  readonly opacity: number;
}

/** The picture as a PNG of at most 1024 pixels a side, with the heat over its crop and the rest darker. */
export async function drawHeat(image: DecodedImage, heat: Heat, { crop, opacity }: HeatOptions): Promise<Uint8Array> {
  const scale = Math.min(1, MOST_SIDE / Math.max(image.width, image.height));
  const size = (pixels: number) => Math.max(1, Math.round(pixels * scale));
  const [width, height] = [size(image.width), size(image.height)];
  const area = within(crop, scale, { width, height });
  const colours = await sharp(coloured(heat, opacity), { raw: { width: FINE, height: FINE, channels: 4 } })
    .resize({ width: area.width, height: area.height, fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
  const raw = { width: area.width, height: area.height, channels: 4 } as const;
  return asSharp(image)
    .flatten({ background: 'white' })
    .resize({ width, height, fit: 'fill' })
    .composite([...shades(area, { width, height }), { input: colours, raw, left: area.x, top: area.y }])
    .png({ compressionLevel: 6 })
    .toBuffer();
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The crop in whole pixels of the drawing. */
function within(crop: Part, scale: number, drawing: Size): Part {
  const span = (start: number, length: number, most: number) => {
    const from = Math.min(Math.max(0, Math.round(start * scale)), most - 1);
    return [from, Math.min(most, Math.max(from + 1, Math.round((start + length) * scale))) - from] as const;
  };
  const [x, width] = span(crop.x, crop.width, drawing.width);
  const [y, height] = span(crop.y, crop.height, drawing.height);
  return { x, y, width, height };
}

/** Above, below, and at both sides of the crop. */
function shades(crop: Part, { width, height }: Size): OverlayOptions[] {
  const below = crop.y + crop.height;
  const right = crop.x + crop.width;
  const parts: Part[] = [
    { x: 0, y: 0, width, height: crop.y },
    { x: 0, y: below, width, height: height - below },
    { x: 0, y: crop.y, width: crop.x, height: crop.height },
    { x: right, y: crop.y, width: width - right, height: crop.height },
  ];
  return parts
    .filter((part) => part.width > 0 && part.height > 0)
    .map((part) => ({
      input: { create: { width: part.width, height: part.height, channels: 4, background: SHADE } },
      ...{ left: part.x, top: part.y },
    }));
}

/** `FINE×FINE` pixels of RGBA. */
function coloured(heat: Heat, opacity: number): Uint8Array {
  const most = Math.max(...heat.values);
  const pixels = new Uint8Array(FINE * FINE * 4);
  for (let y = 0; y < FINE; y++) {
    for (let x = 0; x < FINE; x++) {
      const value = most > 0 ? heatAt(heat, (x + 0.5) / FINE, (y + 0.5) / FINE) / most : 0;
      pixels.set([...colourOf(value), Math.round(opacity * 255)], (y * FINE + x) * 4);
    }
  }
  return pixels;
}

/** At a place of the grid (0 left or top, 1 right or bottom), between the middles of its cells, bilinear. */
export function heatAt({ rows, columns, values }: Heat, x: number, y: number): number {
  const across = neighbours(x, columns);
  const down = neighbours(y, rows);
  const row = (at: number) => {
    const [left, right] = [values[at * columns + across.from], values[at * columns + across.to]] as [number, number];
    return left + (right - left) * across.share;
  };
  const [upper, lower] = [row(down.from), row(down.to)];
  return upper + (lower - upper) * down.share;
}

function neighbours(at: number, cells: number) {
  const middle = Math.min(cells - 1, Math.max(0, at * cells - 0.5));
  const from = Math.floor(middle);
  return { from, to: Math.min(from + 1, cells - 1), share: middle - from };
}
