/** What is offered to somebody who says what a picture really shows. */
import type { Labels } from '../api/types.ts';
import { findClasses } from '../explanation/find-classes.ts';
import type { Language } from '../preferences/preferences.ts';
import { classNameIn } from './class-name.ts';

export interface Suggestions {
  /** Classes of the model, in the language of the page. */
  readonly classes: readonly string[];
  /** What was typed, where no class is called so; undefined for nothing. */
  readonly newOne: string | undefined;
}

const MOST = 6;

/** Before anything is typed, the further guesses; then the classes of that name, and the name itself as a new one. */
export function suggestionsFor(
  typed: string,
  {
    classes,
    guesses,
    language,
  }: { readonly classes: Labels['classes']; readonly guesses: readonly string[]; readonly language: Language },
): Suggestions {
  const wanted = typed.trim().replace(/\s+/g, ' ');
  if (wanted === '') {
    const named = guesses.map((guess) => classNameIn(guess, classes, language));
    return { classes: [...new Set(named)].slice(0, MOST), newOne: undefined };
  }
  const found = findClasses(classes, wanted, MOST).map((one) => one[language]);
  const isKnown = classes.some(({ en, zh }) => [en, zh].some((name) => name.toLowerCase() === wanted.toLowerCase()));
  return { classes: [...new Set(found)], newOne: isKnown ? undefined : wanted };
}
