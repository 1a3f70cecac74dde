/** A service that is told to end in the middle of its work answers what it has accepted, says so to whoever asks, and is gone soon. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { prove, showProgress } from './support/proof.js';
import { createRandom } from './support/random.js';
import { startService, uploads, withoutProc } from './support/service-process.js';
import { within } from './support/verdict.js';
import { type Lane, openLane, requestFor, uploadOf, type WireAnswer } from './support/wire.js';

const CLIENTS = 16;
const DRAIN_SECONDS = 1;
/** From the signal to the end of the process, without the time to drain. */
const MOST_SECONDS = 5;
/** No client goes on asking for longer. */
const WATCH_SECONDS = 10;

/** From sending a head to its acceptance, on a machine that is busy. */
const HEAD_MS = 150;

interface Run {
  readonly violations: readonly string[];
  readonly seconds: number;
  /** Answers with 200 after the signal, refusals with CLOSED, and refused connections. */
  readonly answered: number;
  readonly closed: number;
  readonly unheard: number;
}

await prove('shutdown', withoutProc(), async ({ short, seed }) => {
  const count = short ? 4 : 20;
  const pictures = await Promise.all(
    uploads()
      .slice(0, 40)
      .map(async (file) => uploadOf(await readFile(file))),
  );
  const runs: Run[] = [];
  for (let run = 0; run < count; run++) {
    const random = createRandom(seed, run);
    // A drain is a second of load more, so only some have one; the last ends by Ctrl-C.
    const drain = run % 2 === 0 ? DRAIN_SECONDS : 0;
    const signal = run === count - 1 ? 'SIGINT' : 'SIGTERM';
    runs.push(await endInTheMiddle({ pictures, drain, signal, afterMs: 300 + random.below(700) }));
    showProgress(run + 1, count);
  }
  const sum = (key: 'answered' | 'closed' | 'unheard') => runs.reduce((total, run) => total + run[key], 0);
  const times = runs.map(({ seconds }) => seconds);
  const figures = [
    `${count} services ended under the load of ${CLIENTS} clients`,
    `after the signal ${sum('answered')} answers, ${sum('closed')} refusals with CLOSED, ${sum('unheard')} without a connection`,
    `over after ${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)} s beside the time to drain (bound ${MOST_SECONDS} s)`,
  ];
  return { figures: figures.join('; '), violations: runs.flatMap(({ violations }) => violations) };
});

interface Plan {
  readonly pictures: readonly Buffer[];
  readonly drain: number;
  readonly signal: 'SIGTERM' | 'SIGINT';
  readonly afterMs: number;
}

async function endInTheMiddle({ pictures, drain, signal, afterMs }: Plan): Promise<Run> {
  const service = await startService(['--drain-seconds', `${drain}`]);
  const violations: string[] = [];
  const counts = { answered: 0, closed: 0, unheard: 0 };
  let signalledAt = Number.POSITIVE_INFINITY;
  let over = false;

  async function client(index: number): Promise<void> {
    let lane: Lane | undefined;
    for (let turn = 0; !over && performance.now() < signalledAt + WATCH_SECONDS * 1000; turn++) {
      lane = lane?.reusable() ? lane : openLane(service.port);
      const sentAt = performance.now();
      const answer = await lane.ask(pictures[(index + turn * CLIENTS) % pictures.length] as Buffer).catch(String);
      judge(answer, sentAt);
      if (typeof answer === 'string' || answer.status !== 200) await sleep(20);
    }
    lane?.close();
  }

  /** What was sent a moment before the signal was accepted before it. */
  function judge(answer: WireAnswer | string, sentAt: number): void {
    const early = sentAt < signalledAt - HEAD_MS;
    const outcome = outcomeOf(answer);
    if (outcome === 'answered' && performance.now() < signalledAt) return;
    if (outcome === 'answered' || (!early && outcome !== 'other')) counts[outcome] += 1;
    else violations.push(`${signal}: ${early ? 'what was accepted' : 'a request'} got ${wordsOf(answer)}`);
  }

  const watcher = openLane(service.port);
  const ready = await watcher.ask(requestFor('/readyz'));
  if (ready.status !== 200) violations.push(`/readyz was ${ready.status} before the signal`);
  const clients = Array.from({ length: CLIENTS }, (_, index) => client(index));
  await sleep(afterMs);
  signalledAt = performance.now();
  service.signal(signal);
  if (drain > 0) violations.push(...(await readinessWhile(watcher)));
  const ended = await within(drain + MOST_SECONDS + WATCH_SECONDS, service.ended);
  const seconds = (performance.now() - signalledAt) / 1000 - drain;
  over = true;
  await Promise.all(clients);
  watcher.close();
  const expected = signal === 'SIGINT' ? 130 : 0;
  if (ended.status !== expected) violations.push(`${signal}: it ended with ${ended.signal ?? ended.status}`);
  if (seconds > MOST_SECONDS) violations.push(`${signal}: it took ${seconds.toFixed(1)} s to end`);
  await service.end();
  return { violations, seconds, ...counts };
}

function outcomeOf(answer: WireAnswer | string): 'answered' | 'closed' | 'unheard' | 'other' {
  if (typeof answer === 'string') return 'unheard';
  if (answer.status === 200) return 'answered';
  return answer.status === 503 && answer.body.includes('"CLOSED"') ? 'closed' : 'other';
}

function wordsOf(answer: WireAnswer | string): string {
  return typeof answer === 'string' ? `no answer (${answer})` : `${answer.status} ${answer.body}`;
}

/** While it drains, an open connection is told not to send more. */
async function readinessWhile(watcher: Lane): Promise<string[]> {
  await sleep(200);
  try {
    const { status } = await watcher.ask(requestFor('/readyz'));
    return status === 503 ? [] : [`/readyz was ${status} after the signal`];
  } catch (error) {
    return [`/readyz had no answer after the signal: ${error}`];
  }
}
