/** From a decoded picture to a model's input tensor, equal to Pillow and TorchVision to the bit. */
import { resizeAndCrop } from './geometry.js';
import { channelsOf, type DecodedImage, type ImagePart, type InputSpec } from './input-spec.js';
import { pairTaps, resampleCoefficients, sampledRange } from './resample/coefficients.js';
import { type Kernel, loadKernel } from './resample/kernel.js';

export interface Preprocessor {
  /**
   * The input tensor of one picture: `3×height×width` float32, planar RGB.
   * It is a view of memory that the next call overwrites; the same view, unless the memory had to grow.
   */
  readonly tensor: (image: DecodedImage | ImagePart) => Float32Array;
  /** The same of pixels that are resized and cropped already: `height×width×3` bytes of RGB. */
  readonly tensorOfCrop: (pixels: Uint8Array) => Float32Array;
  /** The resized and cropped `height×width×3` RGB bytes behind the last tensor; also a view. */
  readonly pixels: () => Uint8Array;
}

/** Bytes that the kernel may touch past the end of a row. */
const SLACK = 16;
const align = (bytes: number) => (bytes + 15) & ~15;

/** Creates a preprocessor for one model. Its memory grows with the width of the largest crop, not with its area. */
export async function createPreprocessor(spec: InputSpec): Promise<Preprocessor> {
  const kernel = await loadKernel();
  const pixelCount = spec.width * spec.height;
  const layout = fixedLayout(kernel, spec);
  new Float32Array(kernel.memory.buffer, layout.statistics, 6).set([...spec.mean, ...spec.std]);

  let view = new Float32Array(0);
  function tensor(image: DecodedImage | ImagePart): Float32Array {
    resample(kernel, layout, 'imageWidth' in image ? image : wholeOf(image), spec);
    return normalized();
  }

  function tensorOfCrop(crop: Uint8Array): Float32Array {
    pixels().set(crop);
    return normalized();
  }

  function normalized(): Float32Array {
    kernel.normalize(layout.crop, layout.tensor, pixelCount, layout.statistics);
    if (view.buffer !== kernel.memory.buffer)
      view = new Float32Array(kernel.memory.buffer, layout.tensor, pixelCount * 3);
    return view;
  }

  const pixels = () => new Uint8Array(kernel.memory.buffer, layout.crop, pixelCount * 3);

  return { tensor, tensorOfCrop, pixels };
}

const wholeOf = (image: DecodedImage): ImagePart => ({
  ...image,
  imageWidth: image.width,
  imageHeight: image.height,
  left: 0,
  top: 0,
});

/** Where the pixels lie that a model's crop is made from; often a good half of the picture. */
function neededPart({ width, height }: Pick<DecodedImage, 'width' | 'height'>, spec: InputSpec) {
  const { filter } = spec.resize;
  const resized = resizeAndCrop(width, height, spec);
  const across = sampledRange(filter, width, resized.width, resized.left, spec.width);
  const down = sampledRange(filter, height, resized.height, resized.top, spec.height);
  return { left: across.start, top: down.start, width: across.end - across.start, height: down.end - down.start };
}

/**
 * Copies the needed part of a picture into `memory`: whole rows at once, which is several times as fast as row by row,
 * unless most of each row is not needed.
 */
export function copyNeededPart(image: DecodedImage, spec: InputSpec, memory: (bytes: number) => Uint8Array): ImagePart {
  const needed = neededPart(image, spec);
  const part = needed.width * 2 < image.width ? needed : { ...needed, left: 0, width: image.width };
  const channels = channelsOf(image.layout);
  const [rowBytes, stride] = [part.width * channels, image.width * channels];
  const data = memory(rowBytes * part.height);
  const from = part.top * stride + part.left * channels;
  if (rowBytes === stride) data.set(image.data.subarray(from, from + data.length));
  else {
    for (let row = 0; row < part.height; row++)
      data.set(image.data.subarray(from + row * stride, from + row * stride + rowBytes), row * rowBytes);
  }
  return { ...part, imageWidth: image.width, imageHeight: image.height, layout: image.layout, data };
}

interface FixedLayout {
  readonly statistics: number;
  readonly crop: number;
  readonly tensor: number;
  /** Where the memory begins that each picture lays out anew. */
  readonly free: number;
}

function fixedLayout(kernel: Kernel, spec: InputSpec): FixedLayout {
  const bytes = spec.width * spec.height * 3;
  const statistics = align(kernel.base);
  const crop = statistics + 32;
  const tensor = align(crop + bytes + SLACK);
  const free = align(tensor + bytes * 4);
  kernel.reserve(free);
  return { statistics, crop, tensor, free };
}

/** Source rows are copied to the kernel in strips of this size, or singly if they are longer: one call for many rows. */
const STRIP_BYTES = 1 << 16;

/** Both passes, a source row at a time: only the rows and columns that the crop needs, in a ring of a few rows. */
function resample(kernel: Kernel, layout: FixedLayout, image: ImagePart, spec: InputSpec): void {
  const { filter } = spec.resize;
  const resized = resizeAndCrop(image.imageWidth, image.imageHeight, spec);
  const across = resampleCoefficients(filter, image.imageWidth, resized.width, resized.left, spec.width);
  const down = resampleCoefficients(filter, image.imageHeight, resized.height, resized.top, spec.height);

  const channels = channelsOf(image.layout);
  const columns = across.end - across.start;
  const targetBytes = spec.width * 3;
  const stride = align(targetBytes + SLACK);
  const ringRows = Math.min(down.taps, down.end - down.start);

  const paired = pairTaps(across);
  const acrossWindows = layout.free;
  const acrossWords = align(acrossWindows + paired.windows.byteLength);
  const downValues = align(acrossWords + paired.words.byteLength);
  const strip = align(downValues + down.values.byteLength);
  const sourceStride = image.width * channels;
  const stripRows = Math.max(1, Math.min(down.end - down.start, Math.floor(STRIP_BYTES / sourceStride)));
  const rgbRow = align(strip + stripRows * sourceStride + SLACK);
  const ring = channels === 3 ? rgbRow : align(rgbRow + columns * 3 + SLACK);
  kernel.reserve(ring + stride * ringRows);

  const memory = new Uint8Array(kernel.memory.buffer);
  const words = new Int32Array(kernel.memory.buffer);
  words.set(paired.windows, acrossWindows / 4);
  words.set(paired.words, acrossWords / 4);
  words.set(down.values, downValues / 4);

  const toRgb = image.layout === 'cmyk' ? kernel.cmykToRgb : kernel.flattenRgba;
  const firstColumn = (across.start - image.left) * channels;
  const copyStrip = (y: number) => {
    const rows = Math.min(stripRows, down.end - y);
    const from = (y - image.top) * sourceStride;
    memory.set(image.data.subarray(from, from + rows * sourceStride), strip);
  };
  let nextRow = down.start;
  for (let y = 0; y < spec.height; y++) {
    const first = down.windows[y * 2] as number;
    const count = down.windows[y * 2 + 1] as number;
    for (; nextRow < first + count; nextRow++) {
      const rowInStrip = (nextRow - down.start) % stripRows;
      if (rowInStrip === 0) copyStrip(nextRow);
      const row = strip + rowInStrip * sourceStride + firstColumn;
      if (channels === 4) toRgb(row, rgbRow, columns);
      const slot = ring + ((nextRow - down.start) % ringRows) * stride;
      kernel.resampleRow(channels === 4 ? rgbRow : row, slot, spec.width, acrossWindows, acrossWords, paired.pairs);
    }
    kernel.resampleColumn(
      ring,
      stride,
      ringRows,
      (first - down.start) % ringRows,
      count,
      downValues + y * down.taps * 4,
      layout.crop + y * targetBytes,
      targetBytes,
    );
  }
}
