/** Passes over the pictures of a fine-tuning: what the network says of them as it is, and what it learns from them in an epoch. */
import type { OwnPicture } from '../../dataset/dataset.js';
import { AppError } from '../../errors.js';
import { createRandom } from '../../random.js';
import { classWeights } from '../head/class-weights.js';
import { rowsOf } from '../head/rows.js';
import { measure } from '../head/temperature.js';
import type { TrainingOptions } from '../training.js';
import type { Boundaries, ViewOf } from './boundaries.js';
import type { Learner } from './learner.js';
import { type Optimiser, rateAt } from './optimiser.js';
import { createProgress, type ProgressOptions } from './progress.js';
import type { Recipe } from './recipe.js';

export interface PassesOptions extends Pick<ProgressOptions, 'pointsBefore' | 'onProgress'> {
  readonly learner: Learner;
  /** Of the training pictures, then of the validation pictures. */
  readonly boundaries: Boundaries;
  readonly training: readonly OwnPicture[];
  readonly validation: readonly OwnPicture[];
  readonly classes: number;
  readonly options: Pick<TrainingOptions, 'epochs' | 'augment' | 'seed'>;
  readonly recipe: Recipe;
  readonly signal: AbortSignal;
}

/** Of the pictures that can still be read. */
export interface Figures {
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  readonly accuracy: number;
}

/** All but `measureHeld` throw AppError ABORTED; DATASET_INVALID where no picture of a part can be read any more. */
export interface Passes {
  /** Of the optimiser, in an epoch. */
  readonly steps: number;
  /** The training pictures, in the views of the first epoch. */
  readonly look: () => Promise<Figures>;
  /** Learns from each training picture once; the figures are those of the answers meanwhile. */
  readonly learn: (epoch: number, optimiser: Pick<Optimiser, 'step'>) => Promise<Figures>;
  /** Logits of the validation pictures: n×classes. */
  readonly answerHeld: () => Promise<Float32Array>;
  readonly measureHeld: (logits: Float32Array) => Figures;
}

export function createPasses(given: PassesOptions): Passes {
  const { learner, boundaries, training, validation, classes, recipe, signal } = given;
  const { epochs, seed, augment } = given.options;
  const { leftOut } = boundaries;
  const labels = labelsOf(training);
  const counts = classWeights(labels, classes);
  const steps = Math.ceil(training.length / recipe.batch);
  const looks = steps + Math.ceil(validation.length / recipe.batch);
  const progress = createProgress({ ...given, epochs, steps, looks });

  /** Every picture in another view than the epoch before. */
  const firstViews = Int32Array.from(training, (_, i) => createRandom('first view', seed, i).below(augment + 1));
  const viewIn = (epoch: number, picture: number): ViewOf => ({
    picture,
    view: ((firstViews[picture] as number) + epoch) % (augment + 1),
  });

  async function answerAll(wanted: readonly ViewOf[]): Promise<Float32Array> {
    const logits = new Float32Array(wanted.length * classes);
    for (let from = 0; from < wanted.length; from += recipe.batch) {
      requireGoing(signal);
      const some = wanted.slice(from, from + recipe.batch);
      logits.set(await learner.answer(await boundaries.read(some), some.length), from * classes);
      progress.look();
    }
    return logits;
  }

  /** Of a part of the pictures, which begins at position `first` among all, those that can still be read. */
  function measureReadable(logits: Float32Array, truths: Int32Array, first: number): Figures {
    const rows = [...truths.keys()].filter((row) => !leftOut.has(first + row));
    requireSome(rows.length, first === 0);
    const kept = Int32Array.from(rows, (row) => truths[row] as number);
    return measure(rowsOf(logits, rows, classes), kept, classes);
  }

  async function learn(epoch: number, optimiser: Pick<Optimiser, 'step'>): Promise<Figures> {
    progress.begin();
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
      const done = (epoch - 1) * steps + step;
      optimiser.step(learner.gradients, rateAt(done, epochs * steps, recipe.rate, recipe.warmUp));
      progress.learn();
    }
    return measureReadable(logits, labels, 0);
  }

  async function look(): Promise<Figures> {
    progress.tell();
    const logits = await answerAll(training.map((_, picture) => viewIn(1, picture)));
    return measureReadable(logits, labels, 0);
  }

  const held = validation.map((_, i) => ({ picture: training.length + i, view: 0 }));
  const heldLabels = labelsOf(validation);
  return {
    steps,
    look,
    learn,
    answerHeld: () => answerAll(held),
    measureHeld: (logits) => measureReadable(logits, heldLabels, training.length),
  };
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
