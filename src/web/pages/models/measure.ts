/** How fast a model is on the machine of the service, from requests one after another. */
import type { Classification } from '../../api/types.ts';

/** Asked first and not counted: a model that has just been loaded is slower. */
export const UNCOUNTED = 3;
export const COUNTED = 20;
export const ROUNDS = UNCOUNTED + COUNTED;

type Answer = Pick<Classification, 'timing'>;

export interface Speed {
  /** Milliseconds: the median run of the model, resampling included. */
  readonly inferenceMs: number;
  /** Milliseconds: the median answer within the service, from the picture's arrival on. */
  readonly totalMs: number;
}

interface MeasureOptions {
  readonly ask: (signal: AbortSignal) => Promise<Answer>;
  readonly signal: AbortSignal;
  /** After each answer: how many there are. */
  readonly onAnswer: (count: number) => void;
}

/** @throws whatever `ask` throws; AbortError if `signal` was aborted */
export async function measure({ ask, signal, onAnswer }: MeasureOptions): Promise<Speed> {
  const timings: Answer['timing'][] = [];
  while (timings.length < ROUNDS) {
    signal.throwIfAborted();
    timings.push((await ask(signal)).timing);
    onAnswer(timings.length);
  }
  const counted = timings.slice(UNCOUNTED);
  return {
    inferenceMs: median(counted.map(({ inferenceMs }) => inferenceMs)),
    totalMs: median(counted.map(({ totalMs }) => totalMs)),
  };
}

/** The middle one, or the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return (low + high) / 2;
}
