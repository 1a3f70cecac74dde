/** Whoever waits for an answer hardly notices that a job runs at full speed beside it. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { jobOf, jobPictures, submitJob } from './support/job-client.js';
import { prove } from './support/proof.js';
import { startService, uploads, withoutProc } from './support/service-process.js';
import { median, quantile } from './support/statistics.js';
import { openLane, uploadOf } from './support/wire.js';

const MOST_TIMES = 3;

await prove('jobs-latency', withoutProc(), async ({ short }) => {
  const requests = short ? 200 : 2000;
  const service = await startService(['--no-reuse-answers']);
  const pictures = await Promise.all(
    uploads()
      .slice(0, 40)
      .map(async (file) => uploadOf(await readFile(file))),
  );
  const ask = (count: number) => askInTurn(service.port, pictures, count);
  await ask(100);
  const idle = await ask(requests);
  const alone = await rateOf(service.address, 2, () => sleep(short ? 3_000 : 10_000));
  const busy: number[] = [];
  const beside = await rateOf(service.address, short ? 4 : 20, async () => {
    busy.push(...(await ask(requests)));
  });
  const violations = await service.end();
  const [before, during] = [quantile(idle, 0.99), quantile(busy, 0.99)];
  if (beside === 0) violations.push('the job did not get on while somebody asked');
  if (!short && during > MOST_TIMES * before) violations.push(`p99 was ${(during / before).toFixed(1)} times as long`);
  return {
    figures: [
      `p99 of one client ${before.toFixed(1)} ms without a job and ${during.toFixed(1)} ms beside one, ${(during / before).toFixed(2)} times (bound ${MOST_TIMES})`,
      `median ${median(idle).toFixed(1)} and ${median(busy).toFixed(1)} ms`,
      `the job ${alone.toFixed(0)} pictures a second alone, ${beside.toFixed(0)} beside the client`,
    ].join('; '),
    violations,
  };
});

async function askInTurn(port: number, pictures: readonly Buffer[], count: number): Promise<number[]> {
  const times: number[] = [];
  let lane = openLane(port);
  for (let i = 0; i < count; i++) {
    if (!lane.reusable()) lane = openLane(port);
    const begun = performance.now();
    const { status } = await lane.ask(pictures[i % pictures.length] as Buffer);
    if (status !== 200) throw new Error(`an answer with ${status}`);
    times.push(performance.now() - begun);
  }
  lane.close();
  return times;
}

/** Pictures of a job, of so many hundreds, that are answered in a second meanwhile. */
async function rateOf(address: string, hundreds: number, meanwhile: () => Promise<unknown>): Promise<number> {
  const { id } = await submitJob(address, jobPictures(hundreds * 100 + 1900, 0));
  await sleep(500);
  const [before, begun] = [(await jobOf(address, id)).counts.answered, performance.now()];
  await meanwhile();
  const { counts, state } = await jobOf(address, id);
  const rate = (counts.answered - before) / ((performance.now() - begun) / 1000);
  if (state !== 'in_progress') throw new Error('the job had ended before the measurement did');
  await fetch(`${address}/api/v1/jobs/${id}/cancel`, { method: 'POST' });
  await fetch(`${address}/api/v1/jobs/${id}`, { method: 'DELETE' });
  return rate;
}
