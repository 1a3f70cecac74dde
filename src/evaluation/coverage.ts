/** What the threshold for "not sure" costs in answers and gives in accuracy. */
import type { CoveragePoint, Evaluation, OperatingPoint } from './evaluation.js';
import { isRight, type Outcome } from './outcome.js';

const STEPS = 100;

/** The curve is of thresholds from 0 to 1 in hundredths. `outcomes` are those of the threshold. */
export function coverageOf(outcomes: readonly Outcome[], threshold: number): Evaluation['coverage'] {
  const sorted = outcomes.toSorted((a, b) => b.probability - a.probability);
  /** Right answers among the first ones. */
  const right = new Uint32Array(sorted.length + 1);
  for (const [i, outcome] of sorted.entries()) right[i + 1] = (right[i] as number) + Number(isRight(outcome));

  function pointAt(threshold: number): CoveragePoint {
    const named = countFrom(sorted, threshold);
    const accuracy = named === 0 ? null : (right[named] as number) / named;
    return { threshold, coverage: named / sorted.length, accuracy };
  }

  const curve = Array.from({ length: STEPS + 1 }, (_, i) => pointAt(i / STEPS));
  return { curve, operating: { ...pointAt(threshold), ...belowThreshold(outcomes) } };
}

function belowThreshold(outcomes: readonly Outcome[]): Pick<OperatingPoint, 'groups' | 'groupAccuracy' | 'unsure'> {
  const groups = outcomes.filter(({ level }) => level === 'group');
  const unsure = outcomes.filter(({ level }) => level === 'unsure').length;
  return {
    groups: groups.length / outcomes.length,
    groupAccuracy: groups.length === 0 ? null : groups.filter(({ groupRight }) => groupRight).length / groups.length,
    unsure: unsure / outcomes.length,
  };
}

/** How many are at least so probable. */
function countFrom(sorted: readonly Outcome[], threshold: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as Outcome).probability >= threshold) low = middle + 1;
    else high = middle;
  }
  return low;
}
