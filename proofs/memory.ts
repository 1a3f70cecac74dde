/** Resident memory of a process that classifies one picture after another stays low and flat. */
import { withoutShared } from '../tests/support/requirements.js';
import { photographs } from './support/files.js';
import type { MemoryReport } from './support/memory-process.js';
import { startProcess } from './support/processes.js';
import { prove, showProgress } from './support/proof.js';

const MOST_MB = 220;
const MOST_GROWTH_MB = 5;
/** Of the second half; the last one is the end. */
const PARTS = 15;

await prove('memory', withoutShared(), async ({ short }) => {
  const count = short ? 1_500 : 10_000;
  const { samples, peakMb } = await watch(count);
  const secondHalf = samples.filter(({ pictures }) => pictures >= count / 2);
  const parts = inParts(secondHalf, PARTS);
  const middle = parts[0]?.megabytes ?? Number.NaN;
  const end = parts.at(-1)?.megabytes ?? Number.NaN;
  const { slope, error } = fitLine(parts);
  const [growth, uncertainty] = [slope * (count / 2), 2 * error * (count / 2)];
  const violations = [
    ...(end <= MOST_MB ? [] : [`${end.toFixed(0)} MB at the end`]),
    // A short run is still warming up in its second half, so only its level counts.
    ...(short || growth - uncertainty <= MOST_GROWTH_MB
      ? []
      : [`it grew by ${growth.toFixed(1)} MB over the second half`]),
  ];
  const figures = [
    `two INT8 workers, ${count} pictures: ${middle.toFixed(0)} MB after half of them`,
    `${end.toFixed(0)} MB at the end (bound ${MOST_MB} MB)`,
    `peak ${peakMb.toFixed(0)} MB`,
    `${growth < 0 ? '' : '+'}${growth.toFixed(1)} ± ${uncertainty.toFixed(1)} MB over the second half (bound ${MOST_GROWTH_MB} MB)`,
  ];
  return { figures: figures.join(', '), violations };
});

type Sample = Pick<MemoryReport, 'pictures' | 'megabytes'>;

interface Watched {
  readonly samples: readonly MemoryReport[];
  readonly peakMb: number;
}

async function watch(count: number): Promise<Watched> {
  const started = startProcess('memory-process.js', [`${count}`, ...photographs()]);
  const samples: MemoryReport[] = [];
  for await (const line of started.lines) {
    const sample = JSON.parse(line) as MemoryReport;
    samples.push(sample);
    showProgress(sample.pictures, count);
  }
  const { status, signal } = await started.ended;
  if (status !== 0) throw new Error(`the process that was watched ended with ${signal ?? status}`);
  return { samples, peakMb: Math.max(...samples.map(({ peak }) => peak)) };
}

/** Memory swings with every large picture until its pixels are collected, so what counts is the median of many samples. */
function inParts(samples: readonly MemoryReport[], count: number): Sample[] {
  const size = samples.length / count;
  return Array.from({ length: count }, (_, part) => {
    const own = samples.slice(Math.round(part * size), Math.round((part + 1) * size));
    return { pictures: median(own.map(({ pictures }) => pictures)), megabytes: median(own.map((s) => s.megabytes)) };
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Least squares: megabytes a picture, and the standard error of that slope. */
function fitLine(points: readonly Sample[]): { readonly slope: number; readonly error: number } {
  const [x, y] = [mean(points.map(({ pictures }) => pictures)), mean(points.map(({ megabytes }) => megabytes))];
  const spread = points.reduce((sum, { pictures }) => sum + (pictures - x) ** 2, 0);
  const slope = points.reduce((sum, { pictures, megabytes }) => sum + (pictures - x) * (megabytes - y), 0) / spread;
  const residuals = points.map(({ pictures, megabytes }) => (megabytes - y - slope * (pictures - x)) ** 2);
  return { slope, error: Math.sqrt((mean(residuals) * points.length) / (points.length - 2) / spread) };
}
