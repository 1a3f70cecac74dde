/** What Kaiyan says about one picture. */
import { className, type LabelGroup, type LabelSet, type Language } from '../labels/label-set.js';
import type { Precision } from '../models/manifest.js';
import { type HonestAnswer, honestAnswer } from './answer.js';
import { probabilityOf, softmax, topK } from './predictions.js';
import type { Flag, FlagRaiser } from './rules.js';

export interface ModelIdentity {
  readonly name: string;
  readonly version: string;
  readonly precision: Precision;
  /** The first 12 hexadecimal digits of the SHA-256 of the model file. */
  readonly digest: string;
}

export interface Prediction {
  /** Position among the model's outputs. */
  readonly index: number;
  /** WordNet id; null for classes of one's own. */
  readonly wnid: string | null;
  readonly label: string;
  /** 0..1 */
  readonly probability: number;
}

/** The class if it is sure enough, else the smallest group that is, else unsure (label null). */
export interface Answer {
  readonly level: 'class' | 'group' | 'unsure';
  readonly label: string | null;
  /** Set for a class that has one. */
  readonly wnid: string | null;
  /** The group's key; set for a group. */
  readonly group: string | null;
  /** 0..1; when unsure, that of the best class. */
  readonly probability: number;
}

export interface CategoryProbability {
  /** The category's key. */
  readonly name: string;
  readonly label: string;
  readonly probability: number;
}

export interface Timing {
  /** From the bytes to pixels. */
  readonly decodeMs: number;
  /** From pixels to logits: resampling and the model's run. */
  readonly inferenceMs: number;
  /** Everything else: waiting for a decoder, for room, for a worker. */
  readonly queueMs: number;
  /** From the call to the answer: the sum of the others. */
  readonly totalMs: number;
}

export interface Classification {
  readonly model: ModelIdentity;
  /** The most probable classes, best first. */
  readonly predictions: readonly Prediction[];
  readonly answer: Answer;
  /** Categories of at least 1 %, most probable first; they overlap, so they do not sum to 1. */
  readonly categories: readonly CategoryProbability[];
  readonly flags: readonly Flag[];
  readonly timing: Timing;
}

export interface Interpretation {
  readonly labels: LabelSet;
  readonly temperature: number;
  readonly threshold: number;
  readonly flags: FlagRaiser;
}

const MIN_CATEGORY_PROBABILITY = 0.01;

/** Makes logits into predictions, an honest answer, categories and flags. */
export function interpret(
  logits: Float32Array,
  { labels, temperature, threshold, flags }: Interpretation,
  top: number,
  language: Language,
): Pick<Classification, 'predictions' | 'answer' | 'categories' | 'flags'> {
  const probabilities = softmax(logits, temperature);
  const best = topK(probabilities, Math.max(top, 1));
  const predictions = best.slice(0, top).map((index) => ({
    index,
    wnid: labels.classes[index]?.[0] ?? null,
    label: className(labels, index, language),
    probability: round(probabilities[index] as number),
  }));
  return {
    predictions,
    answer: inWords(honestAnswer(probabilities, best[0] as number, labels, threshold), labels, language),
    categories: categoriesOf(probabilities, labels, language),
    flags: flags(probabilities).map(({ name, probability }) => ({ name, probability: round(probability) })),
  };
}

function inWords(answer: HonestAnswer, labels: LabelSet, language: Language): Answer {
  const { level } = answer;
  const probability = round(answer.probability);
  if (level === 'unsure') return { level, label: null, wnid: null, group: null, probability };
  if (level === 'group')
    return { level, label: answer.group[language], wnid: null, group: answer.group.key, probability };
  const wnid = labels.classes[answer.index]?.[0] ?? null;
  return { level, label: className(labels, answer.index, language), wnid, group: null, probability };
}

function categoriesOf(probabilities: Float64Array, labels: LabelSet, language: Language): CategoryProbability[] {
  return labels.categories
    .map((category: LabelGroup) => ({
      name: category.key,
      label: category[language],
      probability: round(probabilityOf(category.members, probabilities)),
    }))
    .filter(({ probability }) => probability >= MIN_CATEGORY_PROBABILITY)
    .sort((a, b) => b.probability - a.probability);
}

/** Six decimals: more than a float32 model can promise. */
const round = (probability: number) => Math.round(probability * 1e6) / 1e6;

/** What is neither decoding nor inference was waiting. */
export function timingOf(decodeMs: number, inferenceMs: number, totalMs: number): Timing {
  const round = (ms: number) => Math.round(ms * 100) / 100;
  const queueMs = Math.max(0, totalMs - decodeMs - inferenceMs);
  return {
    decodeMs: round(decodeMs),
    inferenceMs: round(inferenceMs),
    queueMs: round(queueMs),
    totalMs: round(totalMs),
  };
}
