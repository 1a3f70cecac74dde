/** The process that `interrupts` watches: answers that are given up at random moments, and an end in the middle of some. */
import { readFile } from 'node:fs/promises';
import { createClassifier } from 'kaiyan';
import { AppError } from '#kaiyan/errors.js';
import { createRandom } from './random.js';
import { within } from './verdict.js';

export interface InterruptReport {
  readonly runs: number;
  readonly answered: number;
  /** Pictures that were given up with the code that is expected. */
  readonly interrupted: number;
  /** From the signal or the deadline until every picture of its run was settled. */
  readonly slowestMs: number;
  readonly violations: readonly string[];
}

/** As many as are in work at once, and some that wait. */
const PICTURES_A_RUN = 6;
const LATEST_MS = 120;
const MOST_SECONDS = 5;

const [way, runs, seed, sane, ...files] = process.argv.slice(2) as ['signal' | 'deadline', string, string, string];
const random = createRandom(Number(seed));
const expectedCode = way === 'signal' ? 'ABORTED' : 'DEADLINE_EXCEEDED';
const counts = { answered: 0, interrupted: 0, slowestMs: 0 };
const violations: string[] = [];
process.on('unhandledRejection', (reason) => violations.push(`unhandled rejection: ${String(reason)}`));

const classifier = await createClassifier({ workers: 2, precision: 'int8' });
const pictures = await Promise.all((files as string[]).map((file) => readFile(file)));
const before = await bestClass();
for (let run = 1; run < Number(runs); run++) await interruptedRun(random.below(LATEST_MS));
if ((await bestClass()) !== before) violations.push('a sane picture has another answer now');

const last = interruptedRun(random.below(LATEST_MS));
const report: InterruptReport = { runs: Number(runs), ...counts, violations };
await Promise.all([
  last,
  within(MOST_SECONDS, classifier.close()).catch((error) => violations.push(`close(): ${error}`)),
]);
process.stdout.write(`${JSON.stringify({ ...report, ...counts })}\n`);

async function bestClass(): Promise<number | undefined> {
  return (await classifier.classify(await readFile(sane))).predictions[0]?.index;
}

async function interruptedRun(delayMs: number): Promise<void> {
  const controller = new AbortController();
  const options = way === 'signal' ? { signal: controller.signal } : { deadlineMs: delayMs + 1 };
  const begun = performance.now();
  const all = Array.from({ length: PICTURES_A_RUN }, () => settle(classifier.classify(random.pick(pictures), options)));
  const timer = setTimeout(() => controller.abort(), delayMs);
  await within(MOST_SECONDS, Promise.all(all)).catch((error) => violations.push(`a run of ${delayMs} ms: ${error}`));
  clearTimeout(timer);
  counts.slowestMs = Math.max(counts.slowestMs, performance.now() - begun - delayMs);
}

async function settle(answer: Promise<unknown>): Promise<void> {
  try {
    await answer;
    counts.answered += 1;
  } catch (error) {
    if (error instanceof AppError && error.code === expectedCode) counts.interrupted += 1;
    else violations.push(`instead of ${expectedCode}: ${String(error)}`);
  }
}
