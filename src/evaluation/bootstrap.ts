/** Between what a figure lies: the percentile bootstrap (Efron, 1979), over pictures. */
import { createRandom } from '../random.js';
import type { Measured } from './evaluation.js';
import { lossOf, type Outcome } from './outcome.js';
import { ratesOf } from './per-class.js';

export const BOOTSTRAP = { confidence: 0.95, resamples: 1000, seed: 1 } as const;

const TAIL = (1 - BOOTSTRAP.confidence) / 2;

export interface Estimates {
  readonly top1: Measured;
  readonly top5: Measured;
  readonly logLoss: Measured;
  readonly balancedAccuracy: Measured;
  readonly precision: Measured;
  readonly recall: Measured;
  readonly f1: Measured;
}

type Key = keyof Estimates;
const KEYS = ['top1', 'top5', 'logLoss', 'balancedAccuracy', 'precision', 'recall', 'f1'] as const satisfies Key[];

/** Each figure of the pictures, and its interval. */
export function estimate(outcomes: readonly Outcome[]): Estimates {
  const measure = createMeasure(outcomes);
  const values = measure((i) => i);
  const resampled = Object.fromEntries(KEYS.map((key) => [key, new Float64Array(BOOTSTRAP.resamples)]));
  for (const [i, draw] of resamples(outcomes.length).entries()) {
    const found = measure(draw);
    for (const key of KEYS) (resampled[key] as Float64Array)[i] = found[key];
  }
  const measured = KEYS.map((key) => [key, intervalOf(values[key], resampled[key] as Float64Array)] as const);
  const { top1, top5, ...rest } = Object.fromEntries(measured) as Record<Key, Measured>;
  return { ...rest, top1: notDegenerate(top1, outcomes.length), top5: notDegenerate(top5, outcomes.length) };
}

/** For each resample a function that draws its pictures, one at each call. */
export function resamples(pictures: number): (() => number)[] {
  const random = createRandom('bootstrap', BOOTSTRAP.seed);
  return Array.from({ length: BOOTSTRAP.resamples }, () => () => random.below(pictures));
}

/** The figures of as many pictures as there are, which are drawn by their positions. */
function createMeasure(outcomes: readonly Outcome[]): (draw: (turn: number) => number) => Record<Key, number> {
  const classes = new Map(
    [...new Set(outcomes.flatMap(({ truth, predicted }) => [truth, predicted]))].map((c, i) => [c, i]),
  );
  const truths = Int32Array.from(outcomes, ({ truth }) => classes.get(truth) as number);
  const predictions = Int32Array.from(outcomes, ({ predicted }) => classes.get(predicted) as number);
  const amongFive = Uint8Array.from(outcomes, ({ rank }) => Number(rank < 5));
  const losses = Float64Array.from(outcomes, lossOf);
  const count = outcomes.length;
  const [support, predicted, right] = [0, 1, 2].map(() => new Int32Array(classes.size)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];

  return (draw) => {
    for (const counts of [support, predicted, right]) counts.fill(0);
    let [top1, top5, loss] = [0, 0, 0];
    for (let turn = 0; turn < count; turn++) {
      const i = draw(turn);
      const [truth, named] = [truths[i] as number, predictions[i] as number];
      support[truth] = (support[truth] as number) + 1;
      predicted[named] = (predicted[named] as number) + 1;
      if (truth === named) {
        right[truth] = (right[truth] as number) + 1;
        top1 += 1;
      }
      top5 += amongFive[i] as number;
      loss += losses[i] as number;
    }
    return { top1: top1 / count, top5: top5 / count, logLoss: loss / count, ...macro(support, predicted, right) };
  };
}

/** Over the classes that occur; the balanced accuracy over those that there are pictures of. */
function macro(support: Int32Array, predicted: Int32Array, right: Int32Array) {
  const sums = { precision: 0, recall: 0, f1: 0 };
  let [occurring, shown] = [0, 0];
  for (const [i, pictures] of support.entries()) {
    const named = predicted[i] as number;
    if (pictures + named === 0) continue;
    occurring += 1;
    if (pictures > 0) shown += 1;
    const { precision, recall, f1 } = ratesOf(right[i] as number, pictures, named);
    sums.precision += precision;
    sums.recall += recall;
    sums.f1 += f1;
  }
  return {
    precision: sums.precision / occurring,
    recall: sums.recall / occurring,
    f1: sums.f1 / occurring,
    balancedAccuracy: sums.recall / shown,
  };
}

export function intervalOf(value: number, resampled: Float64Array): Measured {
  const sorted = resampled.toSorted();
  return { value, low: percentile(sorted, TAIL), high: percentile(sorted, 1 - TAIL) };
}

/** Between two values in proportion, as NumPy does by default. */
function percentile(sorted: Float64Array, at: number): number {
  const position = (sorted.length - 1) * at;
  const below = Math.floor(position);
  const [low, high] = [sorted[below] as number, sorted[Math.min(below + 1, sorted.length - 1)] as number];
  return low + (high - low) * (position - below);
}

/** Where all or none are right every resample says the same; then it is the exact binomial interval (Clopper and Pearson, 1934). */
function notDegenerate(share: Measured, pictures: number): Measured {
  const reach = TAIL ** (1 / pictures);
  if (share.value === 1) return { ...share, low: reach };
  return share.value === 0 ? { ...share, high: 1 - reach } : share;
}
