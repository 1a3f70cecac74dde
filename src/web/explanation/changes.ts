/** What became of an answer. */
import type { Classification } from '../api/types.ts';

type Predictions = Classification['predictions'];

export interface Change {
  readonly index: number;
  readonly label: string;
  /** 0..1 */
  readonly before: number;
  readonly after: number;
}

/** The `most` most probable classes of before, in that order, then those of now that are not among them. Both are to be whole. */
export function changesBetween(before: Predictions, after: Predictions, most: number): Change[] {
  const first = before.slice(0, most);
  const known = new Set(first.map(({ index }) => index));
  const newcomers = after.slice(0, most).filter(({ index }) => !known.has(index));
  const [then, now] = [before, after].map(
    (predictions) => new Map(predictions.map(({ index, probability }) => [index, probability])),
  );
  return [...first, ...newcomers].map(({ index, label }) => ({
    index,
    label,
    before: then?.get(index) ?? 0,
    after: now?.get(index) ?? 0,
  }));
}
