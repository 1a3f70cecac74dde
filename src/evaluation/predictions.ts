/** Each picture's answer as a line of JSON: enough to work out every figure anew. */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { outputUnwritable } from '../folders.js';
import { className } from '../labels/label-set.js';
import type { AnsweredPicture } from './ask.js';

export interface PredictionsFile {
  readonly add: (answered: AnsweredPicture) => Promise<void>;
  /** It has its name from now on. */
  readonly keep: () => Promise<void>;
  /** Nothing is left of it; what had its name before stays. */
  readonly discard: () => Promise<void>;
}

/** @throws AppError OUTPUT_UNWRITABLE, and so do its functions */
export async function createPredictions(file: string): Promise<PredictionsFile> {
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}`);
  const handle = await saying(() => open(draft, 'w'));
  let written = Promise.resolve();

  function add(answered: AnsweredPicture): Promise<void> {
    written = written.then(() => saying(() => handle.appendFile(`${JSON.stringify(lineOf(answered))}\n`)));
    return written;
  }

  async function keep(): Promise<void> {
    await saying(async () => {
      await handle.sync();
      await handle.close();
      await rename(draft, file);
    });
  }

  return { add, keep, discard: () => discard(handle, draft) };
}

async function discard(handle: FileHandle, draft: string): Promise<void> {
  await handle.close();
  await rm(draft, { force: true });
}

function lineOf({ picture, outcome, classification, logits, bundle }: AnsweredPicture) {
  const { name, version, precision } = classification.model;
  const { truth, predicted, probability, truthProbability, rank } = outcome;
  return {
    model: `${name}@${version}:${precision}`,
    file: picture.name,
    ...{ truth, label: className(bundle.labels, truth, 'en') },
    ...{ predicted, predictedLabel: className(bundle.labels, predicted, 'en') },
    ...{ probability, truthProbability, rank, answer: classification.answer.level },
    temperature: bundle.manifest.temperature,
    // Nine digits are all that a float32 has.
    logits: Array.from(logits, (logit) => Number(logit.toPrecision(9))),
  };
}

async function saying<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw outputUnwritable(error as Error);
  }
}
