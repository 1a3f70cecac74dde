/** What would make a data set better, before it is trained with: at most one hint a class, and one for the whole. */
import type { DatasetClass } from '../../api/training-types.ts';

/** With fewer, what is held out to judge the result says little. */
export const ENOUGH = 10;
/** So many times the smallest class, and the larger one is guessed too often. */
const FAR_LARGER = 4;

export type ClassHint =
  | { readonly kind: 'none' }
  /** There are none yet: so many would do. */
  | { readonly kind: 'empty'; readonly more: number }
  /** There are too few: so many more would do. */
  | { readonly kind: 'few'; readonly more: number }
  /** So many times as many as the smallest. */
  | { readonly kind: 'large'; readonly times: number };

export function hintFor({ pictures }: Pick<DatasetClass, 'pictures'>, classes: readonly DatasetClass[]): ClassHint {
  if (pictures === 0) return { kind: 'empty', more: ENOUGH };
  if (pictures < ENOUGH) return { kind: 'few', more: ENOUGH - pictures };
  const smallest = Math.min(...classes.map((one) => one.pictures).filter((count) => count > 0));
  const times = Math.floor(pictures / smallest);
  // Of one that has too few itself, it is said there.
  return times >= FAR_LARGER && smallest >= ENOUGH ? { kind: 'large', times } : { kind: 'none' };
}

/** Whether there is enough to begin with: two classes with two pictures each, as one of each is held out. */
export const canTrain = (classes: readonly DatasetClass[]): boolean =>
  classes.filter(({ pictures }) => pictures >= 2).length >= 2;
