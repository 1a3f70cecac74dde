/** How the model came to be: the curves of its training, and what was found in the data. */
import { escapeHtml } from '../../html.js';
import { type Axes, createPlane, line, niceTicks, type Point, text } from './charts.js';
import { plainTable } from './probability-sections.js';
import { axisPercent, decimals, folded, name, paragraph, type Setting, section } from './side.js';
import type { Words } from './words.js';

/** A state of the network, epoch by epoch: as a training's `CurvePoint`. */
export interface TrainedEpoch {
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
}

/** What stood out in the data: as the check's `Finding`. */
export interface DataFinding {
  readonly pictures: readonly string[];
  readonly message: string;
  readonly messageZh: string;
}

export interface TrainingStory {
  readonly curve: readonly TrainedEpoch[];
  readonly findings: readonly DataFinding[];
}

export function trainingSection({ curve, findings }: TrainingStory, setting: Setting): string {
  const { words } = setting;
  const said = words.training;
  return section('training', said.heading, [
    ...(curve.length > 1 ? [charts(curve, words), folded(said.numbers, numbers(curve, words))] : []),
    `<h3>${escapeHtml(said.findings)}</h3>`,
    ...(findings.length === 0 ? [paragraph(said.noFindings)] : [list(findings, setting)]),
  ]);
}

/** Names of a finding that are listed. */
const LISTED = 12;

function list(findings: readonly DataFinding[], { words, lang }: Setting): string {
  const items = findings.map(({ message, messageZh, pictures }) => {
    const names = pictures
      .slice(0, LISTED)
      .map(name)
      .join(words.lang === 'en' ? ', ' : '、');
    const more = pictures.length > LISTED ? ` ${escapeHtml(words.leftOut.more(pictures.length - LISTED))}` : '';
    return `<li>${escapeHtml(lang === 'zh' ? messageZh : message)}${names && `<br><span class="quiet small">${names}${more}</span>`}</li>`;
  });
  return `<ul class="plain">${items.join('')}</ul>`;
}

function charts(curve: readonly TrainedEpoch[], words: Words): string {
  const { loss, accuracy } = words.training;
  const losses = chart(curve, { name: loss, one: (p) => p.loss, two: (p) => p.validationLoss, format: String }, words);
  const shares = chart(
    curve,
    {
      name: accuracy,
      one: (p) => p.accuracy,
      two: (p) => p.validationAccuracy,
      format: (share) => axisPercent(share, words),
    },
    words,
  );
  return `<div class="sides"><figure>${losses}</figure><figure>${shares}</figure></div>`;
}

interface Curves {
  readonly name: string;
  readonly one: (point: TrainedEpoch) => number;
  readonly two: (point: TrainedEpoch) => number;
  readonly format: (value: number) => string;
}

function chart(curve: readonly TrainedEpoch[], { name, one, two, format }: Curves, { training }: Words): string {
  const values = curve.flatMap((point) => [one(point), two(point)]).filter(Number.isFinite);
  const spread = Math.max(...values) - Math.min(...values) || Math.abs(values[0] ?? 1) * 0.1;
  const y = [Math.max(0, Math.min(...values) - spread * 0.08), Math.max(...values) + spread * 0.08] as const;
  const x = [curve[0]?.epoch ?? 0, curve.at(-1)?.epoch ?? 1] as const;
  const axes: Axes = {
    ...{ x, y, xName: training.epoch, yName: name },
    xTicks: niceTicks(...x).filter(Number.isInteger),
    yTicks: niceTicks(...y),
    xText: String,
    yText: format,
  };
  const plane = createPlane(axes);
  const points = (of: (point: TrainedEpoch) => number) => curve.map((point): Point => [point.epoch, of(point)]);
  const key = [
    text([330, 12], training.validation, 'text-anchor="end" class="one"'),
    text([255, 12], training.training, 'text-anchor="end" class="two"'),
  ];
  return plane.chart(name, [line(points(one), plane, 'line second'), line(points(two), plane), ...key]);
}

function numbers(curve: readonly TrainedEpoch[], { training: said, percent }: Words): string {
  const of = (what: string, where: string) => `${what} (${where})`;
  const heads = [
    said.epoch,
    of(said.loss, said.training),
    of(said.loss, said.validation),
    of(said.accuracy, said.training),
    of(said.accuracy, said.validation),
  ];
  const rows = curve.map((point) => [
    `${point.epoch}`,
    ...[point.loss, point.validationLoss].map(decimals),
    ...[point.accuracy, point.validationAccuracy].map(percent),
  ]);
  return plainTable(said.heading, heads, rows);
}
