/** TorchVision's geometry: how large the resized picture is, and where its centre crop begins. */
import type { InputSpec } from './input-spec.js';

export interface Geometry {
  /** Size of the whole picture after resizing. */
  readonly width: number;
  readonly height: number;
  /** Offset of the crop in the resized picture. */
  readonly left: number;
  readonly top: number;
}

/** The long side is truncated and the crop offset rounded half to even, as `torchvision.transforms` does. */
export function resizeAndCrop(width: number, height: number, spec: InputSpec): Geometry {
  const { shortSide } = spec.resize;
  const short = Math.min(width, height);
  const resized = (side: number) => (side === short ? shortSide : Math.trunc((shortSide * side) / short));
  const [newWidth, newHeight] = [resized(width), resized(height)];
  return {
    width: newWidth,
    height: newHeight,
    left: roundHalfToEven((newWidth - spec.width) / 2),
    top: roundHalfToEven((newHeight - spec.height) / 2),
  };
}

/** A part of a picture, in its pixels, also parts of one. */
export interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What of a picture its crop shows; in pixels of the picture as it is, before resizing. */
export function shownPart(width: number, height: number, spec: InputSpec): Part {
  const resized = resizeAndCrop(width, height, spec);
  const [across, down] = [width / resized.width, height / resized.height];
  return {
    x: resized.left * across,
    y: resized.top * down,
    width: spec.width * across,
    height: spec.height * down,
  };
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
