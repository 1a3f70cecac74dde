/** How well a head does on pictures that it has not seen, and with how much regularisation it does best. */
import { assignFolds } from '../../dataset/folds.js';
import type { Embeddings } from '../embeddings/embeddings.js';
import { fitWith } from './fit.js';
import type { LinearHead } from './linear-head.js';
import { rowsOf } from './rows.js';
import { type Scaling, scalingOf } from './scaling.js';
import { createSoftmaxLoss, type WeightedSamples } from './softmax-loss.js';
import { fitTemperature, lossOf, measure, toProbabilities } from './temperature.js';
import { viewSamples } from './view-samples.js';

export interface CrossValidateOptions {
  readonly classes: number;
  readonly folds?: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Pictures that are no part of it: held out for something else. Of these the probabilities say nothing. */
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

/**
 * From much to little: each head begins where the one before ended. For two classes; of more each has as much less of the loss,
 * so that it takes as much less to hold it.
 */
const PATH: readonly number[] = [10, 1, 0.3, 0.1, 0.03, 0.01, 0.001];
/** Where nothing can be tried. */
const usualFor = (classes: number) => 0.2 / classes;
/** Enough to see which one is best. */
const PATH_TOLERANCE = 1e-3;
/** For the answers of a fold, whose class and probability no longer change with more. */
const FOLD_TOLERANCE = 1e-5;
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
  const plan = planFor(embeddings, included.length, classes, wanted);
  const { folds } = plan;
  const assigned = folds < 2 ? new Int32Array(0) : assignFolds(of(labels), of(groups), folds, seed);
  // One picture, or copies of one that are each of another class: there is nothing to learn from while it is held out.
  if (new Set(assigned).size < 2) return untold(labels, classes);
  const fold = new Int32Array(labels.length).fill(NO_FOLD);
  for (const [i, one] of assigned.entries()) fold[included[i] as number] = one;
  const total = plan.pathFolds * PATH.length + folds;
  let done = 0;
  const step = () => onProgress(++done, total);

  // Views that are left out would be calculated all the same, for nothing.
  const seen = plan.views === embeddings.views ? embeddings : withoutChangedViews(embeddings);
  const loss = await createSoftmaxLoss(classes, embeddings.dimensions, signal, labels.length * plan.views);

  const turns = new Map<number, Prepared>();
  function turn(number: number): Prepared {
    const known = turns.get(number) ?? prepare(seen, labels, classes, { fold, number });
    turns.set(number, known);
    return known;
  }

  /** Heads for these regularisations, each with the logits of the pictures that are held out. */
  async function* heads(number: number, path: readonly number[], tolerance: number): AsyncGenerator<Held> {
    const { samples, scaling, held } = turn(number);
    const vectors = gather(embeddings, held);
    let start: LinearHead | undefined;
    for (const regularisation of path) {
      start = await fitWith(loss, samples, scaling, { classes, regularisation, start, tolerance });
      yield { held, logits: await loss.logits(start, vectors) };
      step();
    }
  }

  async function choose(): Promise<number> {
    if (plan.pathFolds === 0) return usualFor(classes);
    const path = PATH.map((regularisation) => (regularisation * 2) / classes);
    const losses = path.map(() => 0);
    for (let number = 0; number < plan.pathFolds; number++) {
      let i = 0;
      for await (const { held, logits } of heads(number, path, PATH_TOLERANCE)) {
        for (const [row, picture] of held.entries())
          losses[i] = (losses[i] as number) + lossOf(logits, row * classes, classes, labels[picture] as number);
        i += 1;
      }
    }
    return path[losses.indexOf(Math.min(...losses))] as number;
  }

  try {
    const regularisation = await choose();
    const all = new Float32Array(labels.length * classes);
    for (let number = 0; number < folds; number++) {
      for await (const { held, logits } of heads(number, [regularisation], FOLD_TOLERANCE))
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
}

type Seen = Pick<Embeddings, 'dimensions' | 'views' | 'vectors'>;

const withoutChangedViews = (embeddings: Embeddings): Seen => ({
  dimensions: embeddings.dimensions,
  views: 1,
  vectors: gather(embeddings, [...embeddings.pictures.keys()]),
});

interface Prepared {
  readonly samples: WeightedSamples;
  readonly scaling: Scaling;
  readonly held: readonly number[];
}

function prepare(seen: Seen, labels: Int32Array, classes: number, { fold, number }: Turn): Prepared {
  const pictures = [...labels.keys()];
  const kept = pictures.filter((picture) => fold[picture] !== number && fold[picture] !== NO_FOLD);
  const samples = viewSamples(seen, labels, classes, kept);
  return {
    samples: { ...samples, labels: Float32Array.from(samples.labels) },
    scaling: scalingOf(seen.vectors, seen.dimensions, samples.weights),
    held: pictures.filter((picture) => fold[picture] === number),
  };
}

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
/** For thousands of classes, of which each picture teaches one. */
const FEWEST_FOLDS = 2;

interface Plan {
  /** Of each picture. */
  readonly views: number;
  readonly folds: number;
  /** Folds that choose the regularisation; where there are none, it is a usual one. */
  readonly pathFolds: number;
}

/** The first of these that is little enough work, or the last. */
function planFor({ views, dimensions }: Embeddings, pictures: number, classes: number, wanted: number): Plan {
  const folds = Math.min(wanted, pictures);
  const plans: readonly Plan[] = [
    { views, folds, pathFolds: folds },
    { views: 1, folds, pathFolds: folds },
    { views: 1, folds, pathFolds: 1 },
    { views: 1, folds: Math.min(folds, FEWEST_FOLDS), pathFolds: 0 },
  ];
  const heads = (plan: Plan) => plan.pathFolds * PATH.length + plan.folds;
  const work = (plan: Plan) => pictures * plan.views * classes * dimensions * 2 * EVALUATIONS * heads(plan);
  return plans.find((plan) => work(plan) <= WORK) ?? (plans.at(-1) as Plan);
}

async function judge(
  logits: Float32Array,
  labels: Int32Array,
  { classes, regularisation, included }: Judged,
): Promise<CrossValidation> {
  const own = rowsOf(logits, included, classes);
  const truths = Int32Array.from(included, (picture) => labels[picture] as number);
  const temperature = await fitTemperature(own, truths, classes);
  const { accuracy, loss } = measure(own, truths, classes, temperature);
  toProbabilities(logits, classes, temperature);
  return { regularisation, accuracy, loss, temperature, probabilities: logits };
}

interface Judged {
  readonly classes: number;
  readonly regularisation: number;
  readonly included: readonly number[];
}

/** Where nothing can be held out nobody knows anything. */
const untold = (labels: Int32Array, classes: number): CrossValidation => ({
  regularisation: usualFor(classes),
  accuracy: 1 / classes,
  loss: Math.log(classes),
  temperature: 1,
  probabilities: new Float32Array(labels.length * classes).fill(1 / classes),
});
