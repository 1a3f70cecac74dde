/** Through what the network looks at a picture: which part of it, in how many pixels. */
import type { Explanation } from '../api/types.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Part extends Size {
  readonly x: number;
  readonly y: number;
}

export interface Lens {
  /** The upright picture, in pixels. */
  readonly picture: Size;
  /** The part that the network is given, in pixels of the picture. */
  readonly crop: Part;
  /** A square picture of this side is given to the network without being resized again, but for its border. */
  readonly side: number;
  /** The picture as the service resizes it. */
  readonly resized: Size;
  /** Where in that the square begins; there is none of the picture where it reaches beyond. */
  readonly origin: { readonly x: number; readonly y: number };
  /** What of that square the network is given: the pixels that it reckons with. */
  readonly window: Part;
}

/** `input` is the size that the model works in. */
export function lensOf({ picture, crop }: Pick<Explanation, 'picture' | 'crop'>, input: Size): Lens {
  const { width, height } = input;
  const resized = {
    width: Math.round((width * picture.width) / crop.width),
    height: Math.round((height * picture.height) / crop.height),
  };
  const side = Math.min(resized.width, resized.height);
  const window = { x: Math.floor((side - width) / 2), y: Math.floor((side - height) / 2), width, height };
  const origin = {
    x: Math.round((crop.x * resized.width) / picture.width) - window.x,
    y: Math.round((crop.y * resized.height) / picture.height) - window.y,
  };
  return { picture, crop, side, resized, origin, window };
}
