/** Precision, recall and F1 of each class, the weakest first. */
import { escapeHtml } from '../../html.js';
import type { Averages, ClassFigures, Evaluation } from '../evaluation.js';
import { about, decimals, folded, name, type Setting, scrolling, section, sides } from './side.js';

/** So many are seen at once; the others are folded away. */
const SEEN = 24;

export const classesSection = (evaluations: readonly Evaluation[], setting: Setting): string =>
  section('classes', setting.words.classes.heading, [
    about(setting.words.classes.about),
    sides(evaluations, (evaluation) => classes(evaluation, setting)),
  ]);

function classes({ perClass, macro, weighted }: Evaluation, setting: Setting): string {
  const { words } = setting;
  const sorted = perClass.toSorted((a, b) => a.f1 - b.f1 || b.support - a.support);
  const seen = sorted.slice(0, SEEN);
  const others = sorted.slice(SEEN);
  const { f1, precision, recall } = macro;
  const macroAverages = { f1: f1.value, precision: precision.value, recall: recall.value };
  return [
    table(seen, setting),
    ...(others.length > 0 ? [folded(words.classes.others(others.length), table(others, setting))] : []),
    scrolling(words.classes.averages, averagesTable([macroAverages, weighted], setting)),
  ].join('\n');
}

function heads({ words }: Setting): string {
  const { name, pictures, recall, precision, f1 } = words.classes;
  const cell = (text: string, kind = '') => `<th scope="col"${kind}>${escapeHtml(text)}</th>`;
  return `<thead><tr>${cell(name)}${cell(pictures, ' class="n"')}${cell(recall)}${cell(precision)}${cell(f1)}</tr></thead>`;
}

const bar = (share: number, text: string) =>
  `<td><span class="bar" style="--v:${share.toFixed(4)}">${text}</span></td>`;

function table(figures: readonly ClassFigures[], setting: Setting): string {
  const { words, lang } = setting;
  const rows = figures.map(
    ({ label, zh, support, recall, precision, f1 }) =>
      `<tr><th scope="row">${name(lang === 'zh' ? zh : label)}</th><td class="n">${words.count(support)}</td>${bar(recall, words.percent(recall))}${bar(precision, words.percent(precision))}${bar(f1, decimals(f1))}</tr>`,
  );
  const caption = escapeHtml(words.classes.caption);
  return scrolling(
    words.classes.caption,
    `<table class="wide"><caption>${caption}</caption>${heads(setting)}\n<tbody>${rows.join('\n')}</tbody></table>`,
  );
}

function averagesTable(averages: readonly Averages[], { words }: Setting): string {
  const { macro, weighted, averages: caption, recall, precision, f1 } = words.classes;
  const columns = ['', recall, precision, f1].map((text) =>
    text ? `<th scope="col">${escapeHtml(text)}</th>` : '<td></td>',
  );
  const rows = averages.map(
    (figures, i) =>
      `<tr><th scope="row">${escapeHtml(i === 0 ? macro : weighted)}</th><td>${words.percent(figures.recall)}</td><td>${words.percent(figures.precision)}</td><td>${decimals(figures.f1)}</td></tr>`,
  );
  return `<table class="averages"><caption>${escapeHtml(caption)}</caption><thead><tr>${columns.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
