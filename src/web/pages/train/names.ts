/** What data sets are called: people name what they want to tell apart, and the set gets its name from that. */

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

const slug = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');

/** What is typed as the name of a class, as it is kept; undefined for nothing. */
export const labelOf = (typed: string): string | undefined => typed.trim().replace(/\s+/g, ' ') || undefined;
