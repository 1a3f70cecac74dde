/** Whether resident memory stays low and flat while pictures are classified. */
import type { ProofResult } from './proof.js';
import { fitLine, median } from './statistics.js';

const MOST_MB = 220;
/** It swings more before it has settled. */
const MOST_SHORT_MB = 250;
const MOST_GROWTH_MB = 5;
/** Of the second half; the last one is the end. */
const PARTS = 15;

export interface MemorySample {
  /** Pictures begun so far. */
  readonly pictures: number;
  /** Resident memory then. */
  readonly megabytes: number;
}

export interface WatchedRun {
  readonly samples: readonly MemorySample[];
  readonly peakMb: number;
  /** Pictures of the whole run. */
  readonly count: number;
  /** A short run is still warming up in its second half, so only its level counts. */
  readonly short: boolean;
}

export function judgeTrend({ samples, peakMb, count, short }: WatchedRun): ProofResult {
  const secondHalf = samples.filter(({ pictures }) => pictures >= count / 2);
  const parts = inParts(secondHalf, PARTS);
  const middle = parts[0]?.megabytes ?? Number.NaN;
  const end = parts.at(-1)?.megabytes ?? Number.NaN;
  const { slope, error } = fitLine(parts.map(({ pictures, megabytes }) => ({ x: pictures, y: megabytes })));
  const [growth, uncertainty] = [slope * (count / 2), 2 * error * (count / 2)];
  const mostMb = short ? MOST_SHORT_MB : MOST_MB;
  const violations = [
    ...(end <= mostMb ? [] : [`${end.toFixed(0)} MB at the end`]),
    ...(short || growth - uncertainty <= MOST_GROWTH_MB
      ? []
      : [`it grew by ${growth.toFixed(1)} MB over the second half`]),
  ];
  const figures = [
    `two INT8 workers, ${count} pictures: ${middle.toFixed(0)} MB after half of them`,
    `${end.toFixed(0)} MB at the end (bound ${mostMb} MB)`,
    `peak ${peakMb.toFixed(0)} MB`,
    `${growth < 0 ? '' : '+'}${growth.toFixed(1)} ± ${uncertainty.toFixed(1)} MB over the second half (bound ${MOST_GROWTH_MB} MB)`,
  ];
  return { figures: figures.join(', '), violations };
}

/** Memory swings with every large picture until its pixels are collected, so what counts is the median of many samples. */
function inParts(samples: readonly MemorySample[], count: number): MemorySample[] {
  const size = samples.length / count;
  return Array.from({ length: count }, (_, part) => {
    const own = samples.slice(Math.round(part * size), Math.round((part + 1) * size));
    return { pictures: median(own.map(({ pictures }) => pictures)), megabytes: median(own.map((s) => s.megabytes)) };
  });
}
