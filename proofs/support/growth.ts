/** Whether memory grows while something goes on for minutes. */
import { fitLine, median, type Point } from './statistics.js';

export interface Growth {
  /** Megabytes in the second fifth, and in the last. */
  readonly early: number;
  readonly late: number;
  /** What a line through all but the first fifth gains over that time, and twice its standard error. */
  readonly slope: number;
  readonly uncertainty: number;
}

/** `samples` are megabytes (`y`) at seconds (`x`); the first fifth warms up. */
export function growthOf(samples: readonly Point[]): Growth {
  const fifth = Math.floor(samples.length / 5);
  const settled = samples.slice(fifth);
  const middleOf = (part: readonly Point[]) => median(part.map(({ y }) => y));
  const seconds = (settled.at(-1)?.x ?? 0) - (settled[0]?.x ?? 0);
  const { slope, error } = fitLine(settled);
  return {
    early: middleOf(settled.slice(0, fifth)),
    late: middleOf(settled.slice(-fifth)),
    slope: slope * seconds,
    uncertainty: 2 * error * seconds,
  };
}

/** Grown is what both say has grown by more than `most` megabytes. */
export const hasGrown = ({ early, late, slope, uncertainty }: Growth, most: number): boolean =>
  late - early > most && slope - uncertainty > most;

export const growthWords = ({ early, late, slope, uncertainty }: Growth, most: number): string =>
  `${early.toFixed(1)} MB in the second fifth, ${late.toFixed(1)} MB in the last, line ${signed(slope)} ± ${uncertainty.toFixed(1)} MB (bound ${most} MB)`;

const signed = (value: number) => `${value < 0 ? '' : '+'}${value.toFixed(1)}`;
