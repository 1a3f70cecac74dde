/** How quick it is: what was measured over the last seconds. */

export interface Measured {
  /** When the answer was there. */
  readonly atMs: number;
  /** From catching the frame to its answer. */
  readonly latencyMs: number;
  /** What the model took of that. */
  readonly modelMs: number;
}

export interface Figures {
  readonly framesPerSecond: number;
  readonly latencyMs: number;
  readonly modelMs: number;
}

const WINDOW_MS = 3000;

/** Adds one, and forgets those that are too old to tell how quick it is now. */
export const remember = (measured: readonly Measured[], one: Measured): readonly Measured[] => [
  ...measured.filter(({ atMs }) => one.atMs - atMs < WINDOW_MS),
  one,
];

/** Medians; undefined as long as there is one frame only, which makes no rate. */
export function figuresOf(measured: readonly Measured[]): Figures | undefined {
  const [first, last] = [measured[0], measured.at(-1)];
  if (!first || !last || last.atMs <= first.atMs) return undefined;
  return {
    framesPerSecond: ((measured.length - 1) * 1000) / (last.atMs - first.atMs),
    latencyMs: median(measured.map(({ latencyMs }) => latencyMs)),
    modelMs: median(measured.map(({ modelMs }) => modelMs)),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? 0;
}
