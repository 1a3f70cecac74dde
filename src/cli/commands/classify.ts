/** `kaiyan classify`: answers for files, folders and standard input, in their order. */
import type { Configuration } from '../../config.js';
import { AppError } from '../../errors.js';
import { answer, answerAll, createUnboundedClassifier } from '../answers.js';
import { findInputs, findUnsorted, type Input, lookAhead } from '../inputs.js';
import { catchInterrupt } from '../interrupt.js';
import { createProgress } from '../progress.js';
import { formatFor, JSON_AND_OUTPUT } from '../results/format.js';
import { sinkToFile, sinkToStream } from '../results/sink.js';
import { createTally } from '../results/tally.js';

export interface ClassifyFlags {
  readonly recursive: boolean;
  readonly json: boolean;
  /** A file for the results, instead of standard output. */
  readonly output: string | undefined;
  /** Goes on with that file. */
  readonly resume: boolean;
}

/**
 * Bad pictures and folders are reported and the rest go on; the exit status is then 1.
 * @throws AppError USAGE, OUTPUT_UNWRITABLE
 */
export async function classify(
  inputs: readonly string[],
  { settings }: Configuration,
  flags: ClassifyFlags,
): Promise<void> {
  requireSense(inputs, flags);
  const { output } = flags;
  const format = output === undefined ? undefined : formatFor(output, settings.top);
  const signal = catchInterrupt();
  const { pictures, atLeast } = await lookAhead(findInputs(inputs, flags.recursive, signal));
  // A worker that would have nothing to do is not started.
  const classifier = await createUnboundedClassifier({ ...settings, workers: atLeast < 2 ? 1 : settings.workers });
  const progress = createProgress({
    onStdout: output === undefined,
    items: () => findUnsorted(inputs, flags.recursive, signal),
  });
  try {
    const sink = await (format && output !== undefined
      ? sinkToFile(output, { format, resume: flags.resume, tally: createTally(output) })
      : sinkToStream({ json: flags.json, alone: atLeast === 1, lang: settings.lang, clear: progress.hide }));

    async function* unanswered(): AsyncGenerator<Input> {
      for await (const input of pictures) {
        if (sink.claim(input.file)) yield input;
        else progress.skip();
      }
    }

    const answering = { classifier, signal, finish: output !== undefined };
    const { failed, skipped } = await answerAll({
      items: unanswered(),
      work: (input) => answer(input, answering),
      concurrency: classifier.concurrency,
      ...{ sink, progress, signal },
    });
    if (skipped > 0) process.stderr.write(`${skipped} other file${skipped === 1 ? '' : 's'} skipped: no pictures.\n`);
    if (atLeast === 0 && !signal.aborted)
      process.stderr.write('There is no file to classify; --recursive also takes the folders inside.\n');
    if (failed > 0) process.exitCode ||= 1;
  } finally {
    await classifier.close();
  }
}

/** @throws AppError USAGE */
function requireSense(inputs: readonly string[], { output, json, resume }: ClassifyFlags): void {
  const problem = [
    inputs.filter((input) => input === '-').length > 1 &&
      'Expected standard input (-) once, but it was given more often. It holds one picture: give it once.',
    resume &&
      output === undefined &&
      'Expected the file to go on with (--output FILE), but there is only --resume. Name that file too.',
    json && output !== undefined && JSON_AND_OUTPUT,
  ].find((sentence) => sentence !== false);
  if (problem) throw new AppError('USAGE', { problem });
}
