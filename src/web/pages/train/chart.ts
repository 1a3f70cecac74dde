/** The geometry of a curve: where its points, its axes and their numbers stand, in the units of its drawing. */

export interface ChartSize {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Series {
  /** From the first epoch that there is; null where there is no value. */
  readonly values: readonly (number | null)[];
}

export interface Tick {
  readonly value: number;
  /** Along its axis. */
  readonly at: number;
}

export interface Chart {
  readonly paths: readonly string[];
  /** The last point of each curve; undefined for one without points. */
  readonly ends: readonly ({ readonly x: number; readonly y: number } | undefined)[];
  readonly x: readonly Tick[];
  readonly y: readonly Tick[];
}

const STEPS = [1, 2, 2.5, 5, 10];
const MOST_TICKS = 5;

/** Values of `epochs`, which increase; the axis goes to `lastEpoch` at least, so that the curve grows into its place. */
export function chartOf(
  series: readonly Series[],
  epochs: readonly number[],
  { lastEpoch, most, size }: { readonly lastEpoch: number; readonly most?: number; readonly size: ChartSize },
): Chart {
  const numbers = series.flatMap(({ values }) => values.filter((value) => value !== null && Number.isFinite(value)));
  const y = ticksUpTo(most ?? (Math.max(...(numbers as number[]), 0) || 1));
  const top = y.at(-1) ?? 1;
  const first = epochs[0] ?? 0;
  const last = Math.max(lastEpoch, epochs.at(-1) ?? first, first + 1);
  const atX = (epoch: number) => size.left + ((epoch - first) / (last - first)) * (size.width - size.left - size.right);
  const atY = (value: number) => size.height - size.bottom - (value / top) * (size.height - size.top - size.bottom);
  const pointsOf = ({ values }: Series) =>
    values.flatMap((value, at) => {
      const epoch = epochs[at];
      return value === null || epoch === undefined || !Number.isFinite(value)
        ? []
        : [{ x: round(atX(epoch)), y: round(atY(value)) }];
    });
  const points = series.map(pointsOf);
  return {
    paths: points.map((line) => line.map((point, at) => `${at === 0 ? 'M' : 'L'}${point.x} ${point.y}`).join('')),
    ends: points.map((line) => line.at(-1)),
    x: wholeTicks(first, last).map((value) => ({ value, at: round(atX(value)) })),
    y: y.map((value) => ({ value, at: round(atY(value)) })),
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** From 0 to the first round number that is not below `most`. */
function ticksUpTo(most: number): readonly number[] {
  const step = niceStep(most / (MOST_TICKS - 1));
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, at) => Number((at * step).toPrecision(12)));
}

function wholeTicks(first: number, last: number): readonly number[] {
  const step = Math.max(1, Math.ceil(niceStep((last - first) / MOST_TICKS)));
  const from = Math.ceil(first / step) * step;
  return Array.from({ length: Math.floor((last - from) / step) + 1 }, (_, at) => from + at * step);
}

function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * (STEPS.find((step) => step * power >= least * (1 - 1e-9)) ?? 10);
}
