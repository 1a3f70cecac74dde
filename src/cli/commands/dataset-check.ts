/** `kaiyan dataset check`: what is odd about a data set. */
import type { Configuration } from '../../config.js';
import { readDataset, requirePictures } from '../../dataset/read-dataset.js';
import { createRegistry } from '../../models/registry.js';
import { openWithFp32 } from '../../models/with-fp32.js';
import { inspectDataset } from '../../training/check/inspect-dataset.js';
import { describeInspection } from '../findings-report.js';
import { catchInterrupt } from '../interrupt.js';
import { writeLine } from '../output.js';
import { createStepProgress } from '../progress.js';

export interface CheckFlags {
  readonly seed: number;
  readonly all: boolean;
  readonly json: boolean;
}

/** @throws AppError as `readDataset`, `openWithFp32` and `inspectDataset` do */
export async function checkDataset(source: string, { settings }: Configuration, flags: CheckFlags): Promise<void> {
  const signal = catchInterrupt();
  const dataset = await readDataset(source);
  requirePictures(dataset);
  const bundle = await openWithFp32(createRegistry(settings.home), settings.model);
  const progress = createStepProgress();
  const inspection = await inspectDataset(dataset, bundle, {
    ...{ settings, seed: flags.seed, signal },
    onProgress: progress.show,
  }).finally(progress.hide);
  const text = flags.json
    ? JSON.stringify(inspection, null, 2)
    : describeInspection(inspection, flags.all ? Number.POSITIVE_INFINITY : SOME);
  await writeLine(process.stdout, text);
}

/** Pictures of a finding that are listed. */
const SOME = 20;
