/** One steady answer out of those of many frames. */
import type { Classification } from '../api/types.ts';

type Prediction = Classification['predictions'][number];
type Answer = Classification['answer'];

/** What a frame is answered with. */
export type FrameAnswer = Pick<Classification, 'predictions' | 'answer'>;

interface Averaged<Value> {
  /** As the newest frame has it that names it. */
  readonly value: Value;
  /** 0..1: its probability; of an answer, the weight of the frames that were answered so. */
  readonly share: number;
}

export interface Smoothed {
  readonly atMs: number;
  readonly classes: ReadonlyMap<number, Averaged<Prediction>>;
  readonly answers: ReadonlyMap<string, Averaged<Answer>>;
  /** Key of the answer that is said. */
  readonly settled: string;
}

/** After so long a frame counts half of what it did, whatever the number of frames a second. */
const HALF_LIFE_MS = 400;
/** Another answer is said once its share is larger by this: some 0.5 s after a clear change, and never back and forth. */
const LEAD = 0.2;
/** What has faded to less is forgotten. */
const LEAST_SHARE = 0.001;

/**
 * Takes in the answer of a frame that was caught at `atMs`.
 *
 * Probabilities of classes are exponential averages: a frame weighs half as much after `HALF_LIFE_MS`, and a class that
 * is not among the predictions of a frame counts as 0 there. The answer is the service's own, not made anew from these:
 * each frame is a vote for the class or the group that it was answered with, or for being unsure; the votes are averaged
 * in the same way; and the answer that is said stays until another one leads by `LEAD`.
 */
export function smooth(before: Smoothed | undefined, { predictions, answer }: FrameAnswer, atMs: number): Smoothed {
  const kept = before ? 2 ** (-Math.max(atMs - before.atMs, 0) / HALF_LIFE_MS) : 0;
  const classes = average(
    before?.classes,
    kept,
    predictions.map((prediction) => [prediction.index, { value: prediction, share: prediction.probability }] as const),
  );
  const key = keyOf(answer);
  const value = averageOf(before?.answers.get(key), answer, kept);
  const answers = average(before?.answers, kept, [[key, { value, share: 1 }]]);
  const shareOf = (one: string) => answers.get(one)?.share ?? 0;
  const [leader = key] = [...answers.keys()].sort((one, other) => shareOf(other) - shareOf(one));
  const stays = before && answers.has(before.settled) && shareOf(leader) < shareOf(before.settled) + LEAD;
  return { atMs, classes, answers, settled: stays ? before.settled : leader };
}

/** What is said and drawn: the settled answer, and the `top` most probable classes, best first. */
export function steadyAnswer({ classes, answers, settled }: Smoothed, top: number): FrameAnswer | undefined {
  const answer = answers.get(settled)?.value;
  if (!answer) return undefined;
  const predictions = [...classes.values()]
    .map(({ value, share }) => ({ ...value, probability: share }))
    .sort((one, other) => other.probability - one.probability)
    .slice(0, top);
  return { answer, predictions };
}

/** The same for the same answer, whatever its probability. */
const keyOf = ({ level, label }: Answer): string => `${level} ${label ?? ''}`;

function average<Key, Value>(
  before: ReadonlyMap<Key, Averaged<Value>> = new Map(),
  kept: number,
  now: readonly (readonly [Key, Averaged<Value>])[],
): ReadonlyMap<Key, Averaged<Value>> {
  const aged = [...before].map(([key, { value, share }]) => [key, { value, share: share * kept }] as const);
  const averaged = new Map(aged.filter(([, { share }]) => share >= LEAST_SHARE));
  for (const [key, { value, share }] of now)
    averaged.set(key, { value, share: (averaged.get(key)?.share ?? 0) + share * (1 - kept) });
  return averaged;
}

/** The probability of an answer is that of the frames that were answered so. */
function averageOf(before: Averaged<Answer> | undefined, answer: Answer, kept: number): Answer {
  if (!before) return answer;
  const [old, added] = [before.share * kept, 1 - kept];
  if (old + added === 0) return answer;
  const probability = (before.value.probability * old + answer.probability * added) / (old + added);
  return { ...answer, probability };
}
