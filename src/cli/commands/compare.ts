/** `kaiyan compare`: the same pictures through several models, side by side. */
import type { Configuration } from '../../config.js';
import { type ComparedPicture, type Comparison, type FailedPicture, openComparison } from '../../evaluation/compare.js';
import { parseModelChoices } from '../../evaluation/model-choice.js';
import { describeComparison } from '../comparison-report.js';
import { describeFailure } from '../description.js';
import { catchInterrupt } from '../interrupt.js';
import { writeLine } from '../output.js';
import { createStepProgress } from '../progress.js';

export interface CompareFlags {
  /** Names with commas between them. */
  readonly models: string;
  /** Lists every picture that they disagree on. */
  readonly all: boolean;
  readonly json: boolean;
}

const LISTED = 20;

/**
 * Bad pictures are reported and the rest go on; the exit status is then 1. Ctrl-C ends it without a result: half of the
 * pictures would be no answer to the question.
 * @throws AppError as `openComparison` does
 */
export async function compare(folder: string, { settings }: Configuration, flags: CompareFlags): Promise<void> {
  const signal = catchInterrupt();
  const comparison = await openComparison(parseModelChoices(flags.models), folder, { settings, signal });
  const { kept, failed } = await run(comparison, flags).finally(comparison.close);
  if (signal.aborted) return;
  if (failed > 0) process.exitCode ||= 1;
  const result = flags.json
    ? asJson(comparison, kept, failed)
    : describeComparison(comparison, kept.filter(isCompared));
  await writeLine(process.stdout, result);
}

type Outcome = ComparedPicture | FailedPicture;
const isCompared = (outcome: Outcome): outcome is ComparedPicture => !('error' in outcome);

/** Keeps what will be written: for JSON all, else pictures that the models disagree on. */
async function run({ outcomes, pictures }: Comparison, { json, all }: CompareFlags) {
  const progress = createStepProgress();
  const kept: Outcome[] = [];
  let failed = 0;
  let done = 0;
  try {
    for await (const outcome of outcomes()) {
      done += 1;
      progress.show('pictures', done, pictures);
      if (json) kept.push(outcome);
      if (isCompared(outcome)) {
        if (!json && !outcome.agreed && (all || kept.length < LISTED)) kept.push(outcome);
        continue;
      }
      failed += 1;
      if (json) continue;
      progress.hide();
      await writeLine(process.stderr, describeFailure(outcome.file, outcome.error.message, outcome.error.code));
    }
  } finally {
    progress.hide();
  }
  return { kept, failed };
}

function asJson({ models, figures }: Comparison, outcomes: readonly Outcome[], failed: number): string {
  const { pictures, disagreements, agreement, models: rows } = figures();
  return JSON.stringify({
    models: models.map(({ labels: _, ...model }, i) => ({ ...model, ...rows[i] })),
    compared: pictures,
    failed,
    disagreements,
    agreement,
    pictures: outcomes.map((outcome) => {
      if (isCompared(outcome)) return outcome;
      const { file, error } = outcome;
      return { file, error: error.message, code: error.code };
    }),
  });
}
