/** Epochs of fine-tuning: each ends with a look at the validation pictures, a point of the curve, and a state to go on from. */
import { AppError } from '../../errors.js';
import type { CurvePoint, TrainingOptions } from '../training.js';
import { createAdamW } from './optimiser.js';
import { createPasses, type Figures, type PassesOptions } from './passes.js';
import { loadState, saveState } from './saved-state.js';

export interface EpochsOptions extends Omit<PassesOptions, 'pointsBefore'> {
  readonly options: Pick<TrainingOptions, 'epochs' | 'augment' | 'seed' | 'resume'>;
  readonly runFolder: string;
  /** What the training was told. */
  readonly key: string;
  readonly onPoint: (point: CurvePoint, epochs: number, best: boolean) => void;
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
  const { learner, boundaries, options, recipe, runFolder, key, signal } = given;
  const { epochs } = options;
  const { weights } = learner;
  const { leftOut } = boundaries;
  const trained = learner.parameters.map(({ shape }, i) => ({
    data: weights[i] as Float32Array,
    decays: shape.length > 1,
  }));

  const saved = options.resume ? await loadState(runFolder, key) : undefined;
  const passes = createPasses({ ...given, pointsBefore: saved?.curve.length });
  const curve: CurvePoint[] = [...(saved?.curve ?? [])];
  for (const picture of saved?.leftOut ?? []) leftOut.add(picture);
  let best = saved?.best ?? 0;
  let bestWeights: readonly Float32Array[] | undefined = saved?.bestWeights;
  let bestLogits: Float32Array = saved?.bestLogits ?? new Float32Array(0);
  const optimiser = createAdamW(trained, recipe.weightDecay, saved);

  /** A point after an epoch; the weights are kept if they are the best. */
  async function look(epoch: number, { loss, accuracy }: Figures): Promise<void> {
    const logits = await passes.answerHeld();
    const found = passes.measureHeld(logits);
    const point = { epoch, loss, accuracy, validationLoss: found.loss, validationAccuracy: found.accuracy };
    // Not the one in the curve: that may be of more pictures than can be read by now.
    const isBest = epoch === 0 || found.loss < passes.measureHeld(bestLogits).loss;
    curve.push(point);
    if (isBest) {
      best = epoch;
      bestWeights = epoch > 0 ? weights.map((one) => one.slice()) : undefined;
      bestLogits = logits;
    }
    given.onPoint(point, epochs, isBest);
  }

  async function start(): Promise<void> {
    if (!saved) return look(0, await passes.look());
    for (const [i, values] of saved.weights.entries()) weights[i]?.set(values);
    for (const point of curve) given.onPoint(point, epochs, point.epoch === best);
  }

  const isEarly = (epoch: number) => epoch - best >= recipe.patience;

  /** After the last epoch only what came of it: whoever goes on from there finds that all is done. */
  async function keep(epoch: number): Promise<void> {
    const isLast = epoch === epochs || isEarly(epoch);
    const going = isLast ? { weights: [], moments: [] } : { weights, moments: optimiser.moments };
    const steps = epoch * passes.steps;
    await saveState(runFolder, { key, steps, best, curve, leftOut: [...leftOut], ...going, bestWeights, bestLogits });
  }

  let ended: Trained['ended'] = 'done';
  try {
    await start();
    for (let epoch = curve.length; epoch <= epochs; epoch++) {
      if (isEarly(epoch - 1)) {
        ended = 'early';
        break;
      }
      await look(epoch, await passes.learn(epoch, optimiser));
      await keep(epoch);
    }
  } catch (error) {
    if (!(signal.aborted && error instanceof AppError && error.code === 'ABORTED')) throw error;
    ended = 'aborted';
  }
  return { best, curve, weights: bestWeights, validationLogits: best > 0 ? bestLogits : undefined, ended };
}
