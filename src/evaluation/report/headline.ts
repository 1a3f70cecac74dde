/** What matters most, large: how many are right, and which of two models is better. */
import { escapeHtml } from '../../html.js';
import { type Evaluation, knownPictures, type Measured, type PairedTest } from '../evaluation.js';
import { decimals, modelName, name, rangeOf, type Setting, section, sides, signed } from './side.js';
import type { Term, Words } from './words.js';

export function headline(evaluations: readonly Evaluation[], { words }: Setting): string {
  return section('result', words.result, [sides(evaluations, (evaluation) => figures(evaluation, words))]);
}

function figures(evaluation: Evaluation, words: Words): string {
  const { top1, data, wrong } = evaluation;
  const known = knownPictures(data);
  const { percent } = words;
  return `<p class="number">${percent(top1.value)}</p>
<p class="lead">${escapeHtml(words.top1)}</p>
<span class="track" style="--low:${top1.low};--high:${top1.high};--at:${top1.value}" aria-hidden="true"><i></i><b></b></span>
<p class="quiet">${escapeHtml(words.interval(percent(top1.low), percent(top1.high)))} · ${escapeHtml(words.right(data.pictures - wrong, data.pictures))}</p>
${known > 0 ? `<p class="warning">${escapeHtml(words.knowsData(known, data.pictures))}</p>\n` : ''}<dl class="terms">${terms(evaluation, words).join('')}</dl>`;
}

function terms({ top5, macro, balancedAccuracy, logLoss, calibration, model }: Evaluation, words: Words): string[] {
  const { figures, percent } = words;
  const measured = (term: Term, figure: Measured, format: (value: number) => string) =>
    describe(term, format(figure.value), rangeOf(figure, format, words));
  return [
    // Of five classes or fewer the true one always is.
    ...(model.classes > 5 ? [measured(figures.top5, top5, percent)] : []),
    measured(figures.macroF1, macro.f1, decimals),
    measured(figures.balancedAccuracy, balancedAccuracy, percent),
    measured(figures.logLoss, logLoss, decimals),
    describe(figures.ece, decimals(calibration.ece), ''),
  ];
}

const describe = ({ name, means }: Term, value: string, range: string): string =>
  `<div><dt>${escapeHtml(name)}</dt><dd class="value">${value}</dd>${range && `<dd>${escapeHtml(range)}</dd>`}<dd>${escapeHtml(means)}</dd></div>`;

/** Above it the split is taken for chance. */
const CLEAR = 0.05;

export function pairedSection(test: PairedTest, evaluations: readonly Evaluation[], { words }: Setting): string {
  const [first, second] = evaluations.map(modelName) as [string, string];
  const { cells, ...said } = words.paired;
  const { onlyFirstRight, onlySecondRight, bothRight, bothWrong, p } = test;
  const parts = [
    ['r', bothRight, cells.bothRight],
    ['a', onlyFirstRight, cells.only(first)],
    ['b', onlySecondRight, cells.only(second)],
    ['', bothWrong, cells.bothWrong],
  ] as const;
  const points = (value: number) => signed(value * 100, 1);
  const nats = (value: number) => signed(value, 3);
  const { top1, logLoss } = test;
  const differ = onlyFirstRight + onlySecondRight > 0;
  return section('paired', said.heading, [
    `<p class="lead">${name(differ ? said.split(test, first, second) : said.none)}</p>`,
    `<p class="split" aria-hidden="true">${parts.map(([kind, n]) => (n > 0 ? `<span class="${kind}" style="--n:${n}"></span>` : '')).join('')}</p>`,
    `<ul class="key">${parts.map(([kind, n, text]) => `<li class="${kind}">${name(text)}: ${words.count(n)}</li>`).join('')}</ul>`,
    differ ? `<p>${escapeHtml(said.verdict(p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`, p < CLEAR))}</p>` : '',
    `<p class="quiet">${escapeHtml(said.difference(points(top1.value), points(top1.low), points(top1.high)))}${
      logLoss ? ` ${escapeHtml(said.loss(nats(logLoss.value), nats(logLoss.low), nats(logLoss.high)))}` : ''
    }</p>`,
  ]);
}
