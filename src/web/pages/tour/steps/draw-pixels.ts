/** Draws a part of a picture so large that one can read the numbers of its pixels. */
import type { Region } from '../region.ts';

/** Of the drawing, in its own pixels; enough for numbers on a wall. */
export const DRAWN = 960;
/** Numbers are written when a pixel is at least so large. */
const LEGIBLE = DRAWN / 12;

/** Draws the region, each pixel a square, and gives the colour of the one in the middle. */
export function drawPixels(canvas: HTMLCanvasElement, bitmap: ImageBitmap, { x, y, side }: Region): number[] {
  const context = canvas.getContext('2d');
  const small = new OffscreenCanvas(side, side).getContext('2d', { willReadFrequently: true });
  if (!context || !small) return [];
  small.drawImage(bitmap, -x, -y);
  context.imageSmoothingEnabled = side > DRAWN;
  context.drawImage(small.canvas, 0, 0, DRAWN, DRAWN);
  const { data } = small.getImageData(0, 0, side, side);
  const at = (column: number, row: number) => [
    ...data.subarray((row * side + column) * 4, (row * side + column) * 4 + 3),
  ];
  const size = DRAWN / side;
  if (size >= LEGIBLE) {
    context.font = `${size * 0.2}px ui-monospace, monospace`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (let row = 0; row < side; row++)
      for (let column = 0; column < side; column++) writeNumbers(context, at(column, row), { column, row, size });
  }
  const middle = Math.floor(side / 2);
  return at(middle, middle);
}

interface Place {
  readonly column: number;
  readonly row: number;
  readonly size: number;
}

function writeNumbers(
  context: CanvasRenderingContext2D,
  numbers: readonly number[],
  { column, row, size }: Place,
): void {
  const [red = 0, green = 0, blue = 0] = numbers;
  // By how light it looks: ITU-R BT.601.
  context.fillStyle = 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? '#000' : '#fff';
  context.strokeStyle = 'rgb(128 128 128 / 35%)';
  context.strokeRect(column * size, row * size, size, size);
  numbers.forEach((number, i) => {
    context.fillText(String(number), (column + 0.5) * size, (row + 0.26 + i * 0.24) * size);
  });
}
