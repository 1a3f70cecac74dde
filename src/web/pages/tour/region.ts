/** Which part of a picture one sees while zooming in to its pixels. */

interface Size {
  readonly width: number;
  readonly height: number;
}

/** In pixels of the picture. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** So many pixels a side are left at the end, large enough for their numbers. */
export const FEWEST_PIXELS = 8;

/**
 * A square around `x`, `y` (0..1 of the picture), within the picture as far as it fits: all of its shorter side for `zoom` 0,
 * a few whole pixels for 1, each step between enlarging alike.
 */
export function regionOf({ width, height }: Size, { x, y }: { x: number; y: number }, zoom: number): Region {
  const most = Math.min(width, height);
  const side = Math.max(1, Math.round(most * (Math.min(FEWEST_PIXELS, most) / most) ** zoom));
  const begin = (share: number, length: number) =>
    Math.round(Math.min(length - side, Math.max(0, share * length - side / 2)));
  return { x: begin(x, width), y: begin(y, height), side };
}
