/** What a model made of one picture, as far as figures need it. */
import type { Classification } from '../classification/classification.js';
import { softmax } from '../classification/predictions.js';
import type { LabelSet } from '../labels/label-set.js';

export interface Outcome {
  /** Classes by their positions among the model's outputs. */
  readonly truth: number;
  readonly predicted: number;
  /** 0..1, of the class that was named, and of the true one. */
  readonly probability: number;
  readonly truthProbability: number;
  /** Classes that come before the true one: 0 if the answer is right. */
  readonly rank: number;
  readonly level: Classification['answer']['level'];
  /** Whether the true class is in the group that was named; false if none was. */
  readonly groupRight: boolean;
}

export const isRight = ({ truth, predicted }: Outcome): boolean => truth === predicted;

interface Answered {
  readonly classification: Pick<Classification, 'answer'>;
  readonly logits: Float32Array;
  readonly labels: LabelSet;
  readonly temperature: number;
}

/** Of classes that are equally probable the first one comes first, as in every answer. */
export function outcomeOf({ classification, logits, labels, temperature }: Answered, truth: number): Outcome {
  const probabilities = softmax(logits, temperature);
  const truthProbability = probabilities[truth] as number;
  let predicted = 0;
  let rank = 0;
  for (const [index, probability] of probabilities.entries()) {
    if (probability > (probabilities[predicted] as number)) predicted = index;
    if (probability > truthProbability || (probability === truthProbability && index < truth)) rank += 1;
  }
  const { level, group } = classification.answer;
  const members = labels.groups.find(({ key }) => key === group)?.members;
  const probability = probabilities[predicted] as number;
  return { truth, predicted, probability, truthProbability, rank, level, groupRight: !!members?.includes(truth) };
}

/** Nats; a probability of 0 counts as the smallest difference from 1, and so does one of 1 from it. */
export function lossOf({ truthProbability }: Outcome): number {
  return -Math.log(Math.min(Math.max(truthProbability, Number.EPSILON), 1 - Number.EPSILON));
}
