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

export interface Grid {
  readonly rows: number;
  readonly columns: number;
  /** Row-major. */
  readonly values: readonly number[];
}

export interface HeatOptions {
  /** Where the grid lies, in pixels of the picture. */
  readonly crop: Part;
  /** Of the heat, 0..1. */
  readonly opacity: number;
}

/** A picture as small as it is drawn. */
export interface Canvas extends Size {
  /** `height×width×3` bytes of RGB. */
  readonly data: Uint8Array;
  /** Of its pixels to those of the picture; at most 1. */
  readonly scale: number;
}

/** The picture at most 1024 pixels a side, on white. */
export async function prepareCanvas(image: DecodedImage): Promise<Canvas> {
  const scale = Math.min(1, MOST_SIDE / Math.max(image.width, image.height));
  const size = (pixels: number) => Math.max(1, Math.round(pixels * scale));
  const [width, height] = [size(image.width), size(image.height)];
  const picture = await asSharp(image);
  const data = await picture.flatten({ background: 'white' }).resize({ width, height, fit: 'fill' }).raw().toBuffer();
  return { width, height, scale, data };
}

/** It as a PNG with the heat over its crop and the rest darker: 0 and less is cold, the largest number hot. */
export async function drawHeat(canvas: Canvas, grid: Grid, { crop, opacity }: HeatOptions): Promise<Uint8Array> {
  const { width, height, scale, data } = canvas;
  const area = within(crop, scale, { width, height });
  const colours = await sharp(coloured(grid, opacity), { raw: { width: FINE, height: FINE, channels: 4 } })
    .resize({ width: area.width, height: area.height, fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
  const raw = { width: area.width, height: area.height, channels: 4 } as const;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .composite([...shades(area, { width, height }), { input: colours, raw, left: area.x, top: area.y }])
    .removeAlpha()
    .png()
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
function coloured(grid: Grid, opacity: number): Uint8Array {
  const most = Math.max(...grid.values);
  const alpha = Math.round(opacity * 255);
  const pixels = new Uint8Array(FINE * FINE * 4);
  for (const [i, value] of refine(grid, FINE, FINE).entries()) {
    pixels.set([...colourOf(most > 0 ? value / most : 0), alpha], i * 4);
  }
  return pixels;
}

/**
 * The grid as `width×height` numbers, row-major: Catmull and Rom's cubic through the middles of its cells, of which those at
 * an edge go on beyond it.
 */
export function refine({ rows, columns, values }: Grid, width: number, height: number): Float64Array {
  const [across, down] = [shares(columns, width), shares(rows, height)];
  const fine = new Float64Array(width * height);
  const row = new Float64Array(columns);
  for (let y = 0; y < height; y++) {
    for (let column = 0; column < columns; column++) {
      row[column] = weighted(down[y] as Shares, (cell) => values[cell * columns + column] as number);
    }
    for (let x = 0; x < width; x++) {
      fine[y * width + x] = weighted(across[x] as Shares, (cell) => row[cell] as number);
    }
  }
  return fine;
}

/** Four cells, and how much of each. */
type Shares = readonly (readonly [cell: number, share: number])[];

function weighted(shares: Shares, numberOf: (cell: number) => number): number {
  let sum = 0;
  for (const [cell, share] of shares) sum += share * numberOf(cell);
  return sum;
}

function shares(cells: number, size: number): Shares[] {
  return Array.from({ length: size }, (_, i) => {
    const place = ((i + 0.5) / size) * cells - 0.5;
    const first = Math.floor(place);
    const t = place - first;
    const four = [
      (-t * t * t + 2 * t * t - t) / 2,
      (3 * t * t * t - 5 * t * t + 2) / 2,
      (-3 * t * t * t + 4 * t * t + t) / 2,
      (t * t * t - t * t) / 2,
    ];
    return four.map((share, k) => [Math.min(cells - 1, Math.max(0, first - 1 + k)), share] as const);
  });
}
