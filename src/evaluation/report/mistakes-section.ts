/** The wrong answers that sounded sure, with their pictures; and what the figures do not count. */
import { escapeHtml } from '../../html.js';
import type { Evaluation, Mistake } from '../evaluation.js';
import { about, classNames, folded, name, paragraph, type Setting, section, sides } from './side.js';

/** Mistakes to be seen at once, and to be unfolded. */
const SEEN = 12;
const SHOWN = 24;

export const mistakesSection = (evaluations: readonly Evaluation[], setting: Setting): string =>
  section('mistakes', setting.words.mistakes.heading, [
    sides(evaluations, (evaluation) => mistakes(evaluation, setting)),
  ]);

function mistakes(evaluation: Evaluation, { words, lang }: Setting): string {
  const said = words.mistakes;
  const shown = evaluation.mistakes.slice(0, SHOWN);
  if (shown.length === 0) return paragraph(said.none);
  const nameOf = classNames(evaluation, lang);
  const card = ({ name: file, truth, predicted, probability, truthProbability, thumbnail }: Mistake) =>
    `<li>${
      thumbnail
        ? `<img src="data:image/jpeg;base64,${thumbnail}" alt="">`
        : `<span class="none">${escapeHtml(said.noPicture)}</span>`
    }<p class="wrong">${escapeHtml(said.said)} <b>${name(nameOf(predicted))}</b> ${words.percent(probability)}</p><p>${escapeHtml(said.is)} <b>${name(nameOf(truth))}</b> ${words.percent(truthProbability)}</p><p class="quiet small">${name(file)}</p></li>`;
  const grid = (some: readonly Mistake[]) => `<ul class="mistakes">${some.map(card).join('\n')}</ul>`;
  const others = shown.slice(SEEN);
  return [
    about(said.about(evaluation.wrong, shown.length)),
    grid(shown.slice(0, SEEN)),
    ...(others.length > 0 ? [folded(said.more(others.length), grid(others))] : []),
  ].join('\n');
}

/** So many names are listed. */
const LISTED = 50;

/** '' if nothing was. Both models are asked about the same pictures. */
export function leftOutSection([{ data }]: readonly [Evaluation, ...Evaluation[]], { words }: Setting): string {
  const said = words.leftOut;
  const { unusable, foreign } = data;
  const foreignCount = foreign.reduce((sum, { names }) => sum + names.length, 0);
  if (unusable.length + foreignCount === 0) return '';
  const list = (items: readonly string[], total: number) =>
    `<ul class="plain">${[...items.slice(0, LISTED), ...(total > LISTED ? [escapeHtml(said.more(total - LISTED))] : [])]
      .map((item) => `<li>${item}</li>`)
      .join('')}</ul>`;
  const unreadable = unusable.map(
    (picture) => `${name(picture.name)}: <span lang="en">${escapeHtml(picture.error)}</span>`,
  );
  const classes = foreign.map(({ label, names }) =>
    folded(`${label ?? said.unlabelled} (${words.count(names.length)})`, list(names.map(name), names.length)),
  );
  return section('left-out', said.heading, [
    ...(unusable.length > 0 ? [paragraph(said.unusable(unusable.length)), list(unreadable, unusable.length)] : []),
    ...(foreignCount > 0 ? [paragraph(said.foreign(foreignCount)), ...classes.slice(0, LISTED)] : []),
    ...(classes.length > LISTED ? [paragraph(said.more(classes.length - LISTED))] : []),
  ]);
}
