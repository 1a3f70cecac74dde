/** A picture of a job in a few words. */
import { chineseFor } from '../../api/chinese-errors.ts';
import { answerMessages } from '../../components/answer-messages.ts';
import { usePercent } from '../../components/use-percent.ts';
import { type Say, useWords } from '../../i18n/i18n.ts';
import { type Language, usePreferences } from '../../preferences/preferences.ts';
import { type BatchWords, batchMessages } from './messages.ts';
import type { Row } from './rows.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Says what a picture shows, why it failed, or that it has no outcome. */
export function useRowWords(vocabulary: Vocabulary): (row: Row) => string {
  const sayAnswer = useWords(answerMessages);
  const say = useWords(batchMessages);
  const { language } = usePreferences();
  return (row) => wordsFor(row, vocabulary, sayAnswer, say, language);
}

function wordsFor(
  row: Row,
  vocabulary: Vocabulary,
  sayAnswer: Say<(typeof answerMessages)['en']>,
  say: Say<BatchWords>,
  language: Language,
): string {
  const { answer, state, code, error } = row;
  if (answer?.level === 'unsure') {
    const guess = vocabulary.answer(answer);
    const separator = language === 'zh' ? '，' : ', ';
    return [sayAnswer('unsure'), guess && sayAnswer('perhaps', { label: guess })].filter(Boolean).join(separator);
  }
  if (answer) return sayAnswer(answer.level, { label: vocabulary.answer(answer) });
  if (state !== 'failed') return say(state);
  return (language === 'zh' ? chineseFor(code, error) : undefined) ?? error;
}

export function useShareOf(): (row: Row, digits?: number) => string {
  const percent = usePercent();
  return ({ answer }, digits) => (answer ? percent(answer.probability, digits) : '');
}
