/** What the sections of the report share: one side for each model, and how numbers are written. */
import { escapeHtml } from '../../html.js';
import type { Language } from '../../labels/label-set.js';
import type { Evaluation, Measured } from '../evaluation.js';
import type { Words } from './words.js';

export interface Setting {
  readonly words: Words;
  readonly lang: Language;
}

export const decimals = (value: number): string => value.toFixed(3);

/** A share beside an axis: "25 %", but "12.5 %". */
export const axisPercent = (share: number, words: Words): string => words.percent(share).replace('.0', '');

/** With a minus that is as wide as the plus. */
export const signed = (value: number, digits: number): string => {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${value < 0 ? '−' : '+'}${text}`;
};

/** '' if no resample says anything else, which is no range. */
export const rangeOf = ({ low, high }: Measured, format: (value: number) => string, words: Words): string =>
  low === high ? '' : words.between(format(low), format(high));

/** Names of people's own, whichever way they are written. */
export const name = (text: string): string => `<bdi>${escapeHtml(text)}</bdi>`;

export const modelName = ({ model }: Evaluation): string =>
  `${model.name}@${model.version} ${model.precision.toUpperCase()}`;

/** How the report calls a class. */
export function classNames(evaluation: Evaluation, lang: Language): (index: number) => string {
  const names = new Map(
    evaluation.perClass.map((figures) => [figures.index, lang === 'zh' ? figures.zh : figures.label]),
  );
  return (index) => names.get(index) ?? `${index}`;
}

/** The same for each model: beside each other if there is room, under their names if there are two. */
export function sides(evaluations: readonly Evaluation[], draw: (evaluation: Evaluation) => string): string {
  if (evaluations.length === 1) return draw(evaluations[0] as Evaluation);
  const side = (evaluation: Evaluation) =>
    `<div class="side">\n<h3>${name(modelName(evaluation))}</h3>\n${draw(evaluation)}\n</div>`;
  return `<div class="sides">\n${evaluations.map(side).join('\n')}\n</div>`;
}

/** A part of the report; parts that have nothing to say are ''. */
export const section = (id: string, heading: string, content: readonly string[]): string =>
  `<section aria-labelledby="${id}">\n<h2 id="${id}">${escapeHtml(heading)}</h2>\n${content.filter((part) => part !== '').join('\n')}\n</section>`;

export const about = (text: string): string => `<p class="about">${escapeHtml(text)}</p>`;
export const paragraph = (text: string): string => `<p>${escapeHtml(text)}</p>`;

/** What is too wide for the page can be moved sideways, with the keyboard too. */
export const scrolling = (label: string, content: string): string =>
  `<div class="scroll" tabindex="0" role="group" aria-label="${escapeHtml(label)}">${content}</div>`;

export const folded = (summary: string, content: string): string =>
  `<details><summary>${escapeHtml(summary)}</summary>\n${content}\n</details>`;
