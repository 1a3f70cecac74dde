/** What `kaiyan evaluate` says to people. */
import {
  type ComparedEvaluations,
  type Evaluation,
  knownPictures,
  type Measured,
  type PairedTest,
} from '../evaluation/evaluation.js';
import { mostConfused } from '../evaluation/per-class.js';
import type { Language } from '../labels/label-set.js';
import { percent, table } from './output.js';

interface EvaluationReportOptions {
  /** Lists all classes, all pairs and all names. */
  readonly all: boolean;
  readonly lang: Language;
}

const LISTED = 10;

export function describeEvaluations(
  { evaluations, paired }: ComparedEvaluations,
  options: EvaluationReportOptions,
): string {
  const [first] = evaluations as readonly [Evaluation, ...Evaluation[]];
  return [
    table(figureRows(evaluations)),
    intervalsInWords(first),
    ...evaluations.flatMap(trainingDataInWords),
    ...(paired ? [pairedInWords(paired, evaluations.map(titleOf) as [string, string])] : []),
    ...evaluations.flatMap((evaluation) => details(evaluation, evaluations.length > 1, options)),
    ...leftOut(first, options),
  ].join('\n\n');
}

const titleOf = ({ model }: Evaluation): string => `${model.name}@${model.version}:${model.precision}`;

type Format = (value: number) => string;
const decimals: Format = (value) => value.toFixed(3);

function figureRows(evaluations: readonly Evaluation[]): string[][] {
  const row = (name: string, figure: (evaluation: Evaluation) => Measured, format: Format) => [
    name,
    ...evaluations.map((evaluation) => {
      const { value, low, high } = figure(evaluation);
      // No range where no resample says anything else.
      return low === high ? format(value) : `${format(value)} (${format(low)} to ${format(high)})`;
    }),
  ];
  return [
    ['', ...evaluations.map(titleOf)],
    row('top-1', ({ top1 }) => top1, percent),
    // Of five classes or fewer the true one always is among the first five.
    ...(evaluations.some(({ model }) => model.classes > 5) ? [row('top-5', ({ top5 }) => top5, percent)] : []),
    row('macro F1', ({ macro }) => macro.f1, decimals),
    row('macro precision', ({ macro }) => macro.precision, decimals),
    row('macro recall', ({ macro }) => macro.recall, decimals),
    row('balanced accuracy', ({ balancedAccuracy }) => balancedAccuracy, percent),
    row('log loss', ({ logLoss }) => logLoss, decimals),
    ['calibration error', ...evaluations.map(({ calibration }) => decimals(calibration.ece))],
  ];
}

function trainingDataInWords(evaluation: Evaluation): string[] {
  const { data } = evaluation;
  const known = knownPictures(data);
  if (known === 0) return [];
  const all = known === data.pictures;
  const which = all ? 'these very pictures, and knows most of them' : `${known} of these ${pictures(data.pictures)}`;
  return [
    `${titleOf(evaluation)} was trained with ${which}. Expect less of others, and evaluate it with pictures that it has not seen.`,
  ];
}

const pictures = (count: number): string => `${count} ${count === 1 ? 'picture' : 'pictures'}`;

function intervalsInWords({ data, bootstrap }: Evaluation): string {
  const classes = `${data.classes} ${data.classes === 1 ? 'class' : 'classes'}`;
  return `Of ${pictures(data.pictures)} of ${classes}. Ranges are 95 % intervals (bootstrap, ${bootstrap.resamples} resamples).`;
}

function pairedInWords(
  { onlyFirstRight, onlySecondRight, p, top1, pictures: all }: PairedTest,
  [first, second]: readonly [string, string],
): string {
  const points = (share: number) => `${share < 0 ? '-' : '+'}${Math.abs(share * 100).toFixed(1)}`;
  return [
    `Of the same ${pictures(all)} only ${first} is right on ${onlyFirstRight}, and only ${second} on ${onlySecondRight}.`,
    `Difference in top-1: ${points(top1.value)} points (${points(top1.low)} to ${points(top1.high)}).`,
    `McNemar's exact test: p ${p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`}; ${
      p < 0.05
        ? 'so uneven a split is unlikely to be chance.'
        : 'such a split is common if they are equally good, so these pictures do not show which one is better.'
    }`,
  ].join('\n');
}

function details(evaluation: Evaluation, isOneOfTwo: boolean, options: EvaluationReportOptions): string[] {
  const { perClass, confusion } = evaluation;
  const names = new Map(perClass.map(({ index, label, zh }) => [index, options.lang === 'zh' ? zh : label]));
  const nameOf = (index: number) => names.get(index) ?? `${index}`;
  const most = options.all ? Number.POSITIVE_INFINITY : LISTED;
  const weakest = perClass.toSorted((a, b) => a.f1 - b.f1 || b.support - a.support);
  const pairs = mostConfused(confusion);
  const classRows = weakest
    .slice(0, most)
    .map(({ index, support, recall, precision, f1 }) => [
      nameOf(index),
      `${support}`,
      percent(recall),
      percent(precision),
      decimals(f1),
    ]);
  const pairRows = pairs.slice(0, most).map(([truth, named, n]) => [nameOf(truth), nameOf(named), `${n}`]);
  return [
    ...(isOneOfTwo ? [titleOf(evaluation)] : []),
    thresholdInWords(evaluation),
    listing(['CLASS, WEAKEST FIRST', 'PICTURES', 'RECALL', 'PRECISION', 'F1'], classRows, weakest.length),
    ...(pairs.length > 0 ? [listing(['SHOWS', 'TAKEN FOR', 'PICTURES'], pairRows, pairs.length)] : []),
  ];
}

function listing(header: readonly string[], rows: readonly string[][], total: number): string {
  const more = total > rows.length ? [`and ${total - rows.length} more; --all lists them`] : [];
  return [table([header, ...rows]), ...more].join('\n');
}

function thresholdInWords({ coverage: { operating } }: Evaluation): string {
  const { threshold, coverage, accuracy, groups, groupAccuracy, unsure } = operating;
  return [
    accuracy === null
      ? `With the threshold ${threshold} it names no class.`
      : `With the threshold ${threshold} it names a class for ${percent(coverage)}, of which ${percent(accuracy)} are right.`,
    ...(groupAccuracy === null
      ? []
      : [`It names a group for ${percent(groups)}, of which ${percent(groupAccuracy)} are right.`]),
    ...(unsure > 0 ? [`It is not sure of ${percent(unsure)}.`] : []),
  ].join(' ');
}

function leftOut({ data: { unusable, foreign } }: Evaluation, { all }: EvaluationReportOptions): string[] {
  const count = foreign.reduce((sum, { names }) => sum + names.length, 0);
  const rows = foreign.flatMap(({ label, names }) => {
    const name = label ?? '(no label)';
    return all ? names.map((file) => [name, file]) : [[name, `${names.length}`]];
  });
  const shown = all ? rows : rows.slice(0, LISTED);
  return [
    ...(unusable.length > 0 ? [`${pictures(unusable.length)} could not be read; left out of the figures.`] : []),
    ...(count > 0
      ? [
          `${pictures(count)} ${count === 1 ? 'shows' : 'show'} a class that the model does not have, or nothing says what; left out of the figures.`,
          listing(['LABEL', all ? 'FILE' : 'PICTURES'], shown, rows.length),
        ]
      : []),
  ];
}
