/** Turns a failed schema check into the words of an error: what was expected where, and what came. */
import type { BaseIssue } from 'valibot';

export interface Mismatch {
  /** Where in the value, like `input.resize.filter`; empty for the value itself. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** Of what was found, a sentence quotes no more. */
const LONGEST = 120;

export function describeIssue(issue: BaseIssue<unknown>): Mismatch {
  const path = (issue.path ?? []).map(({ key }) => String(key)).join('.');
  if (issue.expected === 'never') return { path, expected: 'a known key', found: `"${path}"` };
  // valibot's own messages begin like this; ours say what is expected in words.
  const expected = issue.message.startsWith('Invalid ') ? (issue.expected ?? issue.message) : issue.message;
  const found = JSON.stringify(issue.input) ?? String(issue.input);
  return { path, expected, found: found.length > LONGEST ? `${found.slice(0, LONGEST)}…` : found };
}
