/** The service answers its first request before anyone waits for it. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { command, examples } from '../tests/support/paths.js';
import { endOf } from './support/processes.js';
import { prove } from './support/proof.js';
import { median } from './support/statistics.js';
import { within } from './support/verdict.js';
import { openLane, uploadOf } from './support/wire.js';

const MOST_SECONDS = 0.8;
const [LONG_RUNS, SHORT_RUNS] = [5, 2];
const POLL_MS = 5;
const GIVE_UP_SECONDS = 20;

await prove('service-start', false, async ({ short }) => {
  const home = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-service-start-'));
  const upload = uploadOf(await readFile(path.join(examples, 'chelsea.png')));
  const runs = short ? SHORT_RUNS : LONG_RUNS;
  const times: number[] = [];
  const violations: string[] = [];
  for (let run = 1; run <= runs; run++) {
    const port = await freePort();
    const begun = performance.now();
    const child = spawn(command, ['serve', '--port', `${port}`, '--home', home], { stdio: 'ignore' });
    const ended = endOf(child);
    try {
      const status = await firstAnswer(port, upload);
      times.push((performance.now() - begun) / 1000);
      if (status !== 200) violations.push(`run ${run} was answered with ${status}`);
      child.kill('SIGTERM');
      const end = await within(GIVE_UP_SECONDS, ended);
      if (end.status !== 0) violations.push(`run ${run} ended with ${end.signal ?? end.status}`);
    } finally {
      child.kill('SIGKILL');
    }
  }
  await rm(home, { recursive: true, force: true });
  const middle = median(times);
  // A short run shows that it answers; a time may not fail it.
  if (!short && middle > MOST_SECONDS) violations.push(`the median is ${middle.toFixed(2)} s`);
  const list = times.map((time) => time.toFixed(2)).join(', ');
  return {
    figures: `first answer after ${list} s; median ${middle.toFixed(2)} s (bound ${MOST_SECONDS} s${short ? ', not judged in a short run' : ''})`,
    violations,
  };
});

/** One that nobody listens at. */
async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Asks until somebody listens. */
async function firstAnswer(port: number, upload: Buffer): Promise<number> {
  for (const end = performance.now() + GIVE_UP_SECONDS * 1000; performance.now() < end; await sleep(POLL_MS)) {
    const lane = openLane(port);
    const answer = await lane.ask(upload).catch(() => undefined);
    lane.close();
    if (answer) return answer.status;
  }
  throw new Error(`no answer after ${GIVE_UP_SECONDS} s`);
}
