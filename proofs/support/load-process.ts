/** Clients of a service in a process of their own: a number of them that wait for their answers, or a rate that waits for nobody. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from './statistics.js';
import { type Lane, openLane, uploadOf, type WireAnswer } from './wire.js';

export interface Load {
  readonly port: number;
  readonly files: readonly string[];
  /** Closed loop: so many clients, each with one request at a time. */
  readonly clients?: number;
  /** Open loop: so many requests a second, whatever becomes of those before. */
  readonly rate?: number;
  /** Sends for so long, */
  readonly seconds?: number;
  /** or so many requests. */
  readonly requests?: number;
}

export interface LoadReport {
  readonly sent: number;
  /** From the first request to the last answer, and to the last request. */
  readonly seconds: number;
  readonly sendingSeconds: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers that a refused client cannot do much with: 429 without a number in Retry-After. */
  readonly withoutHint: number;
  readonly errors: number;
  readonly firstErrors: readonly string[];
  /** Milliseconds of those that were answered with 200; in an open loop from when it was their turn. */
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
  /** The same for refusals. */
  readonly refusedP99: number;
  /** How late requests were sent, in milliseconds. */
  readonly lateP99: number;
  readonly connections: number;
  readonly mostAtOnce: number;
  /** CPU time that the clients took, in cores. */
  readonly cores: number;
}

/** Nothing waits longer than this for an answer that does not come. */
const PATIENCE_SECONDS = 45;
const MOST_AT_ONCE = 4_000;
const ANSWERS_PER_LINE = 10;

const load = JSON.parse(process.argv[2] as string) as Load;
const uploads = await Promise.all(load.files.map(async (file) => uploadOf(await readFile(file))));
const idle: Lane[] = [];
const statuses: Record<string, number> = {};
const times: Record<string, number[]> = {};
const late: number[] = [];
const errors: string[] = [];
const counts = { sent: 0, answered: 0, withoutHint: 0, connections: 0, atOnce: 0, mostAtOnce: 0 };

const begun = performance.now();
const cpu = process.cpuUsage();
// A report may be late, but not missing.
const watch = setTimeout(
  () => {
    errors.push('some requests had no answer');
    report(performance.now());
    process.exit();
  },
  ((load.seconds ?? 600) + PATIENCE_SECONDS) * 1000,
);
const lastSent = load.rate === undefined ? await closedLoop(load.clients ?? 1) : await openLoop(load.rate);
clearTimeout(watch);
report(lastSent);
for (const lane of idle) lane.close();

/** One request, on a connection that has nothing to do or on a new one; `from` is when its time begins. */
async function request(from: number): Promise<void> {
  const upload = uploads[counts.sent % uploads.length] as Buffer;
  counts.sent += 1;
  counts.atOnce += 1;
  counts.mostAtOnce = Math.max(counts.mostAtOnce, counts.atOnce);
  const lane = reusableLane() ?? newLane();
  try {
    note(await lane.ask(upload), performance.now() - from);
    if (lane.reusable()) idle.push(lane);
  } catch (error) {
    errors.push((error as Error).message);
  }
  counts.atOnce -= 1;
}

function reusableLane(): Lane | undefined {
  for (let lane = idle.pop(); lane; lane = idle.pop()) if (lane.reusable()) return lane;
  return undefined;
}

function newLane(): Lane {
  counts.connections += 1;
  return openLane(load.port);
}

function note({ status, headers }: WireAnswer, ms: number): void {
  statuses[status] = (statuses[status] ?? 0) + 1;
  if (!times[status]) times[status] = [];
  times[status].push(ms);
  if (status === 429 && !/^\d+$/.test(headers['retry-after'] ?? '')) counts.withoutHint += 1;
  counts.answered += 1;
  if (counts.answered % ANSWERS_PER_LINE === 0)
    process.stdout.write(`${JSON.stringify({ answered: counts.answered })}\n`);
}

async function closedLoop(clients: number): Promise<number> {
  const end = begun + (load.seconds ?? Number.POSITIVE_INFINITY) * 1000;
  const most = load.requests ?? Number.POSITIVE_INFINITY;
  async function client(): Promise<void> {
    while (performance.now() < end && counts.sent < most) await request(performance.now());
  }
  await Promise.all(Array.from({ length: clients }, client));
  return performance.now();
}

/** Each request has its moment; what the timer oversleeps is sent at once. */
async function openLoop(rate: number): Promise<number> {
  const total = Math.round(rate * (load.seconds ?? 0));
  const pending: Promise<void>[] = [];
  for (let next = 0; next < total; await sleep(1)) {
    for (const due = ((performance.now() - begun) / 1000) * rate; next < total && next <= due; next++) {
      if (counts.atOnce >= MOST_AT_ONCE) throw new Error(`${MOST_AT_ONCE} requests are without an answer`);
      const turn = begun + (next / rate) * 1000;
      late.push(performance.now() - turn);
      pending.push(request(turn));
    }
  }
  const sent = performance.now();
  await Promise.all(pending);
  return sent;
}

function report(sentAt: number): void {
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const [answered = [], refused = []] = [times['200'], times['429']];
  const result: LoadReport = {
    sent: counts.sent,
    seconds,
    sendingSeconds: (sentAt - begun) / 1000,
    statuses,
    withoutHint: counts.withoutHint,
    errors: errors.length,
    firstErrors: [...new Set(errors)].slice(0, 5),
    p50: quantile(answered, 0.5),
    p99: quantile(answered, 0.99),
    slowest: quantile(answered, 1),
    refusedP99: quantile(refused, 0.99),
    lateP99: quantile(late, 0.99),
    connections: counts.connections,
    mostAtOnce: counts.mostAtOnce,
    cores: (user + system) / 1e6 / seconds,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
