/** Closed-loop load: each client sends its next request as soon as it has the answer to its last one. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { type Clocks, elapsed, readClocks } from './clocks.js';
import { type Answer, createClient } from './connection.js';

export interface Load {
  readonly port: number;
  readonly serverPid: number;
  readonly clients: number;
  /** Sent in turn, all equally often. */
  readonly requests: readonly Buffer[];
  /** At least; it lasts until every client has had an answer. */
  readonly warmUpMs: number;
  readonly windowMs: number;
}

export interface Measured {
  readonly clients: number;
  /** Answers that arrived in the window. */
  readonly answers: number;
  /** Of the requests that began in the window, whenever they ended. */
  readonly latenciesMs: readonly number[];
  /** Requests that failed at any time, by status or by what happened to the connection. */
  readonly errors: Readonly<Record<string, number>>;
  readonly clocks: Clocks;
}

/** A client that failed does not hammer. */
const AFTER_FAILURE_MS = 20;

/**
 * Speed is counted in answers inside the window. Latency is that of the requests which begin in it: the load goes on
 * until the last of them has ended, so that slow ones are neither left out nor sped up by a load that runs dry.
 */
export async function measure(load: Load): Promise<Measured> {
  const errors: Record<string, number> = {};
  const latenciesMs: number[] = [];
  let phase: 'warming' | 'timed' | 'ending' = 'warming';
  let [sent, answers, warm, unfinished] = [0, 0, 0, 0];

  async function sendOne(ask: (request: Buffer) => Promise<Answer>): Promise<void> {
    const request = load.requests[sent++ % load.requests.length] as Buffer;
    const begunMs = performance.now();
    const counts = phase === 'timed';
    if (counts) unfinished += 1;
    const failure = await failureOf(ask(request), phase === 'warming');
    if (counts) unfinished -= 1;
    if (failure !== undefined) {
      errors[failure] = (errors[failure] ?? 0) + 1;
      await sleep(AFTER_FAILURE_MS);
      return;
    }
    if (phase === 'timed') answers += 1;
    if (counts) latenciesMs.push(performance.now() - begunMs);
  }

  async function runClient(): Promise<void> {
    const client = createClient(load.port);
    await sendOne(client.ask);
    warm += 1;
    while (phase !== 'ending' || unfinished > 0) await sendOne(client.ask);
    client.close();
  }

  async function time(): Promise<Clocks> {
    await sleep(load.warmUpMs);
    while (warm < load.clients) await sleep(10);
    const before = readClocks(load.serverPid);
    phase = 'timed';
    await sleep(load.windowMs);
    phase = 'ending';
    return elapsed(before, readClocks(load.serverPid));
  }

  const [clocks] = await Promise.all([time(), ...Array.from({ length: load.clients }, runClient)]);
  return { clients: load.clients, answers, latenciesMs, errors, clocks };
}

/** Undefined if all went well. Answers are read before the window only, where that costs nobody's time. */
async function failureOf(answer: Promise<Answer>, read: boolean): Promise<string | undefined> {
  try {
    const { status, body } = await answer;
    if (status !== 200) return String(status);
    return read && !isPrediction(body) ? 'not an answer' : undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const predictions = v.pipe(v.array(v.object({ label: v.string(), confidence: v.number() })), v.length(3));

function isPrediction(body: Buffer): boolean {
  try {
    return v.is(predictions, JSON.parse(body.toString()));
  } catch {
    return false;
  }
}
