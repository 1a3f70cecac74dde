/** The last stages of the network, if they are to be trained too: what comes of them, or of the last layer alone. */
import path from 'node:path';
import type { Settings } from '../config.js';
import type { OwnPicture } from '../dataset/dataset.js';
import type { EvaluatedPicture } from '../evaluation/evaluation.js';
import { makeFolder } from '../folders.js';
import type { Bundle } from '../models/bundle.js';
import type { Finding } from './check/finding.js';
import { fineTune } from './fine-tuning/fine-tune.js';
import type { FittedHead } from './fit-last-layer.js';
import type { LinearHead } from './head/linear-head.js';
import { rowsOf } from './head/rows.js';
import { fitTemperature } from './head/temperature.js';
import type { ReportPhase } from './progress.js';
import { CHECKPOINTS } from './run.js';
import type { CurvePoint, TrainingEvent, TrainingOptions } from './training.js';

export interface TrainedStages {
  readonly head: LinearHead;
  /** Constants of the FP32 graph that have changed; none where the last layer alone is better. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly temperature: number;
  /** Those that are held out and could be read until the end. */
  readonly validation: readonly TrainedPicture[];
  /** Of these: n×classes. */
  readonly validationLogits: Float32Array;
  readonly curve: readonly CurvePoint[];
  readonly bestEpoch: number;
  /** What was found meanwhile. */
  readonly findings: readonly Finding[];
}

/** With its class by position among those that are trained. */
export interface TrainedPicture extends EvaluatedPicture {
  readonly label: number;
}

export interface TrainStagesOptions {
  readonly base: Bundle;
  readonly training: readonly TrainedPicture[];
  readonly validation: readonly TrainedPicture[];
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
  const { validation } = given;
  const alone = {
    ...{ head, validation, validationLogits, temperature: crossValidation.temperature },
    ...{ weights: new Map<string, Float32Array>(), curve: [], bestEpoch: 0, findings: [] },
  };
  // One that goes on may have better weights already.
  if (options.unfreeze === 0 || (given.signal.aborted && !options.resume)) return alone;
  const runFolder = path.join(folder, CHECKPOINTS);
  await makeFolder(runFolder);
  const tuned = await fineTune({
    ...given,
    ...{ bundle: base, head, options, runFolder },
    onPoint: (point, epochs, best) => onEvent({ kind: 'point', point, epochs, best }),
    onProgress: (...far) => report('fine-tuning', ...far),
    onUnreadable: ({ name }, error) => onEvent({ kind: 'unreadable', name, error }),
  });
  const { weights, curve, best } = tuned;
  const findings = lostPictures(tuned.leftOut);
  for (const finding of findings) onEvent({ kind: 'finding', finding });
  if (!tuned.validationLogits) return { ...alone, curve, findings };
  const lost = new Set(tuned.leftOut);
  const rows = [...validation.keys()].filter((row) => !lost.has(validation[row] as TrainedPicture));
  const readable = rows.map((row) => validation[row] as TrainedPicture);
  const logits = rowsOf(tuned.validationLogits, rows, head.classes);
  const truths = Int32Array.from(readable, ({ label }) => label);
  const temperature = await fitTemperature(logits, truths, head.classes);
  const found = { validation: readable, validationLogits: logits, curve, bestEpoch: best, findings };
  return { head: tuned.head, weights, temperature, ...found };
}

/** The last layer was fitted to them before. */
function lostPictures(lost: readonly OwnPicture[]): Finding[] {
  if (lost.length === 0) return [];
  const one = lost.length === 1;
  return [
    {
      kind: 'unreadable',
      pictures: lost.map(({ name }) => name),
      classes: [],
      message: `${lost.length} ${one ? 'picture' : 'pictures'} could not be read at some point while the stages were trained, and ${one ? 'was' : 'were'} left out from then on. See whether ${one ? 'it is' : 'they are'} still where ${one ? 'it was' : 'they were'}.`,
      messageZh: `微调过程中有 ${lost.length} 张图片读取失败，此后的微调未再使用。请检查它们是否还在原来的位置。`,
    },
  ];
}
