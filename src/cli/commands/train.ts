/** `kaiyan train`: a model of one's own classes. */
import path from 'node:path';
import type { Configuration } from '../../config.js';
import { readDataset } from '../../dataset/read-dataset.js';
import { AppError } from '../../errors.js';
import type { Language } from '../../labels/label-set.js';
import { readLabels } from '../../models/describe.js';
import { train } from '../../training/train.js';
import type { CurvePoint, TrainingEvent, TrainingOptions, TrainingResult } from '../../training/training.js';
import { describeFailure } from '../description.js';
import { catchInterrupt } from '../interrupt.js';
import { percent, table, visible, writeLine } from '../output.js';
import { createStepProgress } from '../progress.js';

export interface TrainFlags {
  readonly dataPath: string;
  /** A file. */
  readonly labels: string | undefined;
  readonly output: string | undefined;
  readonly json: boolean;
  readonly options: Omit<TrainingOptions, 'output'>;
}

/**
 * Findings are told, and what cannot be read; neither ends it, but the exit status is 1 if something cannot be read.
 * @throws AppError as `readDataset`, `readLabels` and `train` do
 */
export async function trainModel({ settings }: Configuration, flags: TrainFlags): Promise<void> {
  const signal = catchInterrupt();
  const labels = flags.labels === undefined ? undefined : await readLabels(flags.labels);
  const dataset = await readDataset(flags.dataPath, { labels });
  const options = { ...flags.options, output: flags.output ?? nameFor(flags.dataPath) };
  const teller = createTeller();
  signal.addEventListener('abort', teller.interrupted, { once: true });
  const result = await train(dataset, options, { settings, signal, onEvent: teller.tell })
    .catch((error: unknown) => {
      if (signal.aborted && error instanceof AppError && error.code === 'ABORTED') return undefined;
      throw error;
    })
    .finally(teller.hide);
  if (!result)
    return writeLine(process.stderr, 'Nothing was installed: the last layer was not fitted yet. --resume goes on.');
  await writeLine(
    process.stdout,
    flags.json ? JSON.stringify(result, null, 2) : describe(result, options, settings.lang),
  );
}

/** What tells people meanwhile how it goes, on stderr. A picture that cannot be read makes the exit status 1. */
export function createTeller() {
  const progress = createStepProgress();

  function line(text: string): void {
    progress.hide();
    process.stderr.write(`${visible(text)}\n`);
  }

  function tell(event: TrainingEvent): void {
    switch (event.kind) {
      case 'progress':
        progress.show(event.phase, event.done, event.total);
        break;
      case 'point':
        line(describePoint(event.point, event.epochs, event.best));
        break;
      case 'finding':
        line(`Note: ${event.finding.message}`);
        break;
      case 'unreadable':
        process.exitCode ||= 1;
        line(describeFailure(event.name, event.error.message, event.error.code));
        break;
    }
  }

  const interrupted = () => line('Ending with the best so far, if there is one. Ctrl-C again ends it at once.');
  return { tell, hide: progress.hide, interrupted };
}

function describePoint(
  { epoch, loss, accuracy, validationLoss, validationAccuracy }: CurvePoint,
  epochs: number,
  best: boolean,
) {
  const figures = (share: number, nats: number) => `${percent(share)}, loss ${nats.toFixed(4)}`;
  const now = `epoch ${epoch}/${epochs}: ${figures(accuracy, loss)}`;
  return `${now}; held out ${figures(validationAccuracy, validationLoss)}${best ? ' (the best so far)' : ''}`;
}

function describe(result: TrainingResult, { model, augment }: TrainingOptions, lang: Language): string {
  const { crossValidated, validation, int8, pictures, classes, folder } = result;
  const rows = [
    ['pictures', `${pictures} of ${classes} classes`],
    ...(result.augment < augment
      ? [['views', `${result.augment} of each instead of ${augment}, which would not have fit in memory`]]
      : []),
    [
      'cross-validated',
      `${percent(crossValidated)} of those it was trained with, each answered without having been seen`,
    ],
    ...(validation.pictures > 0
      ? [
          [
            'held out',
            `${percent(validation.top1)} of ${validation.pictures} pictures, loss ${validation.loss.toFixed(4)}`,
          ],
        ]
      : []),
    ...(int8 ? [['INT8', describeInt8(int8)]] : []),
    ...(validation.pictures > 0 ? reportRows(folder, lang) : []),
  ];
  const ended = result.stopped ? ', ended early' : '';
  return [
    visible(`Trained ${result.model} from ${model}${ended}; it is installed.`),
    table(rows),
    visible(`Try it: kaiyan classify PICTURE --model ${result.model}`),
    visible(`Let it answer: kaiyan promote ${result.model}`),
  ].join('\n');
}

/** The report is there in both languages. */
function reportRows(folder: string, lang: Language): string[][] {
  const other = lang === 'zh' ? { lang: 'en', inIt: 'in English' } : { lang: 'zh', inIt: 'in Chinese' };
  return [
    ['report', path.join(folder, 'report.html')],
    [other.inIt, path.join(folder, `report.${other.lang}.html`)],
  ];
}

export function describeInt8({ kept, agreement, top1 }: NonNullable<TrainingResult['int8']>): string {
  const agrees = agreement === null ? '' : `, agrees with FP32 on ${percent(agreement)}`;
  return `${kept ? 'kept' : 'not kept'}${agrees}${top1 === null ? '' : `, ${percent(top1)} right`}`;
}

const NAME = /[^a-z0-9._-]+/g;

/** As the folder or the list is called, in letters that a name may have. */
function nameFor(dataPath: string): string {
  const base = path.basename(path.resolve(dataPath)).replace(/\.(csv|jsonl)$/i, '');
  const name = base
    .toLowerCase()
    .replace(NAME, '-')
    .replace(/^[^a-z0-9]+|-+$/g, '')
    .slice(0, 64);
  return name || 'own-classes';
}
