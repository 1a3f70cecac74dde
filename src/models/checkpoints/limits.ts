/** What a checkpoint may claim before it is refused. */

export interface CheckpointLimits {
  /** Bytes of the file, and of all its entries once inflated. */
  readonly fileBytes: number;
  /** Entries of a zip file. */
  readonly entries: number;
  /** Bytes of a pickle, or of the header of a .safetensors file. */
  readonly headerBytes: number;
  /** Tensors, storages, dictionaries, lists and tuples that a pickle builds. */
  readonly containers: number;
  /** Values, and marks, on the stack of a pickle. */
  readonly stack: number;
  /** Values that a pickle keeps to use again. */
  readonly memo: number;
  /** Elements of one tensor. */
  readonly elements: number;
}

/**
 * Far above what any image classifier has: ResNet-101 with its optimiser takes 140 kB of pickle, 13,000 containers and
 * 1,600 entries. The worst pickles and zip files within these limits that we could make cost 1.5 s and less than 200 MB
 * beside the file.
 */
export const defaultLimits: CheckpointLimits = {
  fileBytes: 4 * 2 ** 30,
  entries: 50_000,
  headerBytes: 8 * 2 ** 20,
  containers: 250_000,
  stack: 100_000,
  memo: 500_000,
  elements: 2 ** 29,
};

/** Axes of one tensor; weights have 1 to 4. */
export const MOST_AXES = 32;

/** Deflate shrinks zeros to a thousandth, weights to nine tenths: a zip file may hold this many times its own size. */
export const MOST_INFLATION = 32;
/** Small files may inflate to this, in bytes, whatever their own size is. */
export const FREE_INFLATION = 32 * 2 ** 20;

/** Views share their elements (tied weights, `expand`): all tensors may have this many times the stored elements. */
export const MOST_SHARING = 4;
/** Small checkpoints may have this many elements, however few they store. */
export const FREE_ELEMENTS = 2 ** 24;
