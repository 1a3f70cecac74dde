/** The model is swapped again and again under 16 clients: every request is answered, each by one model as a whole, and memory stays level. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Classification } from '#kaiyan/classification/classification.js';
import { createClassifier } from '#kaiyan/classification/classifier.js';
import type { Precision } from '#kaiyan/models/manifest.js';
import { examples } from '../tests/support/paths.js';
import { inLanes } from './support/lanes.js';
import { prove, showProgress } from './support/proof.js';
import { startService, withoutProc } from './support/service-process.js';
import { median, quantile } from './support/statistics.js';
import { type Lane, openLane } from './support/wire.js';

interface Pair {
  readonly model: string;
  readonly precision: Precision;
}

/** Each swap is to another one, and one model is in memory at a time, so each swap loads one and ends one. */
const PAIRS: readonly Pair[] = [
  { model: 'efficientnet-lite0', precision: 'int8' },
  { model: 'efficientnet-lite2', precision: 'int8' },
  { model: 'efficientnet-lite0', precision: 'fp32' },
];
const CLIENTS = 16;
const WARM_UP_SWAPS = 9;
const EVERY_MS = 1_200;
/** For 50 swaps, a slow last one included. */
const MOST_SECONDS = 62;
/** By which memory may exceed its level after the warm-up. */
const MOST_GROWTH_MB = 30;
const SETTLE_MS = 1_500;
const SAMPLES = 15;
const SAMPLE_EVERY_MS = 100;

const pairAt = (turn: number): Pair => PAIRS[turn % PAIRS.length] as Pair;

type Predictions = Classification['predictions'];
/** What a model says of each picture, by the digest that names it. */
type References = ReadonlyMap<string, readonly Predictions[]>;

interface Meeting {
  readonly times: number[];
  readonly byDigest: Map<string, number>;
  readonly violations: string[];
}

await prove('swap', withoutProc(), async ({ short }) => {
  const pictures = await Promise.all(
    (await readdir(examples)).sort().map((name) => readFile(path.join(examples, name))),
  );
  const references = await askOneByOne(pictures);
  const service = await startService([
    '--workers',
    '2',
    '--threads',
    '1',
    '--loaded-models',
    '1',
    '--log-level',
    'info',
  ]);
  const met: Meeting = { times: [], byDigest: new Map(), violations: [] };
  const swaps = short ? 6 : 50;
  const state = { active: '', epoch: 0, swapping: false, over: false };
  const begun = performance.now();
  const clients = inLanes(CLIENTS, CLIENTS, async (client) => {
    const lane = openLane(service.port);
    for (let turn = client; !state.over; turn++) await ask(lane, turn % pictures.length);
    lane.close();
  });

  async function ask(lane: Lane, picture: number): Promise<void> {
    const before = { ...state };
    const sent = performance.now();
    try {
      const { status, headers, body } = await lane.ask(classifyRequest(pictures[picture] as Buffer));
      met.times.push(performance.now() - sent);
      if (status !== 200) return void met.violations.push(`a request was answered with ${status}: ${body}`);
      const answer = JSON.parse(body.toString()) as Classification;
      const { name, version, digest } = answer.model;
      met.byDigest.set(digest, (met.byDigest.get(digest) ?? 0) + 1);
      const isSettled = !before.swapping && before.epoch === state.epoch && !state.swapping;
      if (headers['kaiyan-model'] !== `${name}@${version}+${digest}`)
        met.violations.push(`the header says ${headers['kaiyan-model']}, the answer ${digest}`);
      if (isSettled && before.active !== '' && digest !== before.active)
        met.violations.push(`${digest} answered after the swap to ${before.active}`);
      const difference = differenceFrom(references.get(digest)?.[picture], answer.predictions);
      if (difference) met.violations.push(`${digest}: ${difference}`);
    } catch (error) {
      met.violations.push(`a request had no answer: ${(error as Error).message}`);
      state.over = true;
    }
  }

  const manager = openLane(service.port);

  /** Milliseconds that it took. */
  async function swapTo(pair: Pair): Promise<number> {
    const sent = performance.now();
    state.epoch += 1;
    state.swapping = true;
    const { status, body } = await manager.ask(activateRequest(pair));
    if (status !== 200) met.violations.push(`a swap was answered with ${status}: ${body}`);
    state.active = (JSON.parse(body.toString()) as { digest: string }).digest;
    state.swapping = false;
    return performance.now() - sent;
  }

  /** Megabytes with each model at work, once what came before has gone. */
  async function levels(): Promise<number[]> {
    const found: number[] = [];
    for (const pair of PAIRS) {
      await swapTo(pair);
      await sleep(SETTLE_MS);
      const samples: number[] = [];
      for (let i = 0; i < SAMPLES; i++) {
        samples.push(service.megabytes());
        await sleep(SAMPLE_EVERY_MS);
      }
      found.push(median(samples));
    }
    return found;
  }

  for (let turn = 0; turn < WARM_UP_SWAPS; turn++) await swapTo(pairAt(turn));
  const before = await levels();
  const swapTimes: number[] = [];
  const counting = performance.now();
  for (let turn = 0; turn < swaps && !state.over; turn++) {
    showProgress(turn + 1, swaps);
    swapTimes.push(await swapTo(pairAt(turn)));
    // Each has its moment, so that a slow one does not delay the others.
    await sleep(Math.max(0, (turn + 1) * EVERY_MS - (performance.now() - counting)));
  }
  const seconds = (performance.now() - counting) / 1000;
  const after = await levels();
  state.over = true;
  await clients;
  manager.close();
  const peak = service.peakMegabytes();
  const all = (performance.now() - begun) / 1000;

  const growth = Math.max(...after.map((level, pair) => level - (before[pair] as number)));
  const violations = [
    ...met.violations,
    ...[...references.keys()]
      .filter((digest) => !met.byDigest.has(digest))
      .map((digest) => `${digest} answered nothing`),
    ...(growth <= MOST_GROWTH_MB ? [] : [`memory grew by ${growth.toFixed(0)} MB`]),
    // A short run shows that promises are kept; a time may not fail it.
    ...(short || seconds <= MOST_SECONDS ? [] : [`${swaps} swaps took ${seconds.toFixed(0)} s`]),
    ...(await service.end()),
  ];
  const count = met.times.length;
  const figures = [
    `${swapTimes.length} swaps in ${seconds.toFixed(0)} s${short ? '' : ` (bound ${MOST_SECONDS} s)`} between ${PAIRS.map(({ model, precision }) => `${model} ${precision}`).join(', ')}`,
    `a swap took ${median(swapTimes).toFixed(0)} ms (slowest ${Math.max(...swapTimes).toFixed(0)} ms)`,
    `${CLIENTS} clients, ${count} answers (${(count / all).toFixed(0)} a second; ${[...met.byDigest].map(([digest, n]) => `${digest} ${n}`).join(', ')}), each as that model alone answers`,
    `p50 ${quantile(met.times, 0.5).toFixed(0)} ms, p99 ${quantile(met.times, 0.99).toFixed(0)} ms, slowest ${Math.max(...met.times).toFixed(0)} ms`,
    `memory by model ${after.map((level, pair) => `${before[pair]?.toFixed(0)} → ${level.toFixed(0)} MB`).join(', ')} (bound +${MOST_GROWTH_MB} MB), peak ${peak.toFixed(0)} MB`,
  ];
  return { figures: figures.join('; '), violations };
});

/** What each model says of each picture when nobody disturbs it. */
async function askOneByOne(pictures: readonly Buffer[]): Promise<References> {
  const references = new Map<string, Predictions[]>();
  for (const pair of PAIRS) {
    const classifier = await createClassifier({ ...pair, workers: 1, threads: 1, home: '/dev/null/kaiyan' });
    const answers: Predictions[] = [];
    for (const picture of pictures) answers.push((await classifier.classify(picture)).predictions);
    references.set(classifier.model().digest, answers);
    await classifier.close();
  }
  return references;
}

/** In words; undefined for none. */
function differenceFrom(expected: Predictions | undefined, found: Predictions): string | undefined {
  const words = (predictions: Predictions) =>
    predictions.map(({ index, probability }) => `${index} ${probability}`).join(', ');
  if (!expected) return 'nobody knows that digest';
  return words(expected) === words(found) ? undefined : `${words(found)} instead of ${words(expected)}`;
}

function classifyRequest(picture: Buffer): Buffer {
  const head = `POST /api/v1/classify?top=3 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/octet-stream\r\nContent-Length: ${picture.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), picture]);
}

function activateRequest(pair: Pair): Buffer {
  const body = JSON.stringify(pair);
  return Buffer.from(
    `PUT /api/v1/models/active HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
