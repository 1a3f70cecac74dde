/** A model shows that it works before it answers anyone: every worker runs a known picture. */
import { readFile } from 'node:fs/promises';
import { AppError } from '../errors.js';
import type { Decoder } from '../image/decode.js';
import type { Pool } from '../inference/pool.js';
import type { Bundle } from '../models/bundle.js';
import { softmax, topK } from './predictions.js';

const EXAMPLES = new URL('../../examples/pictures/', import.meta.url);
/** For models that do not know an answer of their own. */
const ANY_PICTURE = 'coffee.png';

export interface CheckedPool {
  readonly pool: Pool;
  readonly workers: number;
  /** How the model is called in an error. */
  readonly model: string;
}

/**
 * Waits for every worker and has each run the picture, which also warms it up. What comes has to be numbers, one for each
 * class and not all the same, and where the manifest knows an answer, that one.
 * @throws AppError MODEL_CHECK_FAILED, or what a worker fails with
 */
export async function checkAnswers(
  bundle: Bundle,
  { pool, workers, model }: CheckedPool,
  decoder: Decoder,
): Promise<void> {
  await pool.allReady();
  const picture = await readFile(new URL(bundle.manifest.check?.picture ?? ANY_PICTURE, EXAMPLES));
  const image = await decoder.decode(picture);
  const runs = Array.from({ length: workers }, () => pool.run(image));
  const results = await Promise.all(runs).finally(image.release);
  for (const { logits } of results) {
    const problem = problemOf(logits, bundle);
    if (problem !== undefined) throw new AppError('MODEL_CHECK_FAILED', { model, problem });
  }
}

/** What is wrong with the logits of the picture; undefined for nothing. */
export function problemOf(
  logits: Float32Array,
  { labels, manifest }: Pick<Bundle, 'labels' | 'manifest'>,
): string | undefined {
  const classes = labels.classes.length;
  if (logits.length !== classes) return `it gives ${logits.length} logits for ${classes} classes`;
  if (!logits.every(Number.isFinite)) return 'some of its logits are no finite numbers';
  if (logits.every((logit) => logit === logits[0])) return 'its logits are all equal';
  if (!manifest.check) return undefined;
  const { picture, class: expected, minProbability } = manifest.check;
  const probabilities = softmax(logits, manifest.temperature);
  const [best = 0] = topK(probabilities, 1);
  const found = probabilities[best] as number;
  if (best === expected && found >= minProbability) return undefined;
  const inWords = (index: number) => `${labels.classes[index]?.[1] ?? 'no class'} (${index})`;
  return `it says ${inWords(best)} with a probability of ${found.toFixed(3)} of ${picture}, instead of ${inWords(expected)} with at least ${minProbability}`;
}
