/** The finished model, asked like any other: on the pictures that were held out, in both precisions. */
import type { Settings } from '../config.js';
import { evaluateModel } from '../evaluation/evaluate.js';
import type { EvaluatedPicture, Evaluation } from '../evaluation/evaluation.js';
import type { Outcome } from '../evaluation/outcome.js';
import { readVerified } from '../inference/session.js';
import { type Bundle, modelFile } from '../models/bundle.js';
import type { Precision } from '../models/manifest.js';
import { createComparer } from '../quantization/comparison.js';

export interface Judged {
  readonly evaluation: Evaluation;
  /** By the names of the pictures. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
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
  const evaluation = await evaluateModel({
    ...{ ...options, bundle, precision, pictures, signal: new AbortController().signal },
    onAnswer: ({ picture, outcome }) => void outcomes.set(picture.name, outcome),
  });
  return { evaluation, outcomes };
}

/** Share of the pictures for which both name the same class. */
export function agreementOf({ outcomes: one }: Judged, { outcomes: other }: Judged): number {
  const both = [...one].filter(([name]) => other.has(name));
  const same = both.filter(([name, { predicted }]) => other.get(name)?.predicted === predicted);
  return same.length / Math.max(1, both.length);
}

/** Runs of each precision, in turns: what else the machine does is the same for both. */
const RUNS = 15;

/** How many times as fast as FP32 the INT8 of a model is on this machine, whatever the picture shows. */
export async function int8Speedup(bundle: Bundle): Promise<number> {
  const files = [modelFile(bundle, 'fp32'), modelFile(bundle, 'int8')] as const;
  const [{ path, input, logits, shape }] = files;
  const [fp32, int8] = await Promise.all([readVerified(files[0]), readVerified(files[1])]);
  const comparer = await createComparer(fp32, int8, { path, input, logits, shape });
  try {
    const grey = new Float32Array(shape[0] * shape[1] * shape[2]);
    for (let run = 0; run < RUNS; run++) await comparer.add(grey, undefined);
    return comparer.result().speedup;
  } finally {
    await comparer.release();
  }
}
