/** What answers behind a classifier: one model in one precision, and the workers that run it. */
import type { Decoder } from '../image/decode.js';
import { createPool, type Pool } from '../inference/pool.js';
import type { ModelFile } from '../inference/session.js';
import { type Bundle, digestOf, modelFile } from '../models/bundle.js';
import type { Precision } from '../models/manifest.js';
import { referenceOf } from '../models/reference.js';
import { checkAnswers } from './check.js';
import type { ModelIdentity } from './classification.js';
import type { Crew } from './crew.js';

interface Backend {
  readonly identity: ModelIdentity;
  readonly file: ModelFile;
  readonly pool: Pool;
}

/** With a decoder every worker has to show a known answer first. @throws AppError MODEL_*, PRECISION_UNAVAILABLE, WORKER_FAILED */
export async function startBackend(
  bundle: Bundle,
  precision: Precision,
  crew: Crew,
  checking?: Decoder,
): Promise<Backend> {
  const identity = identityOf(bundle, precision);
  const file = modelFile(bundle, precision);
  const pool = createPool({ file, spec: bundle.manifest.input, ...crew });
  try {
    await pool.ready();
    const model = `${referenceOf(identity)} (${precision})`;
    if (checking) await checkAnswers(bundle, { pool, workers: crew.workers, model }, checking);
  } catch (error) {
    await pool.close();
    throw error;
  }
  return { identity, file, pool };
}

/** @throws AppError PRECISION_UNAVAILABLE */
export function identityOf(bundle: Bundle, precision: Precision): ModelIdentity {
  const { name, version } = bundle.manifest;
  return { name, version, precision, digest: digestOf(modelFile(bundle, precision)) };
}
