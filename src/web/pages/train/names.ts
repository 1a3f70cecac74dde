/** What data sets are called: people name what they want to tell apart, and the set gets its name from that. */
import type { Dataset } from '../../api/training-types.ts';
import type { Language } from '../../preferences/preferences.ts';

const LONGEST = 40;
/** Where the things have no names in Latin letters. */
const PLAIN = 'my-pictures';

/** A name as the service takes it, and none of `taken`: `cups-books`, `cups-books-2`. */
export function nameFor(things: readonly string[], taken: readonly string[]): string {
  const name = things.map(slug).filter(Boolean).join('-').slice(0, LONGEST).replace(/-+$/, '') || PLAIN;
  for (let count = 1; ; count += 1) {
    const numbered = count === 1 ? name : `${name}-${count}`;
    if (!taken.includes(numbered)) return numbered;
  }
}

/**
 * Whether a set got its name by `nameFor`, and not from somebody who knows it by that: as far as its first classes, which are not
 * kept, are still called as they were then.
 */
export function isMadeUp({ name, classes }: NamedClasses): boolean {
  const first = classes.slice(0, 2).map(({ label }) => label);
  return [nameFor(first, []), PLAIN].some((base) => name === base || name.replace(/-\d+$/, '') === base);
}

/** By what people know a set: its classes, or the name that somebody gave it. */
export function titleOf(dataset: NamedClasses, language: Language): string {
  const { name, classes } = dataset;
  if (classes.length === 0 || !isMadeUp(dataset)) return name;
  const names = classes.slice(0, NAMED).map(({ label, zh }) => shortened(language === 'zh' ? zh : label));
  return names.join(language === 'zh' ? '、' : ', ') + (classes.length > NAMED ? '…' : '');
}

type NamedClasses = Pick<Dataset, 'name'> & {
  readonly classes: readonly Pick<Dataset['classes'][number], 'label' | 'zh'>[];
};

/** Classes in a title, and characters of each. */
const NAMED = 3;
const SHORT = 32;

function shortened(label: string): string {
  const characters = Array.from(label);
  if (characters.length <= SHORT) return label;
  const start = characters.slice(0, SHORT - 1).join('');
  // After a word, where there are several.
  return `${start.replace(/\s+\S*$/, '')}…`;
}

const slug = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');

/** Characters of the name of a class. */
export const LONGEST_LABEL = 200;

/** What is typed as the name of a class, as it is kept; undefined for nothing. */
export const labelOf = (typed: string): string | undefined => typed.trim().replace(/\s+/g, ' ') || undefined;
