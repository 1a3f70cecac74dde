/** What people do to the picture before the network gets it, as numbers. */
import type { Lens } from './lens.ts';

/** 0..1 of what the network is given, from its top left. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A grey square before the picture. */
interface Card extends Point {
  readonly size: number;
}

export interface Stroke {
  readonly width: number;
  readonly points: readonly Point[];
}

export interface Edits {
  /** Where the middle of the window lies, in sides of the network's own crop from its middle. */
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
  /** Degrees, clockwise. */
  readonly turn: number;
  /** In pixels of what the network is given. */
  readonly blur: number;
  /** 1 leaves it as it is. */
  readonly brightness: number;
  readonly card: Card | null;
  readonly strokes: readonly Stroke[];
}

export const UNTOUCHED: Edits = { x: 0, y: 0, zoom: 1, turn: 0, blur: 0, brightness: 1, card: null, strokes: [] };

/** Whether the picture is neither moved nor turned nor enlarged. */
export const isInPlace = ({ x, y, zoom, turn }: Edits): boolean => x === 0 && y === 0 && zoom === 1 && turn === 0;

export const isUntouched = (edits: Edits): boolean =>
  isInPlace(edits) && edits.blur === 0 && edits.brightness === 1 && !edits.card && edits.strokes.length === 0;

const FARTHEST = 1.5;
const bounded = (value: number, from: number, to: number) => Math.min(to, Math.max(from, value));

/** Moves the picture behind the window by shares of the window. */
export function moved(edits: Edits, right: number, down: number): Edits {
  const { cos, sin } = turning(edits);
  const { zoom } = edits;
  return {
    ...edits,
    x: bounded(edits.x - (cos * right + sin * down) / zoom, -FARTHEST, FARTHEST),
    y: bounded(edits.y - (cos * down - sin * right) / zoom, -FARTHEST, FARTHEST),
  };
}

export const MOST_ZOOM = 4;
export const LEAST_ZOOM = 0.5;
export const zoomed = (edits: Edits, factor: number): Edits => ({
  ...edits,
  zoom: bounded(edits.zoom * factor, LEAST_ZOOM, MOST_ZOOM),
});

/** Puts the card there, with its middle inside the window. */
export const covered = (edits: Edits, { x, y }: Point, size: number): Edits => ({
  ...edits,
  card: { x: bounded(x, 0, 1), y: bounded(y, 0, 1), size },
});

export const strokeBegun = (edits: Edits, point: Point, width: number): Edits => ({
  ...edits,
  strokes: [...edits.strokes, { width, points: [point] }],
});

export function strokeContinued(edits: Edits, point: Point): Edits {
  const last = edits.strokes.at(-1);
  if (!last) return edits;
  return { ...edits, strokes: [...edits.strokes.slice(0, -1), { ...last, points: [...last.points, point] }] };
}

export type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** From pixels of the picture to pixels of the square that is sent, as canvases take it. */
export function placement({ crop, window }: Lens, edits: Edits): Matrix {
  const { cos, sin } = turning(edits);
  const across = (window.width / crop.width) * edits.zoom;
  const down = (window.height / crop.height) * edits.zoom;
  const left = -(crop.x + crop.width * (0.5 + edits.x)) * across;
  const top = -(crop.y + crop.height * (0.5 + edits.y)) * down;
  return [
    cos * across,
    sin * across,
    -sin * down,
    cos * down,
    window.x + window.width / 2 + cos * left - sin * top,
    window.y + window.height / 2 + sin * left + cos * top,
  ];
}

function turning({ turn }: Edits) {
  const angle = (turn * Math.PI) / 180;
  return { cos: Math.cos(angle), sin: Math.sin(angle) };
}
