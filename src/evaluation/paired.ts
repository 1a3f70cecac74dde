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
  const losses = first.map((outcome, i) => lossOf(outcome) - lossOf(second[i] as Outcome));
  return {
    pictures: first.length,
    bothRight: count(true, true),
    onlyFirstRight,
    onlySecondRight,
    bothWrong: count(false, false),
    p: mcNemar(onlyFirstRight, onlySecondRight),
    top1: meanWithInterval(rights.map(([a, b]) => Number(a) - Number(b))),
    logLoss: haveSameClasses ? meanWithInterval(losses) : null,
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

function meanWithInterval(differences: readonly number[]): Measured {
  const values = Float64Array.from(differences);
  const meanOf = (draw: (turn: number) => number) => {
    let sum = 0;
    for (let turn = 0; turn < values.length; turn++) sum += values[draw(turn)] as number;
    return sum / values.length;
  };
  return intervalOf(
    meanOf((i) => i),
    Float64Array.from(resamples(values.length), meanOf),
  );
}
