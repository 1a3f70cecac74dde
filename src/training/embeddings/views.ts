/** Changed views of a picture: a part of it, perhaps mirrored, in other light. What it shows stays the same. */
import { channelsOf, type DecodedImage, type InputSpec } from '../../image/input-spec.js';
import type { Preprocessor } from '../../image/preprocess.js';
import type { Random } from '../../random.js';

/** Part of what a cached vector is known by: another recipe makes other views. */
export const VIEW_RECIPE = 1;

/** Of the short side: how much of the picture a part shows at least. */
const LEAST_SIDE = 0.7;
/** Brightness, contrast and saturation are multiplied by as much more or less. */
const LIGHT = 0.25;

/** The input tensor of one such view, 3×height×width; memory that the next call overwrites. */
export function changedView(
  image: DecodedImage,
  { width }: Pick<InputSpec, 'width'>,
  { tensor, pixels, tensorOfCrop }: Preprocessor,
  random: Random,
): Float32Array {
  const side = Math.max(1, Math.round(Math.min(image.width, image.height) * between(random, LEAST_SIDE, 1)));
  const left = random.below(image.width - side + 1);
  const top = random.below(image.height - side + 1);
  tensor(partOf(image, left, top, side));
  const crop = pixels();
  if (random.next() < 0.5) mirror(crop, width);
  relight(crop, {
    brightness: between(random, 1 - LIGHT, 1 + LIGHT),
    contrast: between(random, 1 - LIGHT, 1 + LIGHT),
    saturation: between(random, 1 - LIGHT, 1 + LIGHT),
  });
  return tensorOfCrop(crop);
}

const between = (random: Random, least: number, most: number): number => least + (most - least) * random.next();

/** A square of it, in memory of its own. */
function partOf({ width, layout, data }: DecodedImage, left: number, top: number, side: number): DecodedImage {
  const channels = channelsOf(layout);
  const part = new Uint8Array(side * side * channels);
  for (let row = 0; row < side; row++) {
    const from = ((top + row) * width + left) * channels;
    part.set(data.subarray(from, from + side * channels), row * side * channels);
  }
  return { width: side, height: side, layout, data: part };
}

/** In place: left becomes right. */
function mirror(pixels: Uint8Array, width: number): void {
  const stride = width * 3;
  for (let row = 0; row < pixels.length; row += stride) {
    for (let [left, right] = [row, row + stride - 3]; left < right; left += 3, right -= 3) {
      for (let channel = 0; channel < 3; channel++) {
        const value = pixels[left + channel] as number;
        pixels[left + channel] = pixels[right + channel] as number;
        pixels[right + channel] = value;
      }
    }
  }
}

interface Light {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
}

/** In place. Contrast is about the mean brightness of all pixels, saturation about the brightness of each. */
function relight(pixels: Uint8Array, { brightness, contrast, saturation }: Light): void {
  let sum = 0;
  for (let at = 0; at < pixels.length; at += 3) sum += lumaAt(pixels, at);
  const middle = (sum / (pixels.length / 3)) * brightness;
  for (let at = 0; at < pixels.length; at += 3) {
    const luma = lumaAt(pixels, at);
    for (let channel = at; channel < at + 3; channel++) {
      const coloured = luma + ((pixels[channel] as number) - luma) * saturation;
      const value = middle + (coloured * brightness - middle) * contrast;
      pixels[channel] = Math.min(255, Math.max(0, value));
    }
  }
}

/** Of ITU-R BT.601, as in Pillow. */
const lumaAt = (pixels: Uint8Array, at: number): number =>
  0.299 * (pixels[at] as number) + 0.587 * (pixels[at + 1] as number) + 0.114 * (pixels[at + 2] as number);
