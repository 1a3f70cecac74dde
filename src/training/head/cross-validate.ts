/** How well a head does on pictures that it has not seen, and with how much regularisation it does best. */
import { assignFolds } from '../../dataset/folds.js';
import type { Embeddings } from '../embeddings/embeddings.js';
import { classWeights } from './class-weights.js';
import { fitWith } from './fit.js';
import type { LinearHead } from './linear-head.js';
import { scalingOf } from './scaling.js';
import { createSoftmaxLoss } from './softmax-loss.js';
import { fitTemperature, lossOf, measure, toProbabilities } from './temperature.js';

export interface CrossValidateOptions {
  readonly classes: number;
  readonly folds?: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Pictures that are no part of it: held out for something else. Of these the probabilities are 0. */
  readonly leftOut?: ReadonlySet<number>;
  /** Heads that are fitted, of so many. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface CrossValidation {
  /** The one of the path with the least loss. */
  readonly regularisation: number;
  /** Share of the pictures that are named right. */
  readonly accuracy: number;
  /** Mean cross-entropy in nats, at the temperature. */
  readonly loss: number;
  readonly temperature: number;
  /** `pictures × classes`, at the temperature: each from a head that saw neither the picture nor its group. */
  readonly probabilities: Float32Array;
}

/** From much to little: each head begins where the one before ended. */
const PATH: readonly number[] = [10, 1, 0.3, 0.1, 0.03, 0.01, 0.001];
/** Enough to see which one is best. */
const PATH_TOLERANCE = 1e-4;
const FOLDS = 5;
const NO_FOLD = -1;

/**
 * `labels` and `groups` are those of the pictures; a group is on one side only. Where there is much to calculate, less of it is
 * tried: at first changed views are left out, then the regularisation is chosen by one fold.
 * @throws AppError ABORTED
 */
export async function crossValidate(
  embeddings: Embeddings,
  labels: Int32Array,
  groups: Int32Array,
  {
    classes,
    folds: wanted = FOLDS,
    seed,
    signal,
    leftOut = new Set(),
    onProgress = () => undefined,
  }: CrossValidateOptions,
): Promise<CrossValidation> {
  const included = [...labels.keys()].filter((picture) => !leftOut.has(picture));
  const of = (numbers: Int32Array) => Int32Array.from(included, (picture) => numbers[picture] as number);
  const folds = Math.min(wanted, included.length);
  if (folds < 2) return untold(labels, classes);
  const fold = new Int32Array(labels.length).fill(NO_FOLD);
  for (const [i, one] of assignFolds(of(labels), of(groups), folds, seed).entries()) fold[included[i] as number] = one;
  const plan = planFor(embeddings, classes, folds);
  const total = plan.pathFolds * PATH.length + folds;
  let done = 0;
  const step = () => onProgress(++done, total);

  const loss = await createSoftmaxLoss(classes, embeddings.dimensions, signal, labels.length * plan.views);

  /** Heads for these regularisations, each with the logits of the pictures that are held out. */
  async function* heads(number: number, path: readonly number[], tolerance?: number): AsyncGenerator<Held> {
    const { samples, scaling, held } = prepare(embeddings, labels, classes, { fold, number, views: plan.views });
    const vectors = gather(embeddings, held);
    let start: LinearHead | undefined;
    for (const regularisation of path) {
      start = await fitWith(loss, samples, scaling, { classes, regularisation, start, tolerance });
      yield { held, logits: await loss.logits(start, vectors) };
      step();
    }
  }

  async function choose(): Promise<number> {
    const losses = PATH.map(() => 0);
    for (let number = 0; number < plan.pathFolds; number++) {
      let i = 0;
      for await (const { held, logits } of heads(number, PATH, PATH_TOLERANCE)) {
        for (const [row, picture] of held.entries())
          losses[i] = (losses[i] as number) + lossOf(logits, row * classes, classes, labels[picture] as number);
        i += 1;
      }
    }
    return PATH[losses.indexOf(Math.min(...losses))] as number;
  }

  try {
    const regularisation = await choose();
    const all = new Float32Array(labels.length * classes);
    for (let number = 0; number < folds; number++) {
      for await (const { held, logits } of heads(number, [regularisation]))
        for (const [row, picture] of held.entries())
          all.set(logits.subarray(row * classes, (row + 1) * classes), picture * classes);
    }
    return judge(all, labels, { classes, regularisation, included });
  } finally {
    await loss.release();
  }
}

interface Held {
  readonly held: readonly number[];
  readonly logits: Float32Array;
}

interface Turn {
  readonly fold: Int32Array;
  readonly number: number;
  readonly views: number;
}

/** The vectors are not copied: what is held out counts nothing. */
function prepare(embeddings: Embeddings, labels: Int32Array, classes: number, { fold, number, views }: Turn) {
  const { dimensions, views: stored, vectors } = embeddings;
  const pictures = [...labels.keys()];
  const kept = pictures.filter((picture) => fold[picture] !== number && fold[picture] !== NO_FOLD);
  const counts = classWeights(
    Int32Array.from(kept, (picture) => labels[picture] as number),
    classes,
  );
  const weights = new Float32Array(labels.length * stored);
  for (const [i, picture] of kept.entries())
    weights.fill(counts[i] as number, picture * stored, picture * stored + views);
  return {
    samples: { vectors, weights, labels: repeated(labels, stored) },
    scaling: scalingOf(vectors, dimensions, weights),
    held: pictures.filter((picture) => fold[picture] === number),
  };
}

/** The label of each view. */
const repeated = (labels: Int32Array, views: number): Float32Array =>
  Float32Array.from({ length: labels.length * views }, (_, row) => labels[Math.floor(row / views)] as number);

/** The pictures themselves, without changed views. */
export function gather({ dimensions, vector }: Embeddings, pictures: readonly number[]): Float32Array {
  const vectors = new Float32Array(pictures.length * dimensions);
  for (const [row, picture] of pictures.entries()) vectors.set(vector(picture, 0), row * dimensions);
  return vectors;
}

/** Multiplications that a cross-validation may take: a minute or two on two cores. */
const WORK = 3e12;
/** How often a head's loss is calculated until it fits. */
const EVALUATIONS = 25;

function planFor({ pictures, views, dimensions }: Embeddings, classes: number, folds: number) {
  const work = (some: number, pathFolds: number) =>
    pictures.length * some * classes * dimensions * 2 * EVALUATIONS * (pathFolds * PATH.length + folds);
  if (work(views, folds) <= WORK) return { views, pathFolds: folds };
  return { views: 1, pathFolds: work(1, folds) <= WORK ? folds : 1 };
}

function judge(
  logits: Float32Array,
  labels: Int32Array,
  { classes, regularisation, included }: Judged,
): CrossValidation {
  const own = rowsOf(logits, included, classes);
  const truths = Int32Array.from(included, (picture) => labels[picture] as number);
  const temperature = fitTemperature(own, truths, classes);
  const { accuracy, loss } = measure(own, truths, classes, temperature);
  toProbabilities(logits, classes, temperature);
  return { regularisation, accuracy, loss, temperature, probabilities: logits };
}

interface Judged {
  readonly classes: number;
  readonly regularisation: number;
  readonly included: readonly number[];
}

/** The rows of these pictures alone; the same memory where that is all of them. */
function rowsOf(logits: Float32Array, pictures: readonly number[], classes: number): Float32Array {
  if (pictures.length * classes === logits.length) return logits;
  const rows = new Float32Array(pictures.length * classes);
  for (const [row, picture] of pictures.entries())
    rows.set(logits.subarray(picture * classes, (picture + 1) * classes), row * classes);
  return rows;
}

/** With one picture nothing can be held out: nobody knows anything. */
const untold = (labels: Int32Array, classes: number): CrossValidation => ({
  regularisation: PATH[3] as number,
  accuracy: 1 / classes,
  loss: Math.log(classes),
  temperature: 1,
  probabilities: new Float32Array(labels.length * classes).fill(1 / classes),
});
