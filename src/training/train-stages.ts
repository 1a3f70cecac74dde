/** The last stages of the network, if they are to be trained too: what comes of them, or of the last layer alone. */
import path from 'node:path';
import type { Settings } from '../config.js';
import type { OwnPicture } from '../dataset/dataset.js';
import { makeFolder } from '../folders.js';
import type { Bundle } from '../models/bundle.js';
import { fineTune } from './fine-tuning/fine-tune.js';
import type { FittedHead } from './fit-last-layer.js';
import type { LinearHead } from './head/linear-head.js';
import { fitTemperature } from './head/temperature.js';
import type { ReportPhase } from './progress.js';
import type { CurvePoint, TrainingEvent, TrainingOptions } from './training.js';

export interface TrainedStages {
  readonly head: LinearHead;
  /** Constants of the FP32 graph that have changed; none where the last layer alone is better. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly temperature: number;
  /** Of the validation pictures: n×classes. */
  readonly validationLogits: Float32Array;
  readonly curve: readonly CurvePoint[];
  readonly bestEpoch: number;
}

export interface TrainStagesOptions {
  readonly base: Bundle;
  readonly training: readonly OwnPicture[];
  readonly validation: readonly OwnPicture[];
  readonly options: TrainingOptions;
  readonly settings: Settings;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: TrainingEvent) => void;
  readonly report: ReportPhase;
}

/** Aborted, it gives the best so far. @throws AppError as `fineTune` */
export async function trainStages(
  { head, crossValidation, validationLogits }: FittedHead,
  { base, options, folder, report, onEvent, ...given }: TrainStagesOptions,
): Promise<TrainedStages> {
  const alone = {
    ...{ head, validationLogits, temperature: crossValidation.temperature },
    ...{ weights: new Map<string, Float32Array>(), curve: [], bestEpoch: 0 },
  };
  if (options.unfreeze === 0 || given.signal.aborted) return alone;
  const runFolder = path.join(folder, 'checkpoints');
  await makeFolder(runFolder);
  const tuned = await fineTune({
    ...given,
    ...{ bundle: base, head, options, runFolder },
    onPoint: (point, epochs, best) => onEvent({ kind: 'point', point, epochs, best }),
    onProgress: (...far) => report('fine-tuning', ...far),
  });
  const { weights, curve, best } = tuned;
  const logits = weights.size > 0 ? tuned.validationLogits : undefined;
  if (!logits) return { ...alone, curve };
  const truths = Int32Array.from(given.validation, ({ label }) => label);
  const temperature = fitTemperature(logits, truths, head.classes);
  return { head: tuned.head, weights, temperature, validationLogits: logits, curve, bestEpoch: best };
}
