/** How two versions of a network answer the same pictures. */
import { openGraph } from '../inference/graph-session.js';
import { median } from '../statistics.js';

/** FP32's answer, and the one that is compared with it. */
interface Answers {
  readonly truth: number | undefined;
  readonly expected: number;
  readonly found: number;
}

export interface Comparison {
  readonly pictures: number;
  /** Share of the pictures for which both name the same class. */
  readonly agreement: number;
  /** Shares of the labelled pictures that each of them names as their labels do; undefined if there are none. */
  readonly accuracy: { readonly fp32: number; readonly int8: number; readonly pictures: number } | undefined;
  /** How many times as fast the compared one is, on one thread: the medians of both, run in turns. */
  readonly speedup: number;
  /** Mean squared difference of the logits. */
  readonly error: number;
}

export interface Comparer {
  /** `tensor` is 3×height×width. */
  readonly add: (tensor: Float32Array, truth: number | undefined) => Promise<void>;
  readonly result: () => Comparison;
  readonly release: () => Promise<void>;
}

export interface ComparerOptions {
  readonly path: string;
  readonly input: string;
  readonly logits: string;
  readonly shape: readonly [3, number, number];
}

export async function createComparer(
  fp32: Uint8Array,
  int8: Uint8Array,
  { path, input, logits, shape }: ComparerOptions,
): Promise<Comparer> {
  const sessions = [
    await openGraph(fp32, { path, input, threads: 1 }),
    await openGraph(int8, { path, input, threads: 1 }),
  ] as const;
  const answers: Answers[] = [];
  const times: [number[], number[]] = [[], []];
  let squares = 0;
  let values = 0;

  async function add(tensor: Float32Array, truth: number | undefined): Promise<void> {
    const outputs: Float32Array[] = [];
    for (const [i, session] of sessions.entries()) {
      const begun = performance.now();
      const result = await session.run({ dims: [1, ...shape], data: tensor }, [logits]);
      times[i as 0 | 1].push(performance.now() - begun);
      outputs.push(result.get(logits)?.data ?? new Float32Array());
    }
    const [expected, found] = outputs as [Float32Array, Float32Array];
    answers.push({ truth, expected: largest(expected), found: largest(found) });
    squares += expected.reduce((sum, value, i) => sum + (value - (found[i] as number)) ** 2, 0);
    values += expected.length;
  }

  function result(): Comparison {
    const labelled = answers.filter(({ truth }) => truth !== undefined);
    const share = (some: readonly Answers[], holds: (one: Answers) => boolean) =>
      some.filter(holds).length / Math.max(1, some.length);
    return {
      pictures: answers.length,
      agreement: share(answers, ({ expected, found }) => expected === found),
      accuracy:
        labelled.length === 0
          ? undefined
          : {
              fp32: share(labelled, ({ truth, expected }) => truth === expected),
              int8: share(labelled, ({ truth, found }) => truth === found),
              pictures: labelled.length,
            },
      speedup: median(times[0]) / median(times[1]),
      error: squares / Math.max(1, values),
    };
  }

  return { add, result, release: async () => void (await Promise.all(sessions.map((one) => one.release()))) };
}

/** The place of the largest; of what is not made of numbers, none, which equals no other. */
const largest = (logits: Float32Array): number =>
  !logits.every(Number.isFinite)
    ? Number.NaN
    : logits.reduce((best, value, i) => (value > (logits[best] as number) ? i : best), 0);
