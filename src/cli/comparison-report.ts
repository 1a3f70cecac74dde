/** A comparison of models in words. */
import type { ComparedAnswer, ComparedModel, ComparedPicture, Comparison } from '../evaluation/compare.js';
import { type Figures, haveSameClasses } from '../evaluation/tally.js';
import { referenceOf } from '../models/reference.js';
import { percent, table } from './output.js';

type Described = Pick<Comparison, 'models' | 'figures'>;

/** `listed` are pictures that the models disagree on: all, or the first of them. */
export function describeComparison({ models, figures }: Described, listed: readonly ComparedPicture[]): string {
  const result = figures();
  if (result.pictures === 0) return 'No picture was compared.';
  const parts = [
    table(modelRows(models, result)),
    footnotes(models, result),
    ...(models.length > 2 ? [table(agreementRows(models, result))] : []),
    [agreementInWords(result), ...disagreements(models, result, listed)].join('\n'),
  ];
  return parts.join('\n\n');
}

/** Without the version where the name says which one it is. */
function titlesOf(models: readonly ComparedModel[]): string[] {
  return models.map((model) => {
    const isClear = models.every(({ name, version }) => name !== model.name || version === model.version);
    return isClear ? model.name : referenceOf(model);
  });
}

const titlesWithPrecision = (models: readonly ComparedModel[]) =>
  titlesOf(models).map((title, i) => `${title} ${models[i]?.precision}`);

function modelRows(models: readonly ComparedModel[], { models: figures }: Figures): string[][] {
  const titles = titlesOf(models);
  const isLabelled = figures.some(({ labelled }) => labelled > 0);
  const header = ['MODEL', 'PRECISION', 'SIZE', 'MS', 'P95', ...(isLabelled ? ['TOP-1', 'TOP-5', 'LABELLED'] : [])];
  const rows = models.map(({ precision, bytes }, i) => {
    const { medianMs, p95Ms, top1, top5, labelled } = figures[i] as Figures['models'][number];
    const accuracy = isLabelled ? [shareInWords(top1), shareInWords(top5), `${labelled}`] : [];
    const times = [medianMs, p95Ms].map((ms) => (ms ?? 0).toFixed(1));
    return [titles[i] as string, precision, `${(bytes / 1e6).toFixed(1)} MB`, ...times, ...accuracy];
  });
  return [header, ...rows];
}

function footnotes(models: readonly ComparedModel[], { models: figures }: Figures): string {
  const [first] = models as [ComparedModel, ...ComparedModel[]];
  const haveSame = models.every(({ labels }) => haveSameClasses(labels, first.labels));
  return [
    'MS and P95: median and 95th percentile of the milliseconds from pixels to answer, on one thread. The models take turns on each picture, one at a time.',
    ...(figures.some(({ labelled }) => labelled > 0)
      ? ['TOP-1 and TOP-5: of the labelled pictures, whose folder or file is named after their class.']
      : []),
    ...(haveSame ? [] : ['The models have different classes: two answers agree if they have the same English name.']),
  ].join('\n');
}

function agreementRows(models: readonly ComparedModel[], { agreement }: Figures): string[][] {
  const titles = titlesWithPrecision(models);
  return [
    ['AGREEMENT', ...titles.map((_, i) => `${i + 1}`)],
    ...titles.map((title, i) => [
      `${i + 1} ${title}`,
      ...titles.map((_, j) => (i === j ? '-' : shareInWords(agreement[i]?.[j] ?? null))),
    ]),
  ];
}

function agreementInWords({ pictures, disagreements }: Figures): string {
  const agreed = pictures - disagreements;
  return `All name the same class for ${agreed} of ${pictures} pictures (${percent(agreed / pictures)}).`;
}

function disagreements(
  models: readonly ComparedModel[],
  { disagreements: total }: Figures,
  listed: readonly ComparedPicture[],
): string[] {
  if (total === 0) return [];
  const isLabelled = listed.some(({ label }) => label !== null);
  const header = ['FILE', ...titlesWithPrecision(models).map((title) => title.toUpperCase())];
  const rows = listed.map(({ file, label, answers }) => [
    file,
    ...answers.map(answerInWords),
    ...(isLabelled ? [label ?? ''] : []),
  ]);
  const more = total - listed.length;
  return [
    'They disagree on:',
    '',
    table([[...header, ...(isLabelled ? ['TRUTH'] : [])], ...rows]),
    ...(more > 0 ? [`and ${more} more; --all lists them`] : []),
  ];
}

function answerInWords({ predictions: [best] }: ComparedAnswer): string {
  return best ? `${best.label} ${percent(best.probability)}` : '';
}

const shareInWords = (share: number | null) => (share === null ? '-' : percent(share));
