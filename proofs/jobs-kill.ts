/** A service that is killed again and again in the middle of jobs finishes each of them, and every picture has exactly one result. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  checkItems,
  hasEnded,
  type ItemView,
  itemsOf,
  jobOf,
  jobPictures,
  submitJob,
  untilJobEnds,
} from './support/job-client.js';
import { prove, showProgress } from './support/proof.js';
import { createRandom } from './support/random.js';
import { startService, withoutProc } from './support/service-process.js';

const PICTURES = 500;
/** From the moment on at which the service answers. */
const MOST_MS = 500;

await prove('jobs-kill', withoutProc(), async ({ short, seed }) => {
  const kills = short ? 6 : 50;
  const total = short ? 100 : PICTURES;
  const random = createRandom(seed);
  const home = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-kills-'));
  const pictures = jobPictures(total, 10);
  const start = () => startService(['--home', home, '--no-reuse-answers']);
  const known = new Map<string, Map<number, string>>();
  const violations: string[] = [];
  const ended: string[] = [];
  const codes = new Map<string, number>();
  try {
    for (let kill = 0; kill < kills; kill++) {
      const service = await start();
      if (!(await isAtWork(service.address, known))) {
        const { id } = await submitJob(service.address, pictures);
        known.set(id, new Map());
      }
      await sleep(random.below(MOST_MS));
      for (const [id, seen] of known) violations.push(...compare(seen, await itemsOf(service.address, id)));
      service.signal('SIGKILL');
      await service.ended;
      await service.end();
      showProgress(kill + 1, kills);
    }
    const service = await start();
    for (const id of known.keys()) {
      await untilJobEnds(service.address, id);
      const items = await itemsOf(service.address, id);
      violations.push(...checkItems(items, total), ...compare(known.get(id) as Map<number, string>, items));
      ended.push(id);
      for (const { code } of items) if (code) codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    violations.push(...(await service.end()));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  return {
    figures: `${kills} kills at random moments of ${known.size} jobs of ${total} pictures; ${ended.length} of them completed, every picture with one result; ${inWords(codes)}`,
    violations,
  };
});

function inWords(codes: ReadonlyMap<string, number>): string {
  const list = [...codes].map(([code, times]) => `${times} with ${code}`).join(', ');
  return list === '' ? 'none failed' : `failed: ${list}`;
}

async function isAtWork(address: string, known: ReadonlyMap<string, unknown>): Promise<boolean> {
  const last = [...known.keys()].at(-1);
  return last !== undefined && !hasEnded(await jobOf(address, last));
}

/** What was recorded is never changed. */
function compare(seen: Map<number, string>, items: readonly ItemView[]): string[] {
  const violations: string[] = [];
  for (const { item, name, state, sequence, result, code } of items) {
    if (sequence === 0) continue;
    const now = JSON.stringify([state, sequence, result, code]);
    if (seen.has(item) && seen.get(item) !== now) violations.push(`the outcome of ${name} was changed`);
    seen.set(item, now);
  }
  if (items.filter(({ sequence }) => sequence > 0).length < seen.size) violations.push('an outcome was lost');
  return violations;
}
