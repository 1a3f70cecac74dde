/** All figures of a model's answers. */
import type { Settings } from '../config.js';
import type { LabelSet } from '../labels/label-set.js';
import { BOOTSTRAP, estimate } from './bootstrap.js';
import { calibrationOf } from './calibration.js';
import { coverageOf } from './coverage.js';
import type { EvaluatedPicture, Evaluation } from './evaluation.js';
import { collectMistakes } from './mistakes.js';
import { isRight, type Outcome } from './outcome.js';
import { classFigures, confusionOf, weightedAverages } from './per-class.js';

export interface Judged {
  readonly picture: EvaluatedPicture;
  readonly outcome: Outcome;
}

interface JudgeOptions {
  readonly settings: Settings;
  readonly signal: AbortSignal;
  readonly thumbnails: number | undefined;
}

/** Of one answer at least. */
export async function judge(
  answered: readonly Judged[],
  labels: LabelSet,
  { settings, signal, thumbnails }: JudgeOptions,
): Promise<Omit<Evaluation, 'model' | 'data' | 'created'>> {
  const outcomes = answered.map(({ outcome }) => outcome);
  const confusion = confusionOf(outcomes);
  const perClass = classFigures(confusion, labels);
  const { top1, top5, logLoss, balancedAccuracy, ...macro } = estimate(outcomes);
  return {
    bootstrap: BOOTSTRAP,
    ...{ top1, top5, logLoss, balancedAccuracy, macro },
    weighted: weightedAverages(perClass),
    ...{ perClass, confusion },
    calibration: calibrationOf(outcomes),
    coverage: coverageOf(outcomes, settings.threshold),
    wrong: outcomes.filter((outcome) => !isRight(outcome)).length,
    mistakes: await collectMistakes(answered, { settings, signal, thumbnails }),
  };
}
