/** The page of the camera is answered ten times a second and more for five minutes, and neither it nor the service grows. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../tests/support/browser.js';
import { filmArguments, makeFilm } from '../tests/support/camera.js';
import { examples } from '../tests/support/paths.js';
import { withoutChromium } from '../tests/support/requirements.js';
import { growthOf, growthWords, hasGrown } from './support/growth.js';
import { prove, showProgress } from './support/proof.js';
import { startService, withoutProc } from './support/service-process.js';
import { type Point, quantile } from './support/statistics.js';

const LEAST_RATE = 10;
const MOST_DELAY_MS = 50;
const MOST_PAGE_GROWTH_MB = 1;
const MOST_SERVICE_GROWTH_MB = 5;
const WARM_UP_MS = 3000;
/** What the page asks a camera for. */
const WIDTH = 1280;

/** Notes the time from the drawing of a frame to its answer being read, whatever the page itself says of it. */
const WATCH = `(() => {
  window.latencies = [];
  let drawn;
  const { drawImage } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.drawImage = function (...given) {
    drawn = performance.now();
    return drawImage.apply(this, given);
  };
  const { json } = Response.prototype;
  Response.prototype.json = async function () {
    const read = await json.call(this);
    if (this.ok && this.url.includes('/classify')) latencies.push(performance.now() - drawn);
    return read;
  };
})()`;

const takeLatencies = async (page: Page) => (await page.evaluate('latencies.splice(0)')) as number[];

await prove('camera', withoutProc() || withoutChromium(), async ({ short }) => {
  const seconds = short ? 10 : 300;
  const sampleSeconds = short ? 1 : 3;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-camera-'));
  const file = path.join(folder, 'film.mjpeg');
  const pictures = readdirSync(examples).map((name) => path.join(examples, name));
  await makeFilm({ file, pictures, seconds: 2, width: WIDTH });
  const service = await startService();
  const browser = await launchBrowser([...filmArguments(file)]);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const refused: string[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/classify') && !response.ok()) refused.push(`answered with ${response.status()}`);
  });
  page.on('pageerror', (error) => refused.push(`the page failed: ${String(error)}`));
  await page.addInitScript(WATCH);
  await page.goto(`${service.address}/#/camera`);
  await page.locator('video').waitFor();
  await sleep(WARM_UP_MS);

  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const heap = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN) / 1e6;
  };
  const samples: { readonly page: Point; readonly browser: Point; readonly service: Point }[] = [];
  const latencies: number[] = [];
  // Each look at it begins a new measurement.
  await loopDelayMs(service.address);
  await takeLatencies(page);
  const begun = performance.now();
  const cpuBefore = service.cpuSeconds();
  const passed = () => (performance.now() - begun) / 1000;
  while (passed() < seconds) {
    await sleep(sampleSeconds * 1000);
    const x = passed();
    samples.push({
      page: { x, y: await heap() },
      browser: { x, y: await browserMegabytes(browser) },
      service: { x, y: service.megabytes() },
    });
    latencies.push(...(await takeLatencies(page)));
    showProgress(Math.min(x, seconds), seconds);
  }
  const took = passed();
  const delayMs = await loopDelayMs(service.address);
  const cores = (service.cpuSeconds() - cpuBefore) / took;
  const sentence = await page.locator('section[aria-label] p').first().textContent();
  await browser.close();
  const ended = await service.end();
  await rm(folder, { recursive: true });

  const rate = latencies.length / took;
  const growth = {
    page: growthOf(samples.map((sample) => sample.page)),
    browser: growthOf(samples.map((sample) => sample.browser)),
    service: growthOf(samples.map((sample) => sample.service)),
  };
  const slow = [
    ...(rate >= LEAST_RATE ? [] : [`only ${rate.toFixed(1)} frames a second`]),
    ...(delayMs <= MOST_DELAY_MS ? [] : [`the event loop of the service was late by ${delayMs.toFixed(0)} ms`]),
    ...(hasGrown(growth.page, MOST_PAGE_GROWTH_MB) ? ['the page has grown'] : []),
    ...(hasGrown(growth.service, MOST_SERVICE_GROWTH_MB) ? ['the service has grown'] : []),
  ];
  const figures = [
    `${latencies.length} frames in ${took.toFixed(0)} s: ${rate.toFixed(1)} a second (bound ${LEAST_RATE})`,
    `from frame to answer p50 ${quantile(latencies, 0.5).toFixed(0)} ms, p99 ${quantile(latencies, 0.99).toFixed(0)} ms`,
    `delay of the service's event loop p99 ${delayMs.toFixed(0)} ms (bound ${MOST_DELAY_MS} ms), ${cores.toFixed(2)} cores`,
    `heap of the page ${growthWords(growth.page, MOST_PAGE_GROWTH_MB)}`,
    `the whole browser ${growth.browser.early.toFixed(0)} MB, then ${growth.browser.late.toFixed(0)} MB (its inspector keeps what was sent)`,
    `service ${growthWords(growth.service, MOST_SERVICE_GROWTH_MB)}`,
    `load of the machine ${os.loadavg()[0]?.toFixed(1)}`,
    `at the end it says "${sentence?.replace(/\s+/g, ' ').trim()}"`,
  ];
  return {
    figures: `${figures.join('; ')}${short ? '; nothing of this is judged in a short run but that there are answers' : ''}`,
    violations: [
      ...refused,
      ...(latencies.length > 0 && sentence ? [] : ['the page has no answers']),
      // A short run has to pass on any machine.
      ...(short ? [] : slow),
      ...ended,
    ],
  };
});

/** p99 of the service's event loop since the last call. */
async function loopDelayMs(address: string): Promise<number> {
  const text = await (await fetch(`${address}/metrics`)).text();
  return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(text)?.[1]) * 1000;
}

/** Resident memory of all processes of the browser; what they share is counted in each. */
async function browserMegabytes(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.reduce((sum, { id }) => sum + megabytesOf(id), 0);
}

/** 0 for a process that has ended. */
function megabytesOf(pid: number): number {
  const status = `/proc/${pid}/status`;
  const words = existsSync(status) ? readFileSync(status, 'utf8') : '';
  return (Number(/^VmRSS:\s+(\d+) kB/m.exec(words)?.[1] ?? 0) * 1024) / 1e6;
}
