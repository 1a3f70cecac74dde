/** The last layer: fitted to the training pictures, and judged on others. */
import { AppError } from '../errors.js';
import type { Embeddings } from './embeddings/embeddings.js';
import { type CrossValidation, crossValidate, gather } from './head/cross-validate.js';
import { fitHead } from './head/fit.js';
import type { LinearHead } from './head/linear-head.js';
import { logitsOf } from './head/softmax-loss.js';
import { toProbabilities } from './head/temperature.js';
import { viewSamples } from './head/view-samples.js';
import type { ReportPhase } from './progress.js';

export interface Split {
  /** Positions of pictures. */
  readonly training: readonly number[];
  readonly validation: readonly number[];
}

export interface FittedHead {
  readonly head: LinearHead;
  /** Of the training pictures; its `probabilities` are of all pictures, each from a head that saw neither it nor a copy of it. */
  readonly crossValidation: CrossValidation;
  /** Of the validation pictures: n×classes. */
  readonly validationLogits: Float32Array;
}

export interface FitLastLayerOptions {
  readonly labels: Int32Array;
  readonly groups: Int32Array;
  readonly classes: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly report: ReportPhase;
}

/** Numbers that are kept of all pictures at once: more are 2 GB. */
const MOST_NUMBERS = 2 ** 29;

/** The pictures that are held out choose nothing. @throws AppError ABORTED, DATASET_INVALID for what does not fit in memory */
export async function fitLastLayer(
  embeddings: Embeddings,
  { training, validation }: Split,
  { labels, groups, classes, seed, signal, report }: FitLastLayerOptions,
): Promise<FittedHead> {
  if (labels.length * classes > MOST_NUMBERS) {
    throw new AppError('DATASET_INVALID', {
      source: 'the data set',
      expected: `at most ${Math.floor(MOST_NUMBERS / classes)} pictures, which is what fits in memory with ${classes} classes,`,
      found: `${labels.length}`,
      remedy: 'Train with fewer pictures or classes',
    });
  }
  const leftOut = new Set(validation);
  const crossValidation = await crossValidate(embeddings, labels, groups, {
    ...{ classes, seed, signal, leftOut },
    onProgress: (...far) => report('checking', ...far),
  });
  report('fitting', 0, 1);
  const { regularisation, temperature, probabilities } = crossValidation;
  const samples = viewSamples(embeddings, labels, classes, training);
  const head = await fitHead(samples, { classes, regularisation, signal });
  const validationLogits = await logitsOf(head, gather(embeddings, validation), signal);
  const own = Float32Array.from(validationLogits);
  toProbabilities(own, classes, temperature);
  for (const [row, picture] of validation.entries())
    probabilities.set(own.subarray(row * classes, (row + 1) * classes), picture * classes);
  report('fitting', 1, 1);
  return { head, crossValidation, validationLogits };
}
