/**
 * What a picture looks like in 32 bytes: copies that were resized, compressed again or slightly cropped have nearly the same.
 * Signs of the lowest frequencies of its brightness, as in PDQ (Meta, 2019), and its mean colour.
 */
import type { DecodedImage } from './input-spec.js';
import { channelsOf } from './input-spec.js';

const BITS = 256;
/** The picture is averaged to so many squares across and down, whatever its shape. */
const SIDE = 64;
/** Frequencies across and down; without the mean, which is no frequency, they are `PATTERN_BITS`. */
const FREQUENCIES = 13;
const PATTERN_BITS = FREQUENCIES * FREQUENCIES - 1;
/** Of the standard deviation: what a frequency has to have in order to count, so that noise does not where there is nothing. */
const FAINT = 0.002;
/** Bits for each of the two colour differences in each quarter of the picture, one for every `COLOUR_STEP` of their mean. */
const COLOUR_BITS = 11;
const COLOUR_STEP = 4;
/** Standard deviation in grey levels below which there is no pattern, and the brightness is what is left to tell. */
const PLAIN = 1;

/**
 * Pictures whose fingerprints differ in at most so many of the 256 bits are taken for copies of each other.
 * `npm test -- unit/image/fingerprint` has what copies and different photographs come to.
 */
export const NEAR_DUPLICATE_BITS = 35;

/** 32 bytes. */
export function fingerprintOf(image: DecodedImage): Uint8Array {
  const { brightness, blue, red } = average(image);
  const bits = createBits();
  const contrast = deviation(brightness);
  if (contrast < PLAIN) bits.level(mean(brightness) / 255, PATTERN_BITS);
  else for (const amplitude of lowFrequencies(brightness)) bits.push(amplitude > FAINT * contrast);
  const reach = COLOUR_BITS * COLOUR_STEP;
  for (const colour of [blue, red])
    for (const quarter of quarters(colour)) bits.level((quarter + reach / 2) / reach, COLOUR_BITS);
  return bits.bytes;
}

/** In how many bits they differ, 0 to 256; different photographs in some 105. */
export function fingerprintDistance(a: Uint8Array, b: Uint8Array): number {
  let distance = 0;
  for (let i = 0; i < a.length; i++) distance += ONES[(a[i] as number) ^ (b[i] as number)] as number;
  return distance;
}

/** How many bits of a byte are set. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

function createBits() {
  const bytes = new Uint8Array(BITS / 8);
  let at = 0;
  const push = (bit: boolean) => {
    if (bit) (bytes[at >> 3] as number) |= 1 << (at & 7);
    at += 1;
  };
  /** A share as a row of ones, so that near values differ in few bits. */
  const level = (share: number, length: number) => {
    for (let i = 0; i < length; i++) push(share * length > i + 0.5);
  };
  return { bytes, push, level };
}

/** `SIDE×SIDE` means of the luma and of the colour differences (Cb, Cr around 0) of JPEG. */
interface Averages {
  readonly brightness: Float64Array;
  readonly blue: Float64Array;
  readonly red: Float64Array;
}

/** Each square is the mean of all that it covers, parts of pixels too, so that the size of the picture does not matter. */
function average(image: DecodedImage): Averages {
  const { width, height } = image;
  const planes = [0, 1, 2].map(() => new Float64Array(SIDE * SIDE));
  const sums = new Float64Array((width + 1) * 3);
  const edges = edgesAcross(width);
  const tall = height / SIDE;
  for (let y = 0; y < height; y++) {
    sumRow(image, y, sums);
    for (let square = Math.floor(y / tall); square < SIDE && square * tall < y + 1; square++) {
      const share = (Math.min(y + 1, (square + 1) * tall) - Math.max(y, square * tall)) / tall;
      if (share > 0) for (const [i, plane] of planes.entries()) addRow(plane, square, sums.subarray(i), edges, share);
    }
  }
  const [r, g, b] = planes as [Float64Array, Float64Array, Float64Array];
  const mix = (red: number, green: number, blue: number) =>
    r.map((value, i) => red * value + green * (g[i] as number) + blue * (b[i] as number));
  return {
    brightness: mix(0.299, 0.587, 0.114),
    blue: mix(-0.1687, -0.3313, 0.5),
    red: mix(0.5, -0.4187, -0.0813),
  };
}

/** Running sums along a row, of red, green and blue in turn: on white, and from ink by Pillow's formula. */
function sumRow({ data, width, layout }: DecodedImage, y: number, sums: Float64Array): void {
  const channels = channelsOf(layout);
  const [ink, paper] = [layout === 'cmyk' ? 255 : 0, layout === 'rgba' ? 255 : 0];
  let at = y * width * channels;
  for (let to = 3; to < sums.length; to += 3, at += channels) {
    const fourth = channels === 4 ? (data[at + 3] as number) : 255;
    const share = layout === 'cmyk' ? 1 - fourth / 255 : fourth / 255;
    const rest = paper * (1 - share);
    for (let i = 0; i < 3; i++)
      sums[to + i] = (sums[to + i - 3] as number) + Math.abs(ink - (data[at + i] as number)) * share + rest;
  }
}

interface Edges {
  readonly pixel: Int32Array;
  readonly part: Float64Array;
  readonly wide: number;
}

/** Where squares begin and end in a row: in which pixel, and how far into it. */
function edgesAcross(width: number): Edges {
  const wide = width / SIDE;
  const pixel = Int32Array.from({ length: SIDE + 1 }, (_, i) => Math.min(Math.floor(i * wide), width - 1));
  const part = Float64Array.from(pixel, (whole, i) => i * wide - whole);
  return { pixel, part, wide };
}

/** Adds the means of a row's squares, from its running sums of one colour. */
function addRow(plane: Float64Array, square: number, sums: Float64Array, edges: Edges, share: number): void {
  const { pixel, part, wide } = edges;
  const scale = share / wide;
  let begin = 0;
  for (let x = 0; x < SIDE; x++) {
    const at = (pixel[x + 1] as number) * 3;
    const before = sums[at] as number;
    const end = before + ((sums[at + 3] as number) - before) * (part[x + 1] as number);
    (plane[square * SIDE + x] as number) += (end - begin) * scale;
    begin = end;
  }
}

const cosines = Array.from({ length: FREQUENCIES }, (_, frequency) =>
  Float64Array.from({ length: SIDE }, (_, i) => Math.cos((Math.PI / SIDE) * (i + 0.5) * frequency)),
);

/** The lowest coefficients of its discrete cosine transform (DCT-II), without the mean; as means of products. */
function lowFrequencies(plane: Float64Array): Float64Array {
  const rows = cosines.map((wave) =>
    Float64Array.from({ length: SIDE }, (_, y) => product(plane.subarray(y * SIDE, (y + 1) * SIDE), wave)),
  );
  return Float64Array.from(rows.flatMap((row) => cosines.map((wave) => product(row, wave))).slice(1)).map(
    (sum) => sum / SIDE ** 2,
  );
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Means of its four quarters. */
function quarters(plane: Float64Array): Float64Array {
  const means = new Float64Array(4);
  const half = SIDE / 2;
  for (const [i, value] of plane.entries()) {
    const quarter = Math.floor(i / SIDE / half) * 2 + Math.floor((i % SIDE) / half);
    (means[quarter] as number) += value / half ** 2;
  }
  return means;
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

function deviation(values: Float64Array): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
