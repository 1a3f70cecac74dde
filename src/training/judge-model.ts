/** The finished model, asked like any other: on the pictures that were held out, in both precisions. */
import type { Settings } from '../config.js';
import { type AskedPicture, askModels } from '../evaluation/ask.js';
import { evaluationOf } from '../evaluation/evaluate.js';
import type { EvaluatedPicture, Evaluation } from '../evaluation/evaluation.js';
import { readVerified } from '../inference/session.js';
import { type Bundle, modelFile } from '../models/bundle.js';
import type { Precision } from '../models/manifest.js';
import { createComparer } from '../quantization/comparison.js';

export interface Judged {
  /** Of the pictures that were held out; undefined if there were none. */
  readonly evaluation: Evaluation | undefined;
  readonly held: readonly AskedPicture[];
  readonly others: readonly AskedPicture[];
}

export interface AskedPictures {
  readonly held: readonly EvaluatedPicture[];
  /** These tell how well precisions agree, and nothing else. */
  readonly others: readonly EvaluatedPicture[];
}

export interface JudgeOptions {
  readonly settings: Settings;
  readonly source: string;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Each precision, in their order. It is not to be ended: what was trained is worth nothing before
 * it is judged.
 * @throws AppError as `askModels` and `evaluationOf`
 */
export async function judgeModel(
  bundle: Bundle,
  precisions: readonly Precision[],
  { held, others }: AskedPictures,
  { settings, source, onProgress }: JudgeOptions,
): Promise<Judged[]> {
  const { signal } = new AbortController();
  const pictures = [...held, ...others];
  const contestants = precisions.map((precision) => ({ bundle, precision, pictures }));
  const total = precisions.length * pictures.length;
  let done = 0;
  const onStep = () => onProgress(++done, total);
  const asked = await askModels(contestants, { settings, signal, onStep });
  const judged: Judged[] = [];
  for (const [i, answers] of asked.entries()) {
    const [own, rest] = [answers.slice(0, held.length), answers.slice(held.length)];
    const contestant = { bundle, precision: precisions[i] as Precision };
    const evaluation = own.length > 0 ? await evaluationOf(contestant, own, { settings, signal, source }) : undefined;
    judged.push({ evaluation, held: own, others: rest });
  }
  return judged;
}

/** The class that is named; undefined where the picture could not be read. */
export const namedFor = ({ answer }: AskedPicture): number | undefined =>
  'code' in answer ? undefined : answer.predicted;

/** Share of the pictures for which both name the same class: of those that are held out or of the others, where it is less; 0 for none. */
export function agreementOf(one: Judged, other: Judged): number {
  const shares = [shareAgreed(one.held, other.held), shareAgreed(one.others, other.others)].filter(Number.isFinite);
  return shares.length === 0 ? 0 : Math.min(...shares);
}

function shareAgreed(one: readonly AskedPicture[], other: readonly AskedPicture[]): number {
  const names = one.flatMap((asked, i) => {
    const pair = [namedFor(asked), namedFor(other[i] as AskedPicture)] as const;
    return pair.includes(undefined) ? [] : [pair];
  });
  return names.filter(([first, second]) => first === second).length / names.length;
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
