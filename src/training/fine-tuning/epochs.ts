/** Epochs of fine-tuning: each ends with a look at the validation pictures, a point of the curve, and a state to go on from. */
import type { OwnPicture } from '../../dataset/dataset.js';
import { AppError } from '../../errors.js';
import { createRandom } from '../../random.js';
import { classWeights } from '../head/class-weights.js';
import { rowsOf } from '../head/rows.js';
import { measure } from '../head/temperature.js';
import type { CurvePoint, TrainingOptions } from '../training.js';
import type { Boundaries, ViewOf } from './boundaries.js';
import type { Learner } from './learner.js';
import { createAdamW, rateAt } from './optimiser.js';
import { createProgress } from './progress.js';
import type { Recipe } from './recipe.js';
import { loadState, saveState } from './saved-state.js';

export interface EpochsOptions {
  readonly learner: Learner;
  /** Of the training pictures, then of the validation pictures. */
  readonly boundaries: Boundaries;
  readonly training: readonly OwnPicture[];
  readonly validation: readonly OwnPicture[];
  readonly classes: number;
  readonly options: Pick<TrainingOptions, 'epochs' | 'augment' | 'seed' | 'resume'>;
  readonly recipe: Recipe;
  readonly runFolder: string;
  /** What the training was told. */
  readonly key: string;
  readonly signal: AbortSignal;
  readonly onPoint: (point: CurvePoint, epochs: number, best: boolean) => void;
  readonly onProgress: (done: number, total: number, secondsLeft: number | null) => void;
}

export interface Trained {
  /** The epoch with the least validation loss; 0 is the state before the first. */
  readonly best: number;
  readonly curve: readonly CurvePoint[];
  /** Undefined where no epoch was better than what it began with; else in the order of the learner's parameters. */
  readonly weights: readonly Float32Array[] | undefined;
  /** Of the validation pictures, with these weights. */
  readonly validationLogits: Float32Array | undefined;
  readonly ended: 'done' | 'early' | 'aborted';
}

/** @throws AppError DISK_FULL, DATA_UNWRITABLE, MODEL_INVALID, DATASET_INVALID where no picture of a part can be read any more */
export async function runEpochs(given: EpochsOptions): Promise<Trained> {
  const { learner, boundaries, training, validation, classes, options, recipe, runFolder, key, signal } = given;
  const { epochs, seed } = options;
  const { weights } = learner;
  const { leftOut } = boundaries;
  const labels = labelsOf(training);
  const counts = classWeights(labels, classes);
  const steps = Math.ceil(training.length / recipe.batch);
  const views = options.augment + 1;
  const trained = learner.parameters.map(({ shape }, i) => ({
    data: weights[i] as Float32Array,
    decays: shape.length > 1,
  }));

  const saved = options.resume ? await loadState(runFolder, key) : undefined;
  const curve: CurvePoint[] = [...(saved?.curve ?? [])];
  for (const picture of saved?.leftOut ?? []) leftOut.add(picture);
  let best = saved?.best ?? 0;
  let bestWeights: readonly Float32Array[] | undefined = saved?.bestWeights;
  let bestLogits: Float32Array = saved?.bestLogits ?? new Float32Array(0);
  const looks = steps + Math.ceil(validation.length / recipe.batch);
  const far = createProgress({ ...given, epochs, steps, looks, pointsBefore: saved?.curve.length });

  /** Every picture in another view than the epoch before. */
  const firstViews = Int32Array.from(training, (_, i) => createRandom('first view', seed, i).below(views));
  const viewIn = (epoch: number, picture: number): ViewOf => ({
    picture,
    view: ((firstViews[picture] as number) + epoch) % views,
  });

  async function answerAll(wanted: readonly ViewOf[]): Promise<Float32Array> {
    const logits = new Float32Array(wanted.length * classes);
    for (let from = 0; from < wanted.length; from += recipe.batch) {
      requireGoing(signal);
      const some = wanted.slice(from, from + recipe.batch);
      logits.set(await learner.answer(await boundaries.read(some), some.length), from * classes);
      if (curve.length === 0) far.look();
    }
    return logits;
  }

  /** Of a part of the pictures, which begins at position `first` among all, those that can still be read. */
  function measureReadable(logits: Float32Array, truths: Int32Array, first: number) {
    const rows = [...truths.keys()].filter((row) => !leftOut.has(first + row));
    requireSome(rows.length, first === 0);
    const kept = Int32Array.from(rows, (row) => truths[row] as number);
    return measure(rowsOf(logits, rows, classes), kept, classes);
  }

  const held = validation.map((_, i) => ({ picture: training.length + i, view: 0 }));
  const heldLabels = labelsOf(validation);

  async function learnOnce(epoch: number) {
    far.begin();
    const order = createRandom('order', seed, epoch).shuffled(training.keys());
    const logits = new Float32Array(training.length * classes);
    for (let step = 0; step < steps; step++) {
      requireGoing(signal);
      const some = order.slice(step * recipe.batch, (step + 1) * recipe.batch);
      const values = await boundaries.read(some.map((picture) => viewIn(epoch, picture)));
      const readable = some.filter((picture) => !leftOut.has(picture)).length;
      const shares = Float32Array.from(some, (picture) =>
        leftOut.has(picture) ? 0 : (counts[picture] as number) / readable,
      );
      const found = await learner.learn(values, targetsOf(some, labels, classes, recipe.labelSmoothing), shares);
      for (const [row, picture] of some.entries()) {
        logits.set(found.subarray(row * classes, (row + 1) * classes), picture * classes);
      }
      const before = (epoch - 1) * steps + step;
      optimiser.step(learner.gradients, rateAt(before, epochs * steps, recipe.rate, recipe.warmUp));
      far.learn();
    }
    return measureReadable(logits, labels, 0);
  }

  /** A point after an epoch; the weights are kept if they are the best. */
  async function look(
    epoch: number,
    { loss, accuracy }: { readonly loss: number; readonly accuracy: number },
  ): Promise<void> {
    const logits = await answerAll(held);
    const found = measureReadable(logits, heldLabels, training.length);
    const point = { epoch, loss, accuracy, validationLoss: found.loss, validationAccuracy: found.accuracy };
    // Not the one in the curve: that may be of more pictures than can be read by now.
    const isBest = epoch === 0 || found.loss < measureReadable(bestLogits, heldLabels, training.length).loss;
    curve.push(point);
    if (isBest) {
      best = epoch;
      bestWeights = epoch > 0 ? weights.map((one) => one.slice()) : undefined;
      bestLogits = logits;
    }
    given.onPoint(point, epochs, isBest);
  }

  async function start(): Promise<void> {
    if (saved) {
      for (const [i, values] of saved.weights.entries()) weights[i]?.set(values);
      for (const point of curve) given.onPoint(point, epochs, point.epoch === best);
      return;
    }
    far.tell();
    const logits = await answerAll(training.map((_, picture) => viewIn(1, picture)));
    await look(0, measureReadable(logits, labels, 0));
  }

  const isEarly = (epoch: number) => epoch - best >= recipe.patience;

  /** After the last epoch only what came of it: whoever goes on from there finds that all is done. */
  async function keep(epoch: number): Promise<void> {
    const isLast = epoch === epochs || isEarly(epoch);
    const going = isLast ? { weights: [], moments: [] } : { weights, moments: optimiser.moments };
    const state = { key, steps: epoch * steps, best, curve, leftOut: [...leftOut], ...going, bestWeights, bestLogits };
    await saveState(runFolder, state);
  }

  const optimiser = createAdamW(trained, recipe.weightDecay, saved);
  let ended: Trained['ended'] = 'done';
  try {
    await start();
    for (let epoch = curve.length; epoch <= epochs; epoch++) {
      if (isEarly(epoch - 1)) {
        ended = 'early';
        break;
      }
      await look(epoch, await learnOnce(epoch));
      await keep(epoch);
    }
  } catch (error) {
    if (!(signal.aborted && error instanceof AppError && error.code === 'ABORTED')) throw error;
    ended = 'aborted';
  }
  return { best, curve, weights: bestWeights, validationLogits: best > 0 ? bestLogits : undefined, ended };
}

function requireGoing(signal: AbortSignal): void {
  if (signal.aborted) throw new AppError('ABORTED', {});
}

/** A disk that is gone is no reason to go on with nothing. */
function requireSome(readable: number, isTraining: boolean): void {
  if (readable > 0) return;
  throw new AppError('DATASET_INVALID', {
    source: 'the data set',
    expected: `pictures ${isTraining ? 'to train with' : 'that are held out'} which can still be read`,
    found: 'none',
    remedy: 'See whether they are still where they were, and go on (resume)',
  });
}

const labelsOf = (pictures: readonly OwnPicture[]): Int32Array => Int32Array.from(pictures, ({ label }) => label);

/** n×classes: each row has the sum 1. */
function targetsOf(pictures: readonly number[], labels: Int32Array, classes: number, smoothing: number): Float32Array {
  const targets = new Float32Array(pictures.length * classes).fill(smoothing / classes);
  for (const [row, picture] of pictures.entries()) {
    const place = row * classes + (labels[picture] as number);
    targets[place] = (targets[place] as number) + 1 - smoothing;
  }
  return targets;
}
