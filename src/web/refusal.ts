/** Why there is no answer, and what to do, as elements. */
import { element } from './elements.js';
import { chineseErrors, isChineseError, type Language, type Words, words } from './messages.js';
import type { Outcome, Refusal } from './service.js';

type Failure = Exclude<Outcome, { readonly kind: 'answered' }>;

/** Whether the same question may be answered later. */
export const isWorthRetrying = (outcome: Outcome): boolean =>
  outcome.kind === 'silent' ||
  (outcome.kind === 'refused' && (outcome.status >= 500 || [408, 429].includes(outcome.status)));

/** `keyGiven` tells a wrong key from none. */
export function failureOf(failure: Failure, lang: Language, keyGiven: boolean): HTMLElement[] {
  const said = words[lang];
  if (failure.kind === 'silent') return [heading(said.silent), element('p', '', said.silentAdvice)];
  if (failure.kind === 'unreadable') return [heading(said.unreadablePicture), element('p', '', said.unreadable)];
  if (failure.code === 'UNAUTHORIZED')
    return [heading(keyGiven ? said.keyWrong : said.keyWanted), element('p', '', said.keyAdvice)];
  return [heading(headingOf(failure, said)), sentenceOf(failure, lang), code(failure)];
}

const heading = (text: string) => element('h2', '', element('strong', '', text));

function headingOf({ status, code }: Refusal, said: Words): string {
  if (status === 429) return said.busy;
  if (status === 413) return said.tooLarge;
  return code.startsWith('IMAGE_') || code === 'HEIC_UNAVAILABLE' ? said.unreadablePicture : said.failed;
}

function sentenceOf({ status, code, sentence }: Refusal, lang: Language): HTMLElement {
  if (lang === 'zh' && isChineseError(code)) return element('p', '', chineseErrors[code] ?? '');
  if (sentence === '') return element('p', '', words[lang].unexplained(status));
  const original = element('p', '', sentence);
  original.lang = 'en';
  return original;
}

const code = ({ code, status }: Refusal) => element('p', 'code', code === '' ? String(status) : code);
