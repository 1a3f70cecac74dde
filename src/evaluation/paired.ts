/** Whether of two models one is better, by the same pictures through both. */
import { intervalOf, resamples } from './bootstrap.js';
import type { Measured, PairedTest } from './evaluation.js';
import { isRight, lossOf, type Outcome } from './outcome.js';

/** The outcomes are of the same pictures in the same order; losses are compared only where both choose among the same classes. */
export function comparePaired(
  first: readonly Outcome[],
  second: readonly Outcome[],
  haveSameClasses: boolean,
): PairedTest {
  const rights = first.map((outcome, i) => [isRight(outcome), isRight(second[i] as Outcome)] as const);
  const count = (one: boolean, other: boolean) => rights.filter(([a, b]) => a === one && b === other).length;
  const [onlyFirstRight, onlySecondRight] = [count(true, false), count(false, true)];
  const [top1, logLoss] = meansWithIntervals([
    Float64Array.from(rights, ([a, b]) => Number(a) - Number(b)),
    Float64Array.from(first, (outcome, i) => lossOf(outcome) - lossOf(second[i] as Outcome)),
  ]) as [Measured, Measured];
  return {
    pictures: first.length,
    bothRight: count(true, true),
    onlyFirstRight,
    onlySecondRight,
    bothWrong: count(false, false),
    p: mcNemar(onlyFirstRight, onlySecondRight),
    top1,
    logLoss: haveSameClasses ? logLoss : null,
  };
}

/** Twice the probability that at most the smaller number of fair coins shows heads; at most 1. */
export function mcNemar(one: number, other: number): number {
  const [coins, heads] = [one + other, Math.min(one, other)];
  // In logarithms: 2^-coins alone is too small for a number.
  let logarithm = -coins * Math.LN2;
  let sum = Math.exp(logarithm);
  for (let k = 1; k <= heads; k++) {
    logarithm += Math.log((coins - k + 1) / k);
    sum += Math.exp(logarithm);
  }
  return Math.min(1, 2 * sum);
}

/** Of the mean of each row of differences; all are of the same draws. */
function meansWithIntervals(rows: readonly Float64Array[]): Measured[] {
  const pictures = rows[0]?.length ?? 0;
  const meansOf = (draw: (turn: number) => number): number[] => {
    const sums = rows.map(() => 0);
    for (let turn = 0; turn < pictures; turn++) {
      const i = draw(turn);
      for (let row = 0; row < rows.length; row++)
        sums[row] = (sums[row] as number) + ((rows[row] as Float64Array)[i] as number);
    }
    return sums.map((sum) => sum / pictures);
  };
  const means = resamples(pictures).map(meansOf);
  return meansOf((i) => i).map((value, row) =>
    intervalOf(
      value,
      Float64Array.from(means, (all) => all[row] as number),
    ),
  );
}
