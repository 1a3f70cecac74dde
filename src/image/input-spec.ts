/** How a model wants its picture: the part of a manifest that makes pixels into an input tensor. */

export interface InputSpec {
  readonly width: number;
  readonly height: number;
  /** The short side is resized to this many pixels before the centre crop of `width`×`height`. */
  readonly resize: { readonly shortSide: number; readonly filter: 'bilinear' | 'bicubic' };
  /** Per channel (RGB), in pixel values 0..255: the input is `(value - mean) / std`. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/**
 * How four-channel pixels become RGB: `rgb` as they are, `rgba` on white, `cmyk` by Pillow's formula.
 */
export type PixelLayout = 'rgb' | 'rgba' | 'cmyk';

/** A decoded picture: upright, 8 bits a channel, rows from the top, without padding. */
export interface DecodedImage {
  readonly width: number;
  readonly height: number;
  readonly layout: PixelLayout;
  /** `width × height × channelsOf(layout)` bytes. */
  readonly data: Uint8Array;
}

/** The part of a picture that its crop is made from. `data` holds `width × height` pixels of it, the rest is left out. */
export interface ImagePart {
  /** Size of the whole picture. */
  readonly imageWidth: number;
  readonly imageHeight: number;
  /** Where the part lies in it. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly layout: PixelLayout;
  readonly data: Uint8Array;
}

/** What a picture may be reduced to while it is decoded (`shrinkOnLoad`): twice what the model wants, for the resampler to work on. */
export const shrunkShortSide = ({ resize }: InputSpec): number => resize.shortSide * 2;

export const channelsOf = (layout: PixelLayout): 3 | 4 => (layout === 'rgb' ? 3 : 4);
