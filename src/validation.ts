/** Turns a failed schema check into the words of an error: what was expected where, and what came. */
import type { BaseIssue } from 'valibot';

export interface Mismatch {
  /** Where in the value, like `input.resize.filter`; empty for the value itself. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
  /** Whether it is about a key that has to be there, or about one that nobody knows. */
  readonly about: 'missing key' | 'unknown key' | 'value';
}

/** Of what was found, a sentence quotes no more. */
const LONGEST = 120;

export function describeIssue(issue: BaseIssue<unknown>): Mismatch {
  const path = (issue.path ?? []).map(({ key }) => String(key)).join('.');
  if (issue.expected === 'never') return { path, expected: 'a known key', found: `"${path}"`, about: 'unknown key' };
  if (issue.path?.at(-1)?.origin === 'key')
    return { path, expected: 'a value', found: 'nothing', about: 'missing key' };
  // valibot's own messages begin like this; ours say what is expected in words.
  const expected = issue.message.startsWith('Invalid ') ? inWords(issue) : issue.message;
  const found = JSON.stringify(issue.input) ?? 'nothing';
  return { path, expected, found: found.length > LONGEST ? `${found.slice(0, LONGEST)}…` : found, about: 'value' };
}

const TYPES: Readonly<Record<string, string>> = {
  Array: 'a list',
  Object: 'an object',
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
};

/** `(string | Array)` is "text or a list". */
function inWords({ type, expected, message }: BaseIssue<unknown>): string {
  if (type === 'integer') return 'a whole number';
  if (expected === null) return message;
  const parts = expected.replace(/^\((.*)\)$/, '$1').split(' | ');
  return parts.map((part) => TYPES[part] ?? part).join(' or ');
}
