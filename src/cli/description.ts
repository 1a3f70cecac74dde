/** Answers in words. */
import type { Classification } from '../classification/classification.js';
import type { Language } from '../labels/label-set.js';
import { pad, percent, table, visible } from './output.js';

/** A sentence; for a picture alone also its predictions, categories and flags. */
export function describeClassification(file: string, result: Classification, alone: boolean, lang: Language): string {
  const sentence = visible(`${file}: ${answerInWords(result, lang)}${flagsInWords(result, lang)}`);
  if (!alone) return sentence;
  const rows = result.predictions.map(({ label, probability }) => [
    `  ${label}`,
    bar(probability),
    percent(probability, lang),
  ]);
  const { model, timing } = result;
  const footer = `${model.name} ${model.precision} · ${timing.decodeMs.toFixed(1)} + ${timing.inferenceMs.toFixed(1)} ms`;
  return [sentence, '', table(rows), '', visible(categoriesInWords(result, lang)), footer]
    .filter((part, i) => part !== '' || i < 4)
    .join('\n');
}

export const describeFailure = (file: string, message: string, code: string): string =>
  visible(`${file}: ${message} [${code}]`);

/** "dog: Norwegian elkhound 42 %" where only the group is sure. */
function answerInWords({ answer, predictions }: Classification, lang: Language): string {
  const [first] = predictions;
  const guess = first ? `${first.label} ${percent(first.probability, lang)}` : '';
  if (answer.level === 'class') return `${answer.label} ${percent(answer.probability, lang)}`;
  if (answer.level === 'group') {
    const group = `${answer.label} ${percent(answer.probability, lang)}`;
    return lang === 'zh' ? `${group}，可能是${guess}` : `${group}, perhaps ${guess}`;
  }
  return lang === 'zh' ? `不确定，或许是${guess}` : `not sure, perhaps ${guess}`;
}

function flagsInWords({ flags }: Classification, lang: Language): string {
  if (flags.length === 0) return '';
  const list = flags.map(({ name, probability }) => `${name} ${percent(probability, lang)}`).join(', ');
  return lang === 'zh' ? `  [标记：${list}]` : `  [flagged: ${list}]`;
}

function categoriesInWords({ categories }: Classification, lang: Language): string {
  const likely = categories.slice(0, 5).map(({ label, probability }) => `${label} ${percent(probability, lang)}`);
  if (likely.length === 0) return '';
  return (lang === 'zh' ? '类别：' : 'categories: ') + likely.join(lang === 'zh' ? '，' : ', ');
}

const BAR_WIDTH = 24;
const bar = (share: number) => pad('█'.repeat(Math.round(share * BAR_WIDTH)) || '▏', BAR_WIDTH);
