/** Resident memory of a process that classifies one picture after another stays low and flat. */
import { withoutShared } from '../tests/support/requirements.js';
import { photographs } from './support/files.js';
import type { MemoryReport } from './support/memory-process.js';
import { judgeTrend } from './support/memory-trend.js';
import { startProcess } from './support/processes.js';
import { prove, showProgress } from './support/proof.js';

await prove('memory', withoutShared(), async ({ short }) => {
  const count = short ? 1_500 : 10_000;
  return judgeTrend({ ...(await watch(count)), count, short });
});

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
