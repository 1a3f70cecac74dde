/** Changes pixels: canvases can blur by themselves, but not in every browser. */

/** RGBA, row by row. */
export interface Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** Multiplies every part of every colour. */
export function brighten({ data }: Pixels, factor: number): void {
  for (let i = 0; i < data.length; i++) if (i % 4 !== 3) data[i] = (data[i] ?? 0) * factor;
}

/** Three means in a row come close to a bell curve. */
const PASSES = 3;

/** Each pixel becomes about the mean of those up to `radius` (whole pixels) around it; the border is repeated. */
export function blur({ data, width, height }: Pixels, radius: number): void {
  if (radius < 1) return;
  for (let pass = 0; pass < PASSES; pass++) {
    for (let y = 0; y < height; y++) blurLine(data, { start: y * width * 4, step: 4, length: width }, radius);
    for (let x = 0; x < width; x++) blurLine(data, { start: x * 4, step: width * 4, length: height }, radius);
  }
}

interface Line {
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

function blurLine(data: Uint8ClampedArray, { start, step, length }: Line, radius: number): void {
  const before = new Uint8ClampedArray(length);
  const last = length - 1;
  for (let part = start; part < start + 3; part++) {
    for (let i = 0; i < length; i++) before[i] = data[part + i * step] ?? 0;
    let sum = 0;
    for (let i = -radius; i <= radius; i++) sum += before[Math.min(last, Math.max(0, i))] ?? 0;
    for (let i = 0; i < length; i++) {
      data[part + i * step] = sum / (2 * radius + 1);
      sum += (before[Math.min(last, i + radius + 1)] ?? 0) - (before[Math.max(0, i - radius)] ?? 0);
    }
  }
}
