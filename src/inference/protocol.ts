/** What the pool and its workers say to each other. */
import type { ErrorCode, ErrorDetails } from '../errors.js';
import type { ImagePart, InputSpec } from '../image/input-spec.js';
import type { ModelFile, ModelOutputs } from './session.js';

/** What a worker is started with. */
export interface WorkerSetup {
  readonly file: ModelFile;
  readonly spec: InputSpec;
  readonly threads: number;
}

/** What else than logits is wanted of a run. */
export interface Wanted {
  /** Further outputs of the model, by their names. */
  readonly outputs: readonly string[];
  /** Whether the pixels that the network was given are, too. */
  readonly crop: boolean;
}

export const LOGITS_ALONE: Wanted = { outputs: [], crop: false };

/** To a worker: a picture, or pixels as the network is given them (they are transferred), or the wish to end after the run in hand. */
export type WorkerRequest =
  | { readonly kind: 'classify'; readonly image: ImagePart; readonly wanted: Wanted }
  | { readonly kind: 'crop'; readonly pixels: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'close' };

export interface InferenceResult extends ModelOutputs {
  /** If it was wanted: what the network was given, `height×width×3` bytes of RGB. */
  readonly crop: Uint8Array | undefined;
  readonly preprocessMs: number;
  readonly inferenceMs: number;
}

/** From a worker: it is ready, it has an answer, or it failed (at its start, or with a picture). */
export type WorkerReply =
  | { readonly kind: 'ready' }
  /** The memory of the pixels comes back, to serve again and so that it does not wait for the worker's heap. */
  | ({ readonly kind: 'result'; readonly pixels: ArrayBuffer } & InferenceResult)
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly details: ErrorDetails<ErrorCode> };
