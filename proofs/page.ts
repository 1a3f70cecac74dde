/** The first page is small, is there at once, on a phone too, and answers its first picture within a second of being opened. */
import path from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from '../tests/support/browser.js';
import { examples } from '../tests/support/paths.js';
import { withoutChromium } from '../tests/support/requirements.js';
import { until } from '../tests/support/timing.js';
import { prove } from './support/proof.js';
import { startService } from './support/service-process.js';
import { median } from './support/statistics.js';

const MOST_KILOBYTES = 200;
const MOST_ANSWER_SECONDS = 1;
/** What is called good at https://web.dev/articles/vitals, and for the blocking time by Lighthouse. */
const MOST_PAINT_SECONDS = 2.5;
const MOST_SHIFT = 0.1;
const MOST_BLOCKED_MS = 200;

const RUNS = 9;
const SHORT_RUNS = 1;
const PICTURE = path.join(examples, 'chelsea.png');

interface Device {
  readonly name: string;
  readonly options: BrowserContextOptions;
  readonly slow?: true;
}

const DESKTOP: Device = { name: 'desktop', options: { viewport: { width: 1350, height: 940 } } };
/** What Lighthouse calls a mid-tier phone with slow 4G. */
const PHONE: Device = {
  name: 'phone',
  options: { viewport: { width: 412, height: 823 }, deviceScaleFactor: 1.75, isMobile: true, hasTouch: true },
  slow: true,
};
const SLOW_CPU = { rate: 4 };
const SLOW_NETWORK = {
  ...{ offline: false, latency: 150 },
  ...{ downloadThroughput: (1.6e6 * 0.9) / 8, uploadThroughput: (750e3 * 0.9) / 8 },
};

interface Weight {
  /** Of the document, its scripts and styles, as they are transferred with gzip. */
  readonly kilobytes: number;
  /** Of these, the pictures to try, and all else. */
  readonly allKilobytes: number;
}

interface Opening {
  /** From opening the page. */
  readonly answerSeconds: number;
  readonly paintSeconds: number;
  readonly shift: number;
  readonly blockedMs: number;
  readonly heapMegabytes: number;
}

/** Notes in the page when the answer stands there, and how it came to be seen; all times in ms from opening it. */
const WATCH = `
  window.seen = { answered: 0, paint: 0, shift: 0, blocked: 0 };
  const watch = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  watch('largest-contentful-paint', ({ startTime }) => { seen.paint = startTime; });
  watch('layout-shift', ({ value, hadRecentInput }) => { if (!hadRecentInput) seen.shift += value; });
  // Who sees nothing yet does not wait for the page to react.
  const isSeen = (time) => performance.getEntriesByName('first-contentful-paint').some(({ startTime }) => startTime <= time);
  watch('longtask', ({ startTime, duration }) => {
    if (isSeen(startTime)) seen.blocked += Math.max(0, duration - 50);
  });
  new MutationObserver(() => {
    const answer = document.querySelector('section[aria-busy] [role=status]')?.textContent ?? '';
    if (seen.answered === 0 && /\\d\\s*%/.test(answer)) seen.answered = performance.now();
  }).observe(document, { subtree: true, childList: true, characterData: true });
`;

await prove('page', withoutChromium(), async ({ short }) => {
  const service = await startService();
  const browser = await launchBrowser();
  const figures: string[] = [];
  const violations: string[] = [];
  try {
    for (const device of [DESKTOP, PHONE]) {
      const weight = await weigh(browser, `${service.address}/`, device);
      const openings: Opening[] = [];
      for (let run = 0; run < (short ? SHORT_RUNS : RUNS); run += 1)
        openings.push(await open(browser, `${service.address}/`, device));
      const middle = middleOf(openings);
      figures.push(wordsOf(device, weight, middle));
      violations.push(...violationsOf(device, weight, middle, short));
    }
  } finally {
    await browser.close();
    violations.push(...(await service.end()));
  }
  return { figures: `${figures.join('; ')}${short ? ' (times not judged in a short run)' : ''}`, violations };
});

/** A profile that knows nothing yet opens the page, and gives it a picture as soon as there is something to give it to. */
async function open(browser: Browser, address: string, { options, slow }: Device): Promise<Opening> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  try {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    if (slow) {
      await session.send('Emulation.setCPUThrottlingRate', SLOW_CPU);
      await session.send('Network.emulateNetworkConditions', SLOW_NETWORK);
    }
    await page.addInitScript(WATCH);
    await page.goto(address, { waitUntil: 'commit' });
    await page.locator('input[type=file]').first().setInputFiles(PICTURE);
    const seen = await seenOf(page);
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return { ...seen, heapMegabytes: usedSize / 1e6 };
  } finally {
    await context.close();
  }
}

/** What comes when the page is opened, before anybody does anything. */
async function weigh(browser: Browser, address: string, { options }: Device): Promise<Weight> {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    const types = new Map<string, string>();
    const sizes = new Map<string, number>();
    session.on('Network.responseReceived', ({ requestId, type }) => types.set(requestId, type));
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) =>
      sizes.set(requestId, encodedDataLength),
    );
    await session.send('Network.enable');
    await session.send('Network.setExtraHTTPHeaders', { headers: { 'Accept-Encoding': 'gzip' } });
    await page.goto(address, { waitUntil: 'networkidle' });
    const all = [...sizes].map(([id, bytes]) => ({ type: types.get(id) ?? '', kilobytes: bytes / 1000 }));
    const sum = (those: typeof all) => those.reduce((total, { kilobytes }) => total + kilobytes, 0);
    const bundle = all.filter(({ type }) => ['Document', 'Script', 'Stylesheet'].includes(type));
    return { kilobytes: sum(bundle), allKilobytes: sum(all) };
  } finally {
    await context.close();
  }
}

async function seenOf(page: Page): Promise<Omit<Opening, 'heapMegabytes'>> {
  await until('the answer', () => page.evaluate('seen.answered > 0'), 30_000);
  await page.waitForLoadState('load');
  // What has been painted is told in the next frame but one.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 500)))');
  const seen = (await page.evaluate('seen')) as Readonly<Record<'answered' | 'paint' | 'shift' | 'blocked', number>>;
  return {
    answerSeconds: seen.answered / 1000,
    paintSeconds: seen.paint / 1000,
    shift: seen.shift,
    blockedMs: seen.blocked,
  };
}

function middleOf(openings: readonly Opening[]): Opening {
  const of = (key: keyof Opening) => median(openings.map((opening) => opening[key]));
  return {
    answerSeconds: of('answerSeconds'),
    paintSeconds: of('paintSeconds'),
    shift: of('shift'),
    blockedMs: of('blockedMs'),
    heapMegabytes: of('heapMegabytes'),
  };
}

function wordsOf({ name, slow }: Device, weight: Weight, middle: Opening): string {
  return [
    `${name}: ${weight.kilobytes.toFixed(0)} kB (bound ${MOST_KILOBYTES}), ${weight.allKilobytes.toFixed(0)} kB with the pictures to try`,
    `answer ${middle.answerSeconds.toFixed(2)} s after opening${slow ? '' : ` (bound ${MOST_ANSWER_SECONDS} s)`}`,
    `LCP ${middle.paintSeconds.toFixed(2)} s (bound ${MOST_PAINT_SECONDS} s)`,
    `CLS ${middle.shift.toFixed(3)} (bound ${MOST_SHIFT})`,
    `blocked ${middle.blockedMs.toFixed(0)} ms (bound ${MOST_BLOCKED_MS} ms)`,
    `heap ${middle.heapMegabytes.toFixed(1)} MB`,
  ].join(', ');
}

function violationsOf({ name, slow }: Device, { kilobytes }: Weight, middle: Opening, short: boolean): string[] {
  const { answerSeconds, paintSeconds, shift, blockedMs } = middle;
  const broken: readonly (readonly [boolean, string])[] = [
    [!(kilobytes > 0 && kilobytes <= MOST_KILOBYTES), `${kilobytes.toFixed(0)} kB`],
    [shift > MOST_SHIFT, `a layout shift of ${shift.toFixed(3)}`],
    [!short && !slow && answerSeconds > MOST_ANSWER_SECONDS, `an answer after ${answerSeconds.toFixed(2)} s`],
    [!short && paintSeconds > MOST_PAINT_SECONDS, `the largest paint after ${paintSeconds.toFixed(2)} s`],
    [!short && blockedMs > MOST_BLOCKED_MS, `${blockedMs.toFixed(0)} ms blocked`],
  ];
  return broken.filter(([isBroken]) => isBroken).map(([, what]) => `${name}: ${what}`);
}
