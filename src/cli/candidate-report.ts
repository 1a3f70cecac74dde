/** A candidate from corrections in words, beside the model that answers. */
import path from 'node:path';
import type { ImprovementResult } from '../training/improve.js';
import { describeInt8 } from './commands/train.js';
import { percent, table, visible } from './output.js';

type Described = Pick<ImprovementResult, 'model' | 'comparison' | 'int8' | 'folder'>;

export function describeCandidate({ model, comparison, int8, folder }: Described, promoted: boolean): string {
  const { present, candidate, pictures, onlyPresentRight, onlyCandidateRight, p } = comparison;
  const rows = [
    ['', 'RIGHT', 'LOSS', 'ONLY THIS ONE RIGHT'],
    [present.model, percent(present.top1), present.loss.toFixed(3), `${onlyPresentRight}`],
    [candidate.model, percent(candidate.top1), candidate.loss.toFixed(3), `${onlyCandidateRight}`],
  ];
  const chance =
    onlyPresentRight === onlyCandidateRight
      ? 'Both are right on as many pictures, so nothing shows that one of them is better.'
      : `If neither were better, so uneven a result would have a probability of ${p.toPrecision(2)}.`;
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
