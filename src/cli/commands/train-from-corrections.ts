/** `kaiyan train --from-corrections`: a candidate for the model that answers, beside it in figures. */
import path from 'node:path';
import type { Configuration } from '../../config.js';
import { type ImproveOptions, improve } from '../../training/improve.js';
import { describeCandidate } from '../candidate-report.js';
import { catchInterrupt } from '../interrupt.js';
import { writeLine } from '../output.js';
import { promote } from './promotions.js';
import { createTeller } from './train.js';

export interface FromCorrectionsFlags {
  readonly json: boolean;
  /** Lets the candidate answer from now on. */
  readonly promote: boolean;
  readonly options: ImproveOptions;
}

/** @throws AppError as `improve` and `promote` do */
export async function trainFromCorrections(configuration: Configuration, flags: FromCorrectionsFlags): Promise<void> {
  const { settings } = configuration;
  const signal = catchInterrupt();
  const teller = createTeller();
  const result = await improve(flags.options, { settings, signal, onEvent: teller.tell }).finally(teller.hide);
  // Who interrupts it has not seen what would take over.
  const promotes = flags.promote && !result.stopped;
  await writeLine(process.stdout, flags.json ? JSON.stringify(result, null, 2) : describeCandidate(result, promotes));
  if (promotes) await promote(result.model, configuration, path.basename(result.folder));
}
