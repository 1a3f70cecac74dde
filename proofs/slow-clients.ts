/** Hundreds of clients that send or read a byte a second, or nothing any more, do not delay the others, and are cut in the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { brokenPromises, type LoadReport, runLoad } from './support/load.js';
import { startProcess } from './support/processes.js';
import { prove } from './support/proof.js';
import { startService, uploads, withoutProc } from './support/service-process.js';
import type { SlowPlan, SlowReport } from './support/slow-process.js';

const [SENDERS, READERS, HANGING] = [200, 50, 50];
/** Ordinary requests a second: some of what a service can do, on any machine in a short run. */
const [LONG_RATE, SHORT_RATE] = [30, 10];
const MOST_RATIO = 1.3;
/** What chance does to a few hundred requests on two cores. */
const [P50_SLACK_MS, P99_SLACK_MS] = [5, 30];
const MOST_GROWTH_MB = 30;
const MOST_MORE_DESCRIPTORS = 3;
/** Node looks for late requests every second; a second more for a busy machine. */
const CUT_SLACK_SECONDS = 4;
const SETTLE_MS = 2_000;

await prove('slow-clients', withoutProc(), async ({ short }) => {
  const timeout = short ? 5 : 15;
  const seconds = short ? 5 : 30;
  const rate = short ? SHORT_RATE : LONG_RATE;
  const service = await startService(['--upload-timeout-seconds', `${timeout}`]);
  const { port } = service;
  const ordinary = () => runLoad({ port, files: uploads(), rate, seconds });
  await runLoad({ port, files: uploads(), clients: 16, seconds: 3 });
  await sleep(SETTLE_MS);
  const [megabytes, descriptors] = [service.megabytes(), service.descriptors()];
  const without = await ordinary();

  const mostSeconds = timeout * 2 + CUT_SLACK_SECONDS;
  const slow = hold({ port, senders: SENDERS, readers: READERS, hanging: HANGING, seconds: seconds + 4, mostSeconds });
  await slow.ready;
  await sleep(SETTLE_MS);
  const during = service.descriptors() - descriptors;
  const beside = await ordinary();
  const held = await slow.report;
  await sleep(SETTLE_MS);
  const moreDescriptors = service.descriptors() - descriptors;
  const growth = service.megabytes() - megabytes;

  const longest = timeout + CUT_SLACK_SECONDS;
  // A machine that is too slow for the ordinary ones, or busy otherwise, may refuse some in a short run.
  const allowed = short ? [200, 429] : [200];
  const violations = [
    ...brokenPromises('without', without, allowed),
    ...brokenPromises('beside slow ones', beside, allowed),
    // A short run shows that promises are kept; a time may not fail it.
    ...(short
      ? []
      : [
          ...slower('p50', without, beside, P50_SLACK_MS),
          ...slower('p99', without, beside, P99_SLACK_MS),
          ...(held.longestSeconds > longest
            ? [`a slow one was cut after ${held.longestSeconds.toFixed(1)} s only`]
            : []),
        ]),
    ...(held.left > 0 ? [`${held.left} slow connections were not cut`] : []),
    ...(held.unheard > 0 ? [`${held.unheard} slow senders were not told why`] : []),
    ...Object.keys(held.statuses)
      .filter((status) => status !== '408')
      .map((status) => `slow senders were answered with ${status}`),
    ...(moreDescriptors > MOST_MORE_DESCRIPTORS ? [`${moreDescriptors} descriptors were left`] : []),
    ...(growth > MOST_GROWTH_MB ? [`memory grew by ${growth.toFixed(0)} MB`] : []),
    ...(await service.end()),
  ];
  const figures = [
    `${SENDERS} slow senders, ${READERS} slow readers and ${HANGING} that hang (${during} connections more at a time, ${held.begun} in all)`,
    `${rate} ordinary requests a second: p50 ${without.p50.toFixed(1)} ms without them, ${beside.p50.toFixed(1)} ms with (bound ${MOST_RATIO} times and ${P50_SLACK_MS} ms)`,
    `p99 ${without.p99.toFixed(1)} and ${beside.p99.toFixed(1)} ms (bound ${MOST_RATIO} times and ${P99_SLACK_MS} ms)`,
    `cut after ${held.longestSeconds.toFixed(1)} s at most (setting ${timeout} s, bound ${longest} s), ${held.statuses['408'] ?? 0} told so with 408`,
    `descriptors ${signed(moreDescriptors)} (bound ${MOST_MORE_DESCRIPTORS}), memory ${signed(Math.round(growth))} MB (bound ${MOST_GROWTH_MB} MB)`,
  ];
  return { figures: `${figures.join('; ')}${short ? '; times are not judged in a short run' : ''}`, violations };
});

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value}`;
}

function slower(which: 'p50' | 'p99', without: LoadReport, beside: LoadReport, slackMs: number): string[] {
  if (beside[which] <= without[which] * MOST_RATIO + slackMs) return [];
  return [`${which} is ${beside[which].toFixed(1)} ms beside slow clients, ${without[which].toFixed(1)} ms without`];
}

/** Starts the slow clients: `ready` once all have begun. */
function hold(plan: SlowPlan): { readonly ready: Promise<void>; readonly report: Promise<SlowReport> } {
  const started = startProcess('slow-process.js', [JSON.stringify(plan)]);
  let begun: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    begun = resolve;
  });
  async function watch(): Promise<SlowReport> {
    let report: SlowReport | undefined;
    for await (const line of started.lines) {
      const message = JSON.parse(line) as SlowReport | { readonly ready: true };
      if ('ready' in message) begun();
      else report = message;
    }
    begun();
    if (!report) throw new Error('the slow clients ended without a word');
    return report;
  }
  return { ready, report: watch() };
}
