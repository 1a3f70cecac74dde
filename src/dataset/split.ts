/** Parts pictures for good: those to learn from, those to choose by, and those that are kept for the last judgement. */
import { classesOfOneGroup, holdOut } from './folds.js';

export const PARTS = ['train', 'validation', 'test'] as const;
export type Part = (typeof PARTS)[number];

/** Positions of pictures. */
export type Split = Readonly<Record<Part, readonly number[]>>;

export interface SplitOptions {
  /** Shares of all pictures; the rest is for training. */
  readonly validation: number;
  readonly test: number;
  readonly seed: number;
}

/** By class, and never between copies; see `holdOut`. */
export function splitPictures(labels: Int32Array, groups: Int32Array, { validation, test, seed }: SplitOptions): Split {
  const parted = classesOfOneGroup(labels, groups);
  const { training: rest, validation: tested } = holdOut(labels, groups, test, seed, parted);
  const at = (numbers: Int32Array) => Int32Array.from(rest, (i) => numbers[i] as number);
  const share = test < 1 ? validation / (1 - test) : 0;
  const { training, validation: chosenBy } = holdOut(at(labels), at(groups), share, seed, parted);
  const original = (positions: readonly number[]) => positions.map((i) => rest[i] as number);
  return { train: original(training), validation: original(chosenBy), test: tested };
}
