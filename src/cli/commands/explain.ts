/** `kaiyan explain`: where in a picture the answer came from, on the terminal, as JSON or drawn over the picture. */
import { rm, writeFile } from 'node:fs/promises';
import type { Configuration } from '../../config.js';
import { AppError } from '../../errors.js';
import { type Explanation, explain } from '../../explanation/explain.js';
import { explainInPicture } from '../../explanation/explain-in-picture.js';
import { outputUnwritable } from '../../folders.js';
import { createUnboundedClassifier } from '../answers.js';
import { describeExplanation } from '../explanation-report.js';
import { readInput } from '../inputs.js';
import { catchInterrupt } from '../interrupt.js';
import { visible, writeLine } from '../output.js';

export interface ExplainFlags {
  /** A new file for the drawing. */
  readonly output: string | undefined;
  readonly class: string | undefined;
  /** 0..1 */
  readonly opacity: number;
  readonly json: boolean;
}

/** @throws AppError USAGE, OUTPUT_UNWRITABLE, FILE_UNREADABLE, CLASS_NOT_FOUND, IMAGE_*, MODEL_*, ABORTED */
export async function explainPicture(file: string, { settings }: Configuration, flags: ExplainFlags): Promise<void> {
  const { output, opacity, json } = flags;
  if (output !== undefined && !/\.png$/i.test(output)) {
    throw usage(`Expected the name of a picture that ends in .png, but got "${output}". Name it so.`);
  }
  const signal = catchInterrupt();
  // There is one picture: one worker has all cores.
  const classifier = await createUnboundedClassifier({ ...settings, workers: 1 });
  let explanation: Explanation;
  try {
    const bytes = await readInput({ file, found: false }, classifier.maxBytes, signal);
    const options = { class: flags.class, signal };
    if (output === undefined) explanation = await explain(classifier, bytes, options);
    else {
      const drawn = await explainInPicture(classifier, bytes, { ...options, opacity });
      await writeNew(output, drawn.png);
      explanation = drawn.explanation;
    }
  } finally {
    await classifier.close();
  }
  const words = describeExplanation(file, explanation, { lang: settings.lang, grid: output === undefined });
  await writeLine(process.stdout, json ? JSON.stringify(explanation) : words);
  if (output !== undefined && !json) await writeLine(process.stdout, visible(output));
}

/** What is there is never overwritten, and half a picture is not left. @throws AppError USAGE, OUTPUT_UNWRITABLE */
async function writeNew(file: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(file, bytes, { flag: 'wx' });
  } catch (thrown) {
    const error = thrown as NodeJS.ErrnoException;
    if (error.code === 'EEXIST') {
      throw usage(`Expected the name of a new file, but ${file} exists. Name another one with --output.`);
    }
    if (error.syscall !== 'open') await rm(file, { force: true });
    throw outputUnwritable(error);
  }
}

const usage = (problem: string) => new AppError('USAGE', { problem });
