/** Whatever is sent to the service is answered with an error that is documented, or with the end of the connection, and leaves nothing behind. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorTable } from '#kaiyan/errors.js';
import { fixtures, project } from '../tests/support/paths.js';
import { type Exchange, exchange } from './support/exchange.js';
import { inLanes } from './support/lanes.js';
import { runLoad } from './support/load.js';
import { mutate } from './support/mutation.js';
import { prove, showProgress } from './support/proof.js';
import { createRandom } from './support/random.js';
import { type RawRequest, rawRequests } from './support/raw-requests.js';
import { type ServiceProcess, startService, uploads, withoutProc } from './support/service-process.js';
import { requestFor, uploadOf, type WireAnswer } from './support/wire.js';

const MOST_GROWTH_MB = 30;
const LANES = 8;
const UPLOAD_TIMEOUT_SECONDS = 2;
/** Requests that never become whole are answered after the timeout; Node looks every second. */
const MOST_SECONDS = UPLOAD_TIMEOUT_SECONDS + 4;
const WAITING = { mostMs: MOST_SECONDS * 1000, quietMs: 150 };
/** Between hostile ones. */
const ORDINARY_EVERY = 25;

await prove('hostile', withoutProc(), async ({ short, seed }) => {
  const service = await startService(['--upload-timeout-seconds', `${UPLOAD_TIMEOUT_SECONDS}`]);
  const small = await readFile(path.join(fixtures, 'pillow/pictures/deep-rgb.png'));
  const load = { port: service.port, files: uploads(), clients: 16, requests: 600 };
  await runLoad(load);
  const before = await settled(service);
  const violations: string[] = [];
  const outcomes = new Map<string, number>();
  const ordinary = uploadOf(small);

  async function send({ what, bytes, expected }: RawRequest, judge = violationsOf): Promise<void> {
    const result = await exchange(service.port, bytes, WAITING);
    for (const outcome of outcomesOf(result)) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    violations.push(...judge(result, expected).map((violation) => `${what}: ${violation}`));
  }

  async function requireOrdinary(after: string): Promise<void> {
    const { answers } = await exchange(service.port, ordinary, WAITING);
    if (answers[0]?.status !== 200)
      violations.push(`after ${after} an ordinary request got ${answers[0]?.status ?? 'no answer'}`);
  }

  const chosen = rawRequests(small);
  await inLanes(LANES, chosen.length, async (index) => {
    await send(chosen[index] as RawRequest);
    await requireOrdinary((chosen[index] as RawRequest).what);
  });

  const count = short ? 300 : 5_000;
  const valid = [
    ordinary,
    ordinary,
    ordinary,
    requestFor('/api/v1/models/efficientnet-lite0'),
    requestFor('/api/v1/labels?model=x'),
    requestFor('/health'),
    ...chosen.map(({ bytes }) => bytes).filter(({ length }) => length < 20_000),
  ];
  let done = 0;
  await inLanes(LANES, count, async (index) => {
    const random = createRandom(seed, index);
    const bytes = mutate(random.pick(valid), random);
    const found = violations.length;
    await send({ what: `mutation ${index} of seed ${seed}`, bytes }, violationsOfAny);
    if (violations.length > found) await keep(bytes, `${seed}-${index}`);
    if (index % ORDINARY_EVERY === 0) await requireOrdinary(`mutation ${index}`);
    showProgress(++done, count);
  });

  await runLoad(load);
  const after = await settled(service);
  const growth = after.megabytes - before.megabytes;
  const more = after.descriptors - before.descriptors;
  if (growth > MOST_GROWTH_MB) violations.push(`memory grew by ${growth.toFixed(1)} MB`);
  if (more > 0) violations.push(`${more} descriptors were left`);
  violations.push(...(await service.end()));
  const list = [...outcomes].sort(([, a], [, b]) => b - a).map(([outcome, times]) => `${outcome} ${times}`);
  return {
    figures: `${chosen.length} hostile requests and ${count} damaged ones: ${list.join(', ')}; memory ${growth < 0 ? '' : '+'}${growth.toFixed(1)} MB (bound ${MOST_GROWTH_MB} MB), descriptors ${more < 0 ? '' : '+'}${more} (bound 0)`,
    violations,
  };
});

/** Once nothing is going on. */
async function settled(service: ServiceProcess): Promise<{ readonly megabytes: number; readonly descriptors: number }> {
  await sleep(3_000);
  return { megabytes: service.megabytes(), descriptors: service.descriptors() };
}

function outcomesOf({ answers, closed }: Exchange): string[] {
  if (answers.length === 0) return [closed ? 'closed' : 'nothing'];
  return answers.map((answer) => (answer.status < 400 ? `${answer.status}` : `${answer.status} ${codeOf(answer)}`));
}

/** One that was chosen has to be answered as is right for it. */
function violationsOf(result: Exchange, expected: RawRequest['expected']): string[] {
  const { answers, closed } = result;
  const isRight = ({ status }: WireAnswer) => (expected ? expected.includes(status) : status >= 400 && status < 500);
  const wrong = answers.filter((answer) => !isRight(answer)).map((answer) => `it was answered with ${answer.status}`);
  const mayClose = closed && (expected === undefined || expected.includes('closed'));
  return [...violationsOfAny(result), ...wrong, ...(answers.length === 0 && !mayClose ? ['it had no answer'] : [])];
}

/** One that was damaged may still be valid. */
function violationsOfAny({ answers, rest, closed, seconds }: Exchange): string[] {
  const broken = answers
    .filter(({ status }) => status >= 500)
    .map(({ status, body }) => `it was answered with ${status} ${body}`);
  const uncoded = answers
    .filter((answer) => answer.status >= 400 && !isKnown(codeOf(answer)))
    .map(({ status, body }) => `${status} without a code: ${body.toString().slice(0, 100)}`);
  return [
    ...broken,
    ...uncoded,
    ...(rest.length > 0 ? [`half an answer: ${JSON.stringify(rest.toString('latin1', 0, 60))}`] : []),
    ...(answers.length === 0 && !closed ? [`nothing came in ${seconds.toFixed(0)} s`] : []),
  ];
}

function isKnown(code: string): boolean {
  return Object.hasOwn(errorTable, code);
}

function codeOf({ body }: WireAnswer): string {
  try {
    const { error, code } = JSON.parse(body.toString()) as Record<string, unknown>;
    return typeof error === 'string' && typeof code === 'string' ? code : 'without a code';
  } catch {
    return 'without a code';
  }
}

/** Keeps the request, so that its finder can be shown. */
async function keep(bytes: Buffer, name: string): Promise<void> {
  const folder = path.join(project, 'build/hostile');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, `${name}.request`), bytes);
}
