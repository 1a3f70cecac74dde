/** Which classes are found, and which are taken for which. */
import { className, type LabelSet } from '../labels/label-set.js';
import type { Averages, ClassFigures, ConfusionCount } from './evaluation.js';
import type { Outcome } from './outcome.js';

/** By truth, then by what was named. */
export function confusionOf(outcomes: readonly Outcome[]): ConfusionCount[] {
  const rows = new Map<number, Map<number, number>>();
  for (const { truth, predicted } of outcomes) {
    const row = rows.get(truth) ?? new Map<number, number>();
    rows.set(truth, row.set(predicted, (row.get(predicted) ?? 0) + 1));
  }
  return [...rows]
    .flatMap(([truth, row]) => [...row].map(([predicted, pictures]): ConfusionCount => [truth, predicted, pictures]))
    .sort(([a, b], [c, d]) => a - c || b - d);
}

/** Of the classes that occur, in their order. */
export function classFigures(confusion: readonly ConfusionCount[], labels: LabelSet): ClassFigures[] {
  const sums = new Map<number, { right: number; support: number; predicted: number }>();
  const of = (index: number) => {
    const known = sums.get(index) ?? { right: 0, support: 0, predicted: 0 };
    sums.set(index, known);
    return known;
  };
  for (const [truth, predicted, pictures] of confusion) {
    of(truth).support += pictures;
    of(predicted).predicted += pictures;
    if (truth === predicted) of(truth).right += pictures;
  }
  return [...sums]
    .sort(([a], [b]) => a - b)
    .map(([index, { right, support, predicted }]) => ({
      index,
      wnid: labels.classes[index]?.[0] ?? null,
      label: className(labels, index, 'en'),
      zh: className(labels, index, 'zh'),
      ...ratesOf(right, support, predicted),
      support,
      predicted,
    }));
}

/** What has nothing to be divided by is 0. */
export function ratesOf(right: number, support: number, predicted: number): Averages {
  return {
    precision: predicted === 0 ? 0 : right / predicted,
    recall: support === 0 ? 0 : right / support,
    f1: support + predicted === 0 ? 0 : (2 * right) / (support + predicted),
  };
}

/** Each class counts by its pictures. */
export function weightedAverages(classes: readonly ClassFigures[]): Averages {
  const pictures = classes.reduce((sum, { support }) => sum + support, 0);
  const average = (key: keyof Averages) =>
    classes.reduce((sum, figures) => sum + figures[key] * figures.support, 0) / pictures;
  return { precision: average('precision'), recall: average('recall'), f1: average('f1') };
}

/** Pairs of classes that were mixed up, the most often first. */
export const mostConfused = (confusion: readonly ConfusionCount[]): ConfusionCount[] =>
  confusion.filter(([truth, predicted]) => truth !== predicted).sort(([, , a], [, , b]) => b - a);
