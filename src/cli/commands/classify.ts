/** `kaiyan classify`: answers for files, folders and standard input, in their order. */
import type { Classification } from '../../classification/classification.js';
import { createClassifier } from '../../classification/classifier.js';
import type { Configuration } from '../../config.js';
import { AppError, toAppError } from '../../errors.js';
import type { Language } from '../../labels/label-set.js';
import { describeClassification, describeFailure } from '../description.js';
import { findInputs, type Input, isNoPicture, lookAhead, readInput } from '../inputs.js';
import { catchInterrupt } from '../interrupt.js';
import { mapInOrder } from '../map-in-order.js';
import { writeLine } from '../output.js';
import { createProgress, type Progress } from '../progress.js';

export interface ClassifyFlags {
  readonly recursive: boolean;
  readonly json: boolean;
}

type Outcome =
  | { readonly input: Input; readonly classification: Classification }
  | { readonly input: Input; readonly error: AppError };

/** Bad pictures and folders are reported and the rest go on; the exit status is then 1. @throws AppError USAGE */
export async function classify(
  inputs: readonly string[],
  { settings }: Configuration,
  flags: ClassifyFlags,
): Promise<void> {
  if (inputs.filter((input) => input === '-').length > 1) {
    const problem =
      'Expected standard input (-) once, but it was given more often. It holds one picture: give it once.';
    throw new AppError('USAGE', { problem });
  }
  const signal = catchInterrupt();
  const find = () => findInputs(inputs, flags.recursive, signal);
  const { pictures, atLeast } = await lookAhead(find());
  const classifier = await createClassifier({
    ...settings,
    // A worker that would have nothing to do is not started.
    workers: atLeast < 2 ? 1 : settings.workers,
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

  const progress = createProgress(find());
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
      await report(outcome, { ...flags, lang: settings.lang, alone: atLeast === 1, progress });
    }
  } finally {
    progress.hide();
    await classifier.close();
  }
  if (skipped > 0) process.stderr.write(`${skipped} other file${skipped === 1 ? '' : 's'} skipped: no pictures.\n`);
  if (atLeast === 0 && !signal.aborted)
    process.stderr.write('There is no file to classify; --recursive also takes the folders inside.\n');
  if (failed > 0) process.exitCode ||= 1;
}

interface ReportOptions {
  readonly json: boolean;
  readonly alone: boolean;
  readonly lang: Language;
  readonly progress: Progress;
}

function report(outcome: Outcome, { json, alone, lang, progress }: ReportOptions): Promise<void> {
  const { file } = outcome.input;
  if ('error' in outcome) {
    const { message, code } = outcome.error;
    if (json) return writeLine(process.stdout, JSON.stringify({ file, error: message, code }));
    progress.hide();
    return writeLine(process.stderr, describeFailure(file, message, code));
  }
  const { classification } = outcome;
  if (json) return writeLine(process.stdout, JSON.stringify({ file, ...classification }));
  return writeLine(process.stdout, describeClassification(file, classification, alone, lang));
}
