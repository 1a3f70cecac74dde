/** What a run of the model shows beside its answer, for those who look into it: explanations, and what learns from embeddings. */
import type { InferenceResult } from '../inference/protocol.js';
import type { ModelFile, Values } from '../inference/session.js';
import type { Language } from '../labels/label-set.js';
import type { Bundle } from '../models/bundle.js';
import type { Classification } from './classification.js';

/** A further output of a model, as its manifest calls it. */
export type InnerOutput = Exclude<keyof Bundle['manifest']['output'], 'logits'>;

export interface Inspection {
  readonly classification: Classification;
  readonly logits: Float32Array;
  /** Those that were asked for and that the model has. */
  readonly outputs: ReadonlyMap<InnerOutput, Values>;
  /** What the network was given: `height×width×3` bytes of RGB. */
  readonly crop: Uint8Array;
  /** The size of the upright picture. */
  readonly picture: { readonly width: number; readonly height: number };
  readonly lang: Language;
  readonly bundle: Bundle;
  readonly file: ModelFile;
  /** Runs the same model on pixels as the network is given them, within the same time. */
  readonly runCrop: (pixels: Uint8Array) => Promise<InferenceResult>;
}
