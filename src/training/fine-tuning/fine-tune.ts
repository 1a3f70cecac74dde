/** Trains the last stages of a network together with a new last layer, which was fitted before: the result is never worse on the validation pictures. */
import type { Settings } from '../../config.js';
import type { OwnPicture } from '../../dataset/dataset.js';
import type { AppError } from '../../errors.js';
import { sha256Of } from '../../hashes.js';
import { type Bundle, modelFile } from '../../models/bundle.js';
import type { LinearHead } from '../head/linear-head.js';
import type { CurvePoint, TrainingOptions } from '../training.js';
import { createBoundaries } from './boundaries.js';
import { runEpochs } from './epochs.js';
import { openLearner } from './learner.js';
import { HEAD, type Parameter } from './learning-graph.js';
import { DEFAULT_RECIPE, type Recipe } from './recipe.js';
import { openStages } from './stages.js';

export interface FineTuneOptions {
  /** The model to begin with; it has to have FP32. */
  readonly bundle: Bundle;
  readonly training: readonly OwnPicture[];
  /** They choose the best epoch. */
  readonly validation: readonly OwnPicture[];
  /** Fitted to the training pictures. */
  readonly head: LinearHead;
  readonly options: Pick<TrainingOptions, 'unfreeze' | 'epochs' | 'augment' | 'seed' | 'resume'>;
  readonly settings: Settings;
  /** The state is kept there after each epoch. */
  readonly runFolder: string;
  /** Aborted, it ends after the step in work, with the best so far. */
  readonly signal: AbortSignal;
  readonly onPoint: (point: CurvePoint, epochs: number, best: boolean) => void;
  /** A picture that cannot be read any more: it goes on without it. */
  readonly onUnreadable: (picture: OwnPicture, error: AppError) => void;
  readonly onProgress: (done: number, total: number, secondsLeft: number | null) => void;
  readonly recipe?: Partial<Recipe>;
}

export interface FineTuned {
  /** Initializers of the FP32 graph that have changed, by their names; none if no epoch was better than what it began with. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly head: LinearHead;
  readonly curve: readonly CurvePoint[];
  /** The epoch that the weights are from; 0 for those it began with. */
  readonly best: number;
  /** Of the validation pictures, with these weights: n×classes. Undefined if they are those it began with. */
  readonly validationLogits: Float32Array | undefined;
  /** Pictures that could not be read any more. */
  readonly leftOut: readonly OwnPicture[];
  readonly ended: 'done' | 'early' | 'aborted';
}

/**
 * @throws AppError TRAINING_UNSUPPORTED before anything starts, PRECISION_UNAVAILABLE, MODEL_DAMAGED, MODEL_INVALID, DISK_FULL,
 * DATA_UNWRITABLE, DATASET_INVALID where no picture of a part can be read any more
 */
export async function fineTune(given: FineTuneOptions): Promise<FineTuned> {
  const { bundle, training, validation, head, options, settings, runFolder, signal, onUnreadable } = given;
  const pictures = [...training, ...validation];
  const recipe = { ...DEFAULT_RECIPE, ...given.recipe };
  const { network, cut } = await openStages(bundle, options.unfreeze);
  const learner = await openLearner(network, cut, head);
  const boundaries = await createBoundaries({
    ...{ network, boundary: cut.boundary, input: bundle.manifest.input, pictures, changing: training.length },
    ...{ views: options.augment + 1, seed: options.seed, settings, folder: runFolder, signal, onUnreadable },
  }).catch(async (error) => {
    await learner.release();
    throw error;
  });
  const { resume, ...told } = options;
  const key = sha256Of(
    JSON.stringify([
      ...[
        modelFile(bundle, 'fp32').sha256,
        network.embedding,
        cut.boundary,
        recipe,
        told,
        described(training),
        described(validation),
      ],
      ...[head.weights, head.bias].map((values) => sha256Of(bytesOf(values))),
    ]),
  );
  try {
    const trained = await runEpochs({ ...given, classes: head.classes, recipe, learner, boundaries, key });
    const { best, curve, ended, validationLogits } = trained;
    const leftOut = pictures.filter((_, position) => boundaries.leftOut.has(position));
    return { ...changed(learner.parameters, trained.weights, head), curve, best, validationLogits, leftOut, ended };
  } finally {
    await Promise.all([learner.release(), boundaries.close()]);
  }
}

function changed(
  parameters: readonly Parameter[],
  weights: readonly Float32Array[] | undefined,
  head: LinearHead,
): Pick<FineTuned, 'weights' | 'head'> {
  if (!weights) return { weights: new Map(), head };
  const all = new Map(parameters.map(({ name }, i) => [name, weights[i] as Float32Array]));
  const take = (name: string) => {
    const values = all.get(name) as Float32Array;
    all.delete(name);
    return values;
  };
  return { head: { ...head, weights: take(HEAD.weights), bias: take(HEAD.bias) }, weights: all };
}

const described = (pictures: readonly OwnPicture[]) => pictures.map(({ name, label }) => [name, label]);

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => new Uint8Array(buffer, byteOffset, byteLength);
