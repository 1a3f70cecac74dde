/** Which model, which data, which method: what somebody needs to get the same figures. */
import { escapeHtml } from '../../html.js';
import type { Evaluation } from '../evaluation.js';
import { name, type Setting, section, sides } from './side.js';

/** A line of a recipe, in words; `name` is in the language of the report. */
export type Fact = readonly [name: string, value: string];

export function aboutSection(evaluations: readonly Evaluation[], recipe: readonly Fact[], { words }: Setting): string {
  const said = words.about;
  const [{ data, bootstrap, created }] = evaluations as readonly [Evaluation, ...Evaluation[]];
  return section('about', said.heading, [
    sides(evaluations, ({ model }) =>
      facts([
        [said.model, `${model.name}@${model.version}`],
        [said.precision, model.precision.toUpperCase()],
        [said.digest, `${model.digest}…`],
        [said.size, `${(model.bytes / 1e6).toFixed(1)} MB`],
        ...(model.architecture ? ([[said.architecture, model.architecture]] as const) : []),
        [said.input, `${model.input.width} × ${model.input.height}`],
        [said.temperature, `${Number(model.temperature.toPrecision(4))}`],
        [said.license, model.license],
        ...(model.recipe && recipe.length === 0 ? ([[said.recipe, inWords(model.recipe)]] as const) : []),
      ]),
    ),
    facts([
      [said.data, words.summary(data.pictures, data.classes, data.source)],
      [said.dataDigest, `${data.sha256.slice(0, 12)}…`],
      [said.created, words.date(created)],
    ]),
    recipe.length > 0 ? `<h3>${escapeHtml(said.recipe)}</h3>\n${facts(recipe)}` : '',
    `<p class="quiet small">${escapeHtml(said.method(bootstrap.resamples, bootstrap.seed))} ${escapeHtml(said.definitions)}</p>`,
  ]);
}

const inWords = (recipe: Readonly<Record<string, number>>): string =>
  Object.entries(recipe)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

const facts = (rows: readonly Fact[]): string =>
  `<dl class="facts">${rows.map(([term, value]) => `<dt>${escapeHtml(term)}</dt><dd>${name(value)}</dd>`).join('')}</dl>`;
