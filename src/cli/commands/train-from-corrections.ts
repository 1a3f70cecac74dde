/** `kaiyan train --from-corrections`: a candidate for the model that answers, beside it in figures. */
import path from 'node:path';
import type { Configuration } from '../../config.js';
import { type ImprovementResult, type ImproveOptions, improve } from '../../training/improve.js';
import { catchInterrupt } from '../interrupt.js';
import { percent, table, visible, writeLine } from '../output.js';
import { promote } from './promotions.js';
import { createTeller, describeInt8 } from './train.js';

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
  await writeLine(process.stdout, flags.json ? JSON.stringify(result, null, 2) : describe(result, promotes));
  if (promotes) await promote(result.model, configuration, path.basename(result.folder));
}

function describe({ model, comparison, int8, folder }: ImprovementResult, promoted: boolean): string {
  const { present, candidate, pictures, onlyPresentRight, onlyCandidateRight, p } = comparison;
  const rows = [
    ['', 'RIGHT', 'LOSS', 'ONLY THIS ONE RIGHT'],
    [present.model, percent(present.top1), present.loss.toFixed(3), `${onlyPresentRight}`],
    [candidate.model, percent(candidate.top1), candidate.loss.toFixed(3), `${onlyCandidateRight}`],
  ];
  const chance = `If neither were better, so uneven a result would have a probability of ${p.toPrecision(2)}.`;
  return [
    visible(`Made ${model} from ${pictures} corrected pictures; it is installed.`),
    'Each picture answered without having been seen:',
    table(rows),
    chance,
    ...(int8 ? [`INT8 ${describeInt8(int8)}.`] : []),
    visible(`Report: ${path.join(folder, 'report.html')}`),
    ...(promoted ? [] : [visible(`Let it answer: kaiyan promote ${model}`)]),
  ].join('\n');
}
