/** What a frozen network makes of pictures: one vector for each view of each. */
import type { OwnPicture } from '../../dataset/dataset.js';
import type { AppError } from '../../errors.js';

export interface EmbeddedPicture {
  readonly picture: OwnPicture;
  /** Of the bytes of its file. */
  readonly sha256: string;
  /** Of its pixels: `fingerprintOf` in image/fingerprint.ts. */
  readonly fingerprint: Uint8Array;
}

export interface Embeddings {
  /** Those that could be read, in the order of the data set. */
  readonly pictures: readonly EmbeddedPicture[];
  readonly unreadable: readonly { readonly picture: OwnPicture; readonly error: AppError }[];
  /** Numbers in a vector. */
  readonly dimensions: number;
  /** Views of each picture: the first is the picture itself, as it is answered. */
  readonly views: number;
  /** All of them, `pictures × views × dimensions`: not to be written to. */
  readonly vectors: Float32Array;
  /** The vector of a view of a picture, by their positions: a view of shared memory, not to be written to. */
  readonly vector: (picture: number, view: number) => Float32Array;
}
