/** What is said at the end about pictures whose results went to a file. */
import { describeFailure } from '../description.js';
import { visible } from '../output.js';
import type { Outcome } from './outcome.js';

export interface Tally {
  readonly add: (outcome: Outcome) => void;
  /** One that needed no answer. */
  readonly skip: () => void;
  readonly inWords: (finished: boolean) => string;
}

const MOST_SHOWN = 20;

export function createTally(file: string): Tally {
  const begun = performance.now();
  const failures: string[] = [];
  let [pictures, failed, skipped] = [0, 0, 0];

  function add(outcome: Outcome): void {
    pictures += 1;
    if (!('error' in outcome)) return;
    failed += 1;
    if (failed <= MOST_SHOWN) failures.push(describeFailure(outcome.file, outcome.error.message, outcome.error.code));
  }

  function inWords(finished: boolean): string {
    const seconds = (performance.now() - begun) / 1000;
    const parts = [
      `${counted(pictures, 'picture')} in ${seconds.toFixed(1)} s (${(pictures / seconds).toFixed(0)}/s)`,
      ...(failed > 0 ? [`${grouped(failed)} failed`] : []),
      ...(skipped > 0 ? [`${grouped(skipped)} had their line before`] : []),
    ];
    const more = failed - failures.length;
    return [
      ...failures,
      ...(more > 0 ? [visible(`and ${grouped(more)} more: they are in ${file}`)] : []),
      parts.join(', '),
      ...(finished ? [] : ['Not all had their turn: the same command with --resume goes on.']),
    ]
      .map((line) => `${line}\n`)
      .join('');
  }

  function skip(): void {
    skipped += 1;
  }

  return { add, skip, inWords };
}

/** For work without an end: each failure at once. */
export const failuresAtOnce: Tally = {
  add: (outcome) => {
    if ('error' in outcome)
      process.stderr.write(`${describeFailure(outcome.file, outcome.error.message, outcome.error.code)}\n`);
  },
  skip: () => undefined,
  inWords: () => '',
};

/** 12345 is "12,345". */
export const grouped = (count: number): string => count.toLocaleString('en-US');
const counted = (count: number, noun: string): string => `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
