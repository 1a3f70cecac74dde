/** An answer as elements: the sentence, and what stands behind it. */
import type { Classification } from '#kaiyan/classification/classification.js';
import { element } from './elements.js';
import type { Words } from './messages.js';

const MOST_CATEGORIES = 5;

/** "cat 98.2 %, perhaps tiger-striped cat 41.7 %", as the command line says it. */
export function sentenceOf({ answer, predictions }: Classification, words: Words): HTMLElement {
  const [first] = predictions;
  const guess = first ? `${first.label} ${percent(first.probability)}` : '';
  const said = answer.level === 'unsure' ? words.unsure : `${answer.label} ${percent(answer.probability)}`;
  const perhaps = { class: '', group: words.sureOfGroup(guess), unsure: words.sureOfNothing(guess) }[answer.level];
  return element('h2', '', element('strong', '', said), element('span', 'perhaps', perhaps));
}

export function detailsOf({ answer, predictions, categories, flags, model, timing }: Classification, words: Words) {
  const explanation = { class: '', group: words.groupOnly, unsure: words.nothingSure }[answer.level];
  const most = categories.slice(0, MOST_CATEGORIES);
  const time = words.milliseconds(timing.totalMs.toFixed(timing.totalMs < 10 ? 1 : 0));
  const parts = [
    explanation && element('p', 'explanation', explanation),
    flags.length > 0 &&
      part(
        words.flags,
        list(
          'flags',
          flags.map(({ name, probability }) => [name, probability]),
        ),
      ),
    part(words.predictions, bars(predictions)),
    most.length > 0 &&
      part(
        words.categories,
        list(
          'categories',
          most.map(({ label, probability }) => [label, probability]),
        ),
      ),
    element('p', 'model', `${model.name} · ${model.precision.toUpperCase()} · ${time}`),
  ];
  return parts.filter((made) => made instanceof HTMLElement);
}

const part = (heading: string, content: HTMLElement) => element('div', 'part', element('h3', '', heading), content);

function bars(predictions: Classification['predictions']): HTMLElement {
  const rows = predictions.map(({ label, probability }) => {
    const bar = element('div', 'bar');
    bar.style.setProperty('--share', String(probability));
    return element('li', '', element('span', 'label', label), ' ', element('span', 'share', percent(probability)), bar);
  });
  return element('ol', 'predictions', ...rows);
}

function list(className: string, entries: readonly (readonly [label: string, probability: number])[]): HTMLElement {
  const items = entries.map(([label, probability]) =>
    element('li', '', `${label} `, element('span', 'share', percent(probability))),
  );
  return element('ul', className, ...items);
}

/** A line break would part the number from its sign. */
const percent = (share: number) => `${(share * 100).toFixed(1)}\u00a0%`;
