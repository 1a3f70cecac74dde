/** Which classes are taken for which: a heat table, and the pairs that are mixed up most. */
import { escapeHtml } from '../../html.js';
import type { ConfusionCount, Evaluation } from '../evaluation.js';
import { mostConfused } from '../per-class.js';
import { about, classNames, name, paragraph, type Setting, scrolling, section, sides } from './side.js';

/** More classes than that nobody can read in a table. */
const ALL_CLASSES = 24;
const SOME_CLASSES = 16;
const PAIRS = 12;

export const confusionSection = (evaluations: readonly Evaluation[], setting: Setting): string =>
  section('confusion', setting.words.confusion.heading, [
    about(setting.words.confusion.about),
    sides(evaluations, (evaluation) => confusion(evaluation, setting)),
  ]);

function confusion(evaluation: Evaluation, setting: Setting): string {
  const { words } = setting;
  const pairs = mostConfused(evaluation.confusion);
  const isWhole = evaluation.perClass.length <= ALL_CLASSES;
  const shown = isWhole ? evaluation.perClass.map(({ index }) => index) : involved(pairs);
  const { none, some, caption } = words.confusion;
  if (pairs.length === 0 && !isWhole) return paragraph(none);
  const table = scrolling(caption, heatTable(evaluation, shown, setting));
  return [
    pairs.length === 0 ? paragraph(none) : '',
    isWhole ? '' : `<p class="quiet small">${escapeHtml(some(shown.length))}</p>`,
    `<div class="beside">${table}${pairs.length === 0 ? '' : scrolling(words.confusion.pairs, pairTable(evaluation, pairs.slice(0, PAIRS), setting))}</div>`,
  ].join('\n');
}

/** The classes of the pairs that are mixed up most often, in their order. */
function involved(pairs: readonly ConfusionCount[]): number[] {
  const classes = new Set<number>();
  for (const [truth, predicted] of pairs)
    if (classes.size <= SOME_CLASSES - 2) for (const index of [truth, predicted]) classes.add(index);
  return [...classes].sort((a, b) => a - b);
}

function heatTable(evaluation: Evaluation, shown: readonly number[], { words, lang }: Setting): string {
  const nameOf = classNames(evaluation, lang);
  const counts = new Map(evaluation.confusion.map(([truth, predicted, n]) => [`${truth} ${predicted}`, n]));
  const support = new Map(evaluation.perClass.map(({ index, support }) => [index, support]));
  const cell = (truth: number, predicted: number) => {
    const n = counts.get(`${truth} ${predicted}`) ?? 0;
    if (n === 0) return '<td></td>';
    const share = n / (support.get(truth) as number);
    return `<td class="${truth === predicted ? 'right' : 'wrong'}" style="--v:${share.toFixed(3)}">${words.count(n)}</td>`;
  };
  const rows = shown.map(
    (truth) =>
      `<tr><th scope="row" title="${escapeHtml(nameOf(truth))}">${name(nameOf(truth))}</th>${shown.map((predicted) => cell(truth, predicted)).join('')}</tr>`,
  );
  // As much of a long name as there is room for; all of it is below, in the figures of each class.
  const heads = shown.map(
    (index) => `<th scope="col" title="${escapeHtml(nameOf(index))}"><span>${name(nameOf(index))}</span></th>`,
  );
  return `<table class="heat"><caption>${escapeHtml(words.confusion.caption)}</caption>
<thead><tr><td class="corner"></td>${heads.join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
}

function pairTable(evaluation: Evaluation, pairs: readonly ConfusionCount[], { words, lang }: Setting): string {
  const nameOf = classNames(evaluation, lang);
  const { pairs: caption, truth, named, pictures } = words.confusion;
  const rows = pairs.map(
    ([shows, said, n]) =>
      `<tr><td>${name(nameOf(shows))}</td><td>${name(nameOf(said))}</td><td class="n">${words.count(n)}</td></tr>`,
  );
  const heads = [truth, named].map((head) => `<th scope="col">${escapeHtml(head)}</th>`).join('');
  return `<table><caption>${escapeHtml(caption)}</caption>
<thead><tr>${heads}<th scope="col" class="n">${escapeHtml(pictures)}</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
}
