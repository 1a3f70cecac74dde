/** The command answers for one picture, from its start to its end, before anyone waits for it. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { command, examples } from '../tests/support/paths.js';
import { endOf } from './support/processes.js';
import { prove } from './support/proof.js';

const MOST_SECONDS = 0.75;
const [LONG_RUNS, SHORT_RUNS] = [5, 2];

await prove('start', false, async ({ short }) => {
  const home = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-start-'));
  const runs = short ? SHORT_RUNS : LONG_RUNS;
  const times: number[] = [];
  const violations: string[] = [];
  for (let run = 0; run < runs; run++) {
    const begun = performance.now();
    const args = ['classify', '--home', home, path.join(examples, 'chelsea.png')];
    const { status, signal } = await endOf(spawn(command, args, { stdio: 'ignore' }));
    times.push((performance.now() - begun) / 1000);
    if (status !== 0) violations.push(`run ${run + 1} ended with ${signal ?? status}`);
  }
  await rm(home, { recursive: true });
  const median = [...times].sort((a, b) => a - b)[runs >> 1] as number;
  // A short run shows that it answers; a time may not fail it.
  if (!short && median > MOST_SECONDS) violations.push(`the median is ${median.toFixed(2)} s`);
  const list = times.map((time) => time.toFixed(2)).join(', ');
  return {
    figures: `${list} s; median ${median.toFixed(2)} s (bound ${MOST_SECONDS} s${short ? ', not judged in a short run' : ''})`,
    violations,
  };
});
