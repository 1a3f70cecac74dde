/** Mutated checkpoints are read or refused with a documented error, soon, in little memory, and with nothing left behind. */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CheckpointReport } from './support/checkpoint-process.js';
import { endOf } from './support/processes.js';
import { prove, showProgress } from './support/proof.js';

const MOST_SECONDS = 20;
/** Files of at most 180 kB: what one may inflate to, and its tensors as float32, are 32 and 64 MiB. */
const MOST_MEGABYTES = 400;
const HEAP_MEGABYTES = 300;
/** What the hostile fixtures would make if they were run. */
const TRACE = '/tmp/kaiyan-was-run';

await prove('checkpoints', false, async ({ short, seed }) => {
  const count = short ? 1_000 : 5_000;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-checkpoints-'));
  const file = path.join(folder, 'weights.pth');
  const reports: CheckpointReport[] = [];
  const violations: string[] = [];
  // A process that ends or hangs is a violation; the next one goes on behind the file that did it.
  for (let next = 0; next < count; ) {
    const ended = await readFrom(next, count, seed, file, (report) => {
      reports.push(report);
      next = report.index + 1;
      showProgress(next, count);
    });
    if (next >= count) break;
    violations.push(`file ${next} of seed ${seed}: ${ended}`);
    next += 1;
  }

  for (const { index, reason } of reports.filter(({ outcome }) => outcome === 'other'))
    violations.push(`file ${index} of seed ${seed}: ${reason}`);
  const others = (await readdir(folder)).filter((name) => name !== path.basename(file));
  if (others.length > 0 || existsSync(TRACE))
    violations.push(`something was run, and made ${others.join(', ') || TRACE}`);
  await rm(folder, { recursive: true });
  const slowest = Math.max(...reports.map(({ seconds }) => seconds));
  const grown = Math.max(...reports.map(({ grownMegabytes }) => grownMegabytes));
  if (grown > MOST_MEGABYTES) violations.push(`${grown.toFixed(0)} MB more memory`);
  const memory = `${grown.toFixed(0)} MB more memory at most (bound ${MOST_MEGABYTES})`;
  const figures = `${count} files, ${tally(reports)}; slowest ${slowest.toFixed(2)} s (bound ${MOST_SECONDS}); ${memory}`;
  return { figures, violations };
});

/** Lets a process read files until it is done, and says how it ended. */
async function readFrom(
  from: number,
  to: number,
  seed: number,
  file: string,
  take: (report: CheckpointReport) => void,
): Promise<string> {
  const script = fileURLToPath(new URL('support/checkpoint-process.js', import.meta.url));
  const execArgv = [...process.execArgv, `--max-old-space-size=${HEAP_MEGABYTES}`];
  const child = fork(script, [from, to, seed, file].map(String), {
    execArgv,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const watch = setTimeout(() => child.kill('SIGKILL'), MOST_SECONDS * 1000);
  child.on('message', (report) => {
    watch.refresh();
    take(report as CheckpointReport);
  });
  const { status, signal } = await endOf(child);
  clearTimeout(watch);
  return signal
    ? `ended by ${signal}, after ${MOST_SECONDS} s without an answer or for lack of memory`
    : `status ${status}`;
}

/** "812 read, 4188 refused (CHECKPOINT_INVALID 3900, …), 0 others". */
function tally(reports: readonly CheckpointReport[]): string {
  const counts = new Map<string, number>();
  for (const { outcome } of reports) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const { read = 0, other = 0, ...refused } = Object.fromEntries(counts);
  const codes = Object.entries(refused).sort(([, a], [, b]) => b - a);
  const sum = codes.reduce((total, [, count]) => total + count, 0);
  return `${read} read, ${sum} refused (${codes.map((code) => code.join(' ')).join(', ')}), ${other} others`;
}
