/** `kaiyan classify`: answers for files, folders and standard input, in their order. */
import type { Classification } from '../../classification/classification.js';
import { createClassifier } from '../../classification/classifier.js';
import type { Configuration } from '../../config.js';
import { type AppError, toAppError } from '../../errors.js';
import { describeClassification, describeFailure } from '../description.js';
import { createInputs, type Input, isNoPicture, readInput } from '../inputs.js';
import { catchInterrupt } from '../interrupt.js';
import { mapInOrder } from '../map-in-order.js';
import { writeLine } from '../output.js';
import { createProgress } from '../progress.js';

export interface ClassifyFlags {
  readonly recursive: boolean;
  readonly json: boolean;
}

type Outcome =
  | { readonly input: Input; readonly classification: Classification }
  | { readonly input: Input; readonly error: AppError };

/** Bad pictures are reported and the rest go on; the exit status is then 1. */
export async function classify(
  inputs: readonly string[],
  { settings }: Configuration,
  flags: ClassifyFlags,
): Promise<void> {
  const signal = catchInterrupt();
  const pictures = await createInputs(inputs, flags.recursive);
  const progress = createProgress(pictures.length, flags.json);
  const classifier = await createClassifier({
    ...settings,
    // A worker that would have nothing to do is not started.
    workers: pictures.length === 1 ? 1 : settings.workers,
    // The window below bounds what is in work; a folder is not refused by its own queue.
    queueRequests: Number.MAX_SAFE_INTEGER,
    queueBytes: Number.MAX_SAFE_INTEGER,
    deadlineMs: Number.MAX_SAFE_INTEGER,
  });

  async function answer(input: Input): Promise<Outcome> {
    try {
      const classification = await classifier.classify(await readInput(input, settings.maxBytes, signal), { signal });
      return { input, classification };
    } catch (error) {
      return { input, error: toAppError(error) };
    }
  }

  let failed = 0;
  let skipped = 0;
  try {
    for await (const outcome of mapInOrder(pictures, classifier.concurrency, answer, signal)) {
      progress.step();
      if ('error' in outcome && outcome.input.found && isNoPicture(outcome.error)) {
        skipped += 1;
        continue;
      }
      if ('error' in outcome) failed += 1;
      await report(outcome, flags.json, pictures.length === 1, settings.lang);
    }
  } finally {
    progress.stop();
    await classifier.close();
  }
  if (skipped > 0) process.stderr.write(`${skipped} other file${skipped === 1 ? '' : 's'} skipped: no pictures.\n`);
  if (pictures.length === 0)
    process.stderr.write('There is no file to classify; --recursive also takes the folders inside.\n');
  if (failed > 0) process.exitCode ||= 1;
}

function report(outcome: Outcome, json: boolean, alone: boolean, lang: 'en' | 'zh'): Promise<void> {
  const { file } = outcome.input;
  if ('error' in outcome) {
    const { message, code } = outcome.error;
    if (json) return writeLine(process.stdout, JSON.stringify({ file, error: message, code }));
    return writeLine(process.stderr, describeFailure(file, message, code));
  }
  const { classification } = outcome;
  if (json) return writeLine(process.stdout, JSON.stringify({ file, ...classification }));
  return writeLine(process.stdout, describeClassification(file, classification, alone, lang));
}
