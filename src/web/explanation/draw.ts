/** Draws what the network is to be given. */
import { type Edits, isInPlace, placement, type Stroke } from './edits.ts';
import type { Lens } from './lens.ts';
import { blur, brighten } from './pixels.ts';
import { resample } from './resample.ts';

/** Says least to a network: the mean of all colours. */
const GREY = '#7f7f7f';

/** A picture, and the square that the network is given of it while nothing is done to it. */
export interface Subject {
  readonly bitmap: ImageBitmap;
  readonly square: ImageData;
}

export function subjectOf(bitmap: ImageBitmap, { side, resized, origin }: Lens): Subject {
  const { width, height } = bitmap;
  const context = contextOf(document.createElement('canvas'), width, height);
  context.drawImage(bitmap, 0, 0);
  const pixels = resample(context.getImageData(0, 0, width, height), resized, { ...origin, width: side, height: side });
  return { bitmap, square: new ImageData(pixels, side, side) };
}

/** Draws the square that is sent, with all that was done to it. */
export function drawSent(canvas: HTMLCanvasElement, { bitmap, square }: Subject, lens: Lens, edits: Edits): void {
  const { side, picture, window } = lens;
  const context = contextOf(canvas, side, side);
  if (isInPlace(edits)) context.putImageData(square, 0, 0);
  else {
    context.fillStyle = GREY;
    context.fillRect(0, 0, side, side);
    context.imageSmoothingQuality = 'high';
    context.setTransform(...placement(lens, edits));
    context.drawImage(bitmap, 0, 0, picture.width, picture.height);
    context.resetTransform();
  }
  if (edits.blur >= 1 || edits.brightness !== 1) {
    const pixels = context.getImageData(0, 0, side, side);
    blur(pixels, edits.blur);
    if (edits.brightness !== 1) brighten(pixels, edits.brightness);
    context.putImageData(pixels, 0, 0);
  }
  context.setTransform(window.width, 0, 0, window.height, window.x, window.y);
  context.fillStyle = GREY;
  if (edits.card) {
    const { x, y, size } = edits.card;
    context.fillRect(x - size / 2, y - size / 2, size, size);
  }
  for (const stroke of edits.strokes) drawStroke(context, stroke);
}

/** Of what is sent, the pixels that the network reckons with. */
export function drawWindow(canvas: HTMLCanvasElement, sent: HTMLCanvasElement, { window }: Lens): void {
  contextOf(canvas, window.width, window.height).drawImage(sent, -window.x, -window.y);
}

/** Without loss, so that the network gets what is to be seen. */
export function pngOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('This browser cannot write a picture.'))));
  });
}

function drawStroke(context: CanvasRenderingContext2D, { width, points }: Stroke): void {
  const [first] = points;
  if (!first) return;
  context.strokeStyle = GREY;
  context.lineWidth = width;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.beginPath();
  context.moveTo(first.x, first.y);
  for (const { x, y } of points) context.lineTo(x, y);
  context.stroke();
}

/** Empty, of that size. */
function contextOf(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('This browser cannot draw.');
  return context;
}
