/** The honest answer: as precise as the model is sure, and no more. */
import type { LabelGroup, LabelSet } from '../labels/label-set.js';
import { probabilityOf } from './predictions.js';

export type HonestAnswer =
  | { readonly level: 'class'; readonly index: number; readonly probability: number }
  | { readonly level: 'group'; readonly group: LabelGroup; readonly probability: number }
  /** `probability` is that of the best class, which was not enough. */
  | { readonly level: 'unsure'; readonly probability: number };

/**
 * The best class if its probability reaches the threshold; else the group with the fewest classes whose probabilities
 * together reach it (of two equally large ones the more probable); else unsure.
 */
export function honestAnswer(
  probabilities: Float64Array,
  best: number,
  labels: LabelSet,
  threshold: number,
): HonestAnswer {
  const probability = probabilities[best] as number;
  if (probability >= threshold) return { level: 'class', index: best, probability };
  let answer: Extract<HonestAnswer, { level: 'group' }> | undefined;
  for (const group of labels.groups) {
    if (answer && group.members.length > answer.group.members.length) break;
    const together = probabilityOf(group.members, probabilities);
    if (together >= threshold && together > (answer?.probability ?? 0)) {
      answer = { level: 'group', group, probability: together };
    }
  }
  return answer ?? { level: 'unsure', probability };
}
