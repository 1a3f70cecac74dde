/** Whether probabilities can be believed, and what the threshold for "not sure" does. */
import { escapeHtml } from '../../html.js';
import type { CoveragePoint, Evaluation, ReliabilityBin } from '../evaluation.js';
import { createPlane, dot, line, type Plane, text } from './charts.js';
import { about, axisPercent, decimals, folded, paragraph, type Setting, scrolling, section, sides } from './side.js';
import type { Words } from './words.js';

export const calibrationSection = (evaluations: readonly Evaluation[], { words }: Setting): string =>
  section('calibration', words.calibration.heading, [
    about(words.calibration.about),
    sides(evaluations, (evaluation) => calibration(evaluation, words)),
  ]);

/** Confidence and accuracy that are so near to each other fit. */
const FITS = 0.03;

function calibration({ calibration: { ece, bins }, top1 }: Evaluation, words: Words): string {
  const { percent, calibration: said } = words;
  const filled = bins.filter(isFilled);
  const pictures = filled.reduce((sum, bin) => sum + bin.pictures, 0);
  const confidence = filled.reduce((sum, bin) => sum + bin.pictures * bin.confidence, 0) / pictures;
  const surer = confidence - top1.value;
  const verdict = Math.abs(surer) < FITS ? said.fair : surer > 0 ? said.tooSure : said.tooCareful;
  const sentences = `${said.mean(percent(confidence), percent(top1.value))} ${verdict}`;
  const plane = sharePlane(said.confidence, said.accuracy, 0, words);
  const largest = Math.max(...filled.map(({ pictures }) => pictures));
  const dots = filled.map((bin) =>
    dot([bin.confidence, bin.accuracy], plane, 3 + 9 * Math.sqrt(bin.pictures / largest)),
  );
  const [x, y] = plane.at([0.3, 0.3]);
  const ideal = [
    `<path class="ideal" d="M${plane.at([0, 0]).join(' ')}L${plane.at([1, 1]).join(' ')}"/>`,
    text([x - 6, y - 6], said.ideal, 'text-anchor="end"'),
  ];
  const path = line(
    filled.map((bin) => [bin.confidence, bin.accuracy]),
    plane,
  );
  return [
    paragraph(sentences),
    `<figure>${plane.chart(`${said.chart}. ${sentences}`, [...ideal, path, ...dots])}<figcaption>${escapeHtml(said.ece(decimals(ece)))}</figcaption></figure>`,
    folded(said.numbers, binTable(filled, words)),
  ].join('\n');
}

type FilledBin = ReliabilityBin & { readonly confidence: number; readonly accuracy: number };
const isFilled = (bin: ReliabilityBin): bin is FilledBin => bin.confidence !== null && bin.accuracy !== null;

function binTable(bins: readonly FilledBin[], words: Words): string {
  const { percent, calibration: said } = words;
  const rows = bins.map(({ from, to, pictures, confidence, accuracy }) => [
    words.between(percent(from), percent(to)),
    words.count(pictures),
    percent(confidence),
    percent(accuracy),
  ]);
  return plainTable(said.chart, [said.range, said.pictures, said.confidence, said.accuracy], rows);
}

/** Both axes are shares; the upright one may begin higher. */
const sharePlane = (xName: string, yName: string, from: number, words: Words): Plane =>
  createPlane({
    ...{ x: [0, 1], y: [from, 1], xName, yName },
    xTicks: [0, 0.25, 0.5, 0.75, 1],
    yTicks: [0, 0.25, 0.5, 0.75, 1].map((share) => from + share * (1 - from)),
    xText: (share) => axisPercent(share, words),
    yText: (share) => axisPercent(share, words),
  });

export const coverageSection = (evaluations: readonly Evaluation[], { words }: Setting): string =>
  section('coverage', words.coverage.heading, [
    about(words.coverage.about),
    sides(evaluations, (evaluation) => coverage(evaluation, words)),
  ]);

const TARGETS = [0.9, 0.95, 0.99, 1];

function coverage({ coverage: { curve, operating } }: Evaluation, words: Words): string {
  const { percent, coverage: said } = words;
  const { threshold, groups, groupAccuracy, unsure } = operating;
  const sentences = [
    said.at(threshold, percent(operating.coverage), operating.accuracy === null ? null : percent(operating.accuracy)),
    ...(groupAccuracy === null ? [] : [said.groups(percent(groups), percent(groupAccuracy))]),
    ...(unsure > 0 ? [said.unsure(percent(unsure))] : []),
  ].join(words.lang === 'en' ? ' ' : '');
  const named = curve.filter(isNamed);
  const lowest = Math.min(...named.map(({ accuracy }) => accuracy));
  const plane = sharePlane(said.named, said.right, Math.min(0.8, Math.floor(lowest * 5) / 5), words);
  const marks: string[] = [];
  if (isNamed(operating)) {
    const [x, y] = plane.at([operating.coverage, operating.accuracy]);
    const anchor = operating.coverage > 0.5 ? 'end' : 'start';
    const below = y < 60 ? 22 : -14;
    marks.push(
      dot([operating.coverage, operating.accuracy], plane, 6),
      text([x, y + below], said.present(threshold), `text-anchor="${anchor}" class="strong"`),
    );
  }
  const path = line(
    named.map((point) => [point.coverage, point.accuracy]),
    plane,
  );
  const targets = plainTable(
    said.targets,
    [said.target, said.threshold, said.named],
    TARGETS.map((target) => targetRow(target, named, words)),
  );
  return [
    paragraph(sentences),
    `<div class="beside"><figure>${plane.chart(`${said.chart}. ${sentences}`, [path, ...marks])}</figure>${targets}</div>`,
  ].join('\n');
}

type NamedPoint = CoveragePoint & { readonly accuracy: number };
const isNamed = (point: CoveragePoint): point is NamedPoint => point.accuracy !== null;

/** The lowest threshold from which so many are right; so the most pictures get a name. */
function targetRow(target: number, named: readonly NamedPoint[], { percent, coverage }: Words): string[] {
  const point = named.find(({ accuracy }) => accuracy >= target);
  if (!point) return [percent(target), '–', coverage.unreachable];
  return [percent(target), point.threshold.toFixed(2), percent(point.coverage)];
}

/** The first column is text, the others are numbers. */
export function plainTable(caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((text, i) => `<th scope="col"${i > 0 ? ' class="n"' : ''}>${escapeHtml(text)}</th>`).join('');
  const body = rows.map(
    (row) => `<tr>${row.map((text, i) => `<td${i > 0 ? ' class="n"' : ''}>${escapeHtml(text)}</td>`).join('')}</tr>`,
  );
  const table = `<table><caption>${escapeHtml(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
  return scrolling(caption, table);
}
