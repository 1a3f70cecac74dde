/** Whether probabilities mean what they say: of answers with 0.8, eight in ten should be right. */
import type { Evaluation, ReliabilityBin } from './evaluation.js';
import { isRight, type Outcome } from './outcome.js';

const BINS = 15;

/** NumPy's `linspace`, to the last digit. */
const edge = (i: number) => (i === BINS ? 1 : i * (1 / BINS));

/** ECE: the mean distance between confidence and accuracy over 15 bins of the same width, each by its pictures (Guo et al., 2017). */
export function calibrationOf(outcomes: readonly Outcome[]): Evaluation['calibration'] {
  const sums = Array.from({ length: BINS }, () => ({ pictures: 0, confidence: 0, right: 0 }));
  for (const outcome of outcomes) {
    const sum = sums[binOf(outcome.probability)] as (typeof sums)[number];
    sum.pictures += 1;
    sum.confidence += outcome.probability;
    if (isRight(outcome)) sum.right += 1;
  }
  const bins = sums.map(({ pictures, confidence, right }, i): ReliabilityBin => {
    const mean = (total: number) => (pictures === 0 ? null : total / pictures);
    return { from: edge(i), to: edge(i + 1), pictures, confidence: mean(confidence), accuracy: mean(right) };
  });
  const gaps = bins.reduce(
    (sum, { pictures, confidence, accuracy }) => sum + pictures * Math.abs((confidence ?? 0) - (accuracy ?? 0)),
    0,
  );
  return { ece: gaps / outcomes.length, bins };
}

/** How many inner edges are below it. */
function binOf(probability: number): number {
  let bin = 0;
  while (bin < BINS - 1 && edge(bin + 1) < probability) bin += 1;
  return bin;
}
