/** How far fine-tuning is, in steps: one for each batch that is looked at before the first epoch, and that is learned from in each. */
import type { Boundaries } from './boundaries.js';

export interface ProgressOptions {
  readonly epochs: number;
  /** Of an epoch. */
  readonly steps: number;
  /** Before the first epoch: they take the frozen part of the network as long as those of an epoch. */
  readonly looks: number;
  /** Points of the curve that an earlier run has left, the first of which is before the first epoch. */
  readonly pointsBefore: number | undefined;
  readonly boundaries: Pick<Boundaries, 'time'>;
  readonly onProgress: (done: number, total: number, secondsLeft: number | null) => void;
}

export function createProgress(options: ProgressOptions) {
  const { epochs, steps, looks, pointsBefore, boundaries, onProgress } = options;
  let done = pointsBefore === undefined ? 0 : (pointsBefore - 1) * steps;
  const total = epochs * steps + (pointsBefore === undefined ? looks : 0);
  let learned = 0;
  let begun: { readonly at: number; readonly spent: number } | undefined;

  /** From what learning took so far. What the frozen part takes is told apart: it is over when all views are kept. */
  function secondsLeft(): number | null {
    if (!begun || learned === 0) return null;
    const { spent, left } = boundaries.time();
    const each = (performance.now() - begun.at - (spent - begun.spent)) / learned;
    return (each * (total - done) + left) / 1000;
  }

  const tell = () => onProgress(done, total, secondsLeft());
  return {
    tell,
    /** A batch was looked at. After an epoch that is part of the time of its steps. */
    look: () => {
      if (begun) return;
      done += 1;
      tell();
    },
    /** An epoch begins; the time that learning takes counts from the first one on. */
    begin: () => {
      if (begun) return;
      begun = { at: performance.now(), spent: boundaries.time().spent };
      tell();
    },
    /** A batch was learned from. */
    learn: () => {
      learned += 1;
      done += 1;
      tell();
    },
  };
}
