/** What is made of comparisons of single pictures: the order to look at them, how often models agree, how long they take. */
import type { Comparison } from '../../api/types.ts';
import { median } from './measure.ts';

type Agreement = Comparison['agreement'];

/** Undefined while there is none. */
export type Compared = Pick<Comparison, 'pictures' | 'agreement'> | undefined;

/** The answers of all models to the picture of a comparison; undefined where it has none. */
export function answersIn(comparison: Compared) {
  const [picture] = comparison?.pictures ?? [];
  return picture && 'answers' in picture ? picture : undefined;
}

/** Positions in the order in which they are looked at: where models disagree, what is still to come, where they agree. */
export function byInterest(comparisons: readonly Compared[]): readonly number[] {
  const rank = (at: number) => {
    const answers = answersIn(comparisons[at]);
    return answers ? (answers.agreed ? 2 : 0) : 1;
  };
  return comparisons.map((_, at) => at).toSorted((one, other) => rank(one) - rank(other) || one - other);
}

/** The share of pictures for which two models name the same class, by row and column; null where none was answered. */
export function agreementOf(comparisons: readonly Compared[], models: number): Agreement {
  const matrices = comparisons.flatMap((one) => (one && answersIn(one) ? [one.agreement] : []));
  const positions = Array.from({ length: models }, (_, at) => at);
  return positions.map((row) =>
    positions.map((column) => {
      const shares = matrices.map((matrix) => matrix[row]?.[column] ?? 0);
      return shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length;
    }),
  );
}

/** Milliseconds, of the model at that position: the median run; undefined if there was none. */
export function medianTimeOf(comparisons: readonly Compared[], model: number): number | undefined {
  const times = comparisons.flatMap((one) => answersIn(one)?.answers[model]?.timing.inferenceMs ?? []);
  return times.length === 0 ? undefined : median(times);
}
