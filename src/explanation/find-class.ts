/** A class by what a person calls it. */
import type { LabelSet } from '../labels/label-set.js';

/**
 * The best class for undefined. A number is an index; a text is one, a WordNet id, or a name in either language, whatever its
 * case. Of several classes with one name it is the most probable. Undefined if there is none.
 */
export function findClass(
  wanted: number | string | undefined,
  { classes }: LabelSet,
  probabilities: Float64Array,
): number | undefined {
  if (typeof wanted === 'number' || /^\d+$/.test(wanted ?? '')) {
    return Number(wanted) in classes ? Number(wanted) : undefined;
  }
  const name = wanted?.toLowerCase();
  const isMeant = (names: readonly (string | null)[]) =>
    name === undefined || names.some((one) => one?.toLowerCase() === name);
  let best: number | undefined;
  for (const [index, names] of classes.entries()) {
    if (!isMeant(names)) continue;
    if (best === undefined || (probabilities[index] as number) > (probabilities[best] as number)) best = index;
  }
  return best;
}
