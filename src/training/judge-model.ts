/** The finished model, asked like any other: on the pictures that were held out, in both precisions. */
import type { Settings } from '../config.js';
import { evaluateModel } from '../evaluation/evaluate.js';
import type { EvaluatedPicture, Evaluation } from '../evaluation/evaluation.js';
import type { Outcome } from '../evaluation/outcome.js';
import type { Bundle } from '../models/bundle.js';
import type { Precision } from '../models/manifest.js';
import { median } from '../statistics.js';

export interface Judged {
  readonly evaluation: Evaluation;
  /** By the names of the pictures. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Median of what a picture took, in milliseconds. */
  readonly inferenceMs: number;
}

export interface JudgeOptions {
  readonly settings: Settings;
  readonly source: string;
  readonly onProgress: (done: number, total: number) => void;
}

/** It is not to be ended: what was trained is worth nothing before it is judged. @throws AppError as `evaluateModel` */
export async function judgeModel(
  bundle: Bundle,
  precision: Precision,
  pictures: readonly EvaluatedPicture[],
  options: JudgeOptions,
): Promise<Judged> {
  const outcomes = new Map<string, Outcome>();
  const times: number[] = [];
  const evaluation = await evaluateModel({
    ...{ ...options, bundle, precision, pictures, signal: new AbortController().signal },
    onAnswer: ({ picture, outcome, classification }) => {
      outcomes.set(picture.name, outcome);
      times.push(classification.timing.inferenceMs);
    },
  });
  return { evaluation, outcomes, inferenceMs: median(times) };
}

/** Share of the pictures for which both name the same class. */
export function agreementOf({ outcomes: one }: Judged, { outcomes: other }: Judged): number {
  const both = [...one].filter(([name]) => other.has(name));
  const same = both.filter(([name, { predicted }]) => other.get(name)?.predicted === predicted);
  return same.length / Math.max(1, both.length);
}
