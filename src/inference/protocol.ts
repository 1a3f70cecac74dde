/** What the pool and its workers say to each other. */
import type { ErrorCode, ErrorDetails } from '../errors.js';
import type { ImagePart, InputSpec } from '../image/input-spec.js';
import type { ModelFile } from './session.js';

/** What a worker is started with. */
export interface WorkerSetup {
  readonly file: ModelFile;
  readonly spec: InputSpec;
  readonly threads: number;
}

/** To a worker: one picture (its pixels are transferred), or the wish to end after the run in hand. */
export type WorkerRequest = { readonly kind: 'classify'; readonly image: ImagePart } | { readonly kind: 'close' };

export interface InferenceResult {
  readonly logits: Float32Array;
  readonly preprocessMs: number;
  readonly inferenceMs: number;
}

/** From a worker: it is ready, it has an answer, or it failed (at its start, or with a picture). */
export type WorkerReply =
  | { readonly kind: 'ready' }
  /** The memory of the pixels comes back, to serve again and so that it does not wait for the worker's heap. */
  | ({ readonly kind: 'result'; readonly pixels: ArrayBuffer } & InferenceResult)
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly details: ErrorDetails<ErrorCode> };
