import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, before, describe, test } from 'node:test';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { browserArguments } from '../support/browser.js';
import { temporaryFolder } from '../support/folders.js';
import { builtPage, nextBuildIn, type PageServer, pageServerFor } from '../support/page-server.js';
import { examples } from '../support/paths.js';
import { chromium as executablePath, withoutChromium } from '../support/requirements.js';
import { listeningServiceFor } from '../support/service.js';
import { suite } from '../support/suite.js';
import { until } from '../support/timing.js';

const cat = path.join(examples, 'chelsea.png');
const NOTICE = 'The service does not answer. Pages open, but';

describe('the page as an app', { skip: withoutChromium() }, () => {
  const t = suite();
  let server: PageServer;
  let context: BrowserContext;
  before(async () => {
    server = await pageServerFor(t, (await listeningServiceFor(t)).address);
    // Nothing can be installed from a private window, which other contexts are.
    context = await chromium.launchPersistentContext(await temporaryFolder(t), {
      ...{ executablePath, args: browserArguments, locale: 'en-GB' },
    });
    t.after(() => context.close());
    context.setDefaultTimeout(20_000);
  });
  afterEach(async () => {
    // The browser ends with its last page.
    const [, ...others] = context.pages();
    await Promise.all(others.map((page) => page.close()));
  });

  /** The page, once the browser keeps it. */
  async function openPage(address = server.address): Promise<Page> {
    const page = await context.newPage();
    await page.goto(address);
    await page.evaluate('navigator.serviceWorker.ready');
    await until('the page is kept', () => page.evaluate('navigator.serviceWorker.controller !== null'), 20_000);
    return page;
  }

  test('can be installed', async () => {
    const page = await openPage();
    const session = await context.newCDPSession(page);
    const { url, errors, data } = await session.send('Page.getAppManifest');
    assert.deepEqual([url, errors], [`${server.address}manifest.webmanifest`, []]);
    assert.equal(JSON.parse(data ?? '').name, 'Kaiyan 开眼');
    assert.deepEqual((await session.send('Page.getInstallabilityErrors')).installabilityErrors, []);
    assert.equal((await session.send('Page.getAppId')).appId, server.address);
  });

  test('offers to be installed where the browser does', async () => {
    const page = await openPage(`${server.address}#/settings`);
    const install = page.getByRole('button', { name: 'Install' });
    // Chromium has its reasons when it offers this; here it does now.
    await page.evaluate(`window.dispatchEvent(Object.assign(new Event('beforeinstallprompt', { cancelable: true }), {
      prompt: () => { document.body.dataset.asked = 'true'; },
    }))`);
    await install.click();
    assert.equal(await page.locator('body').getAttribute('data-asked'), 'true');
    await install.waitFor({ state: 'detached' });
  });

  test('keeps its own files, and never a picture or an answer', async () => {
    const page = await openPage();
    await choose(page);
    await page.getByRole('region', { name: 'Answer' }).getByText('98.2 %').first().waitFor();
    for (const name of ['How it sees', 'Batch', 'API'])
      await page.getByRole('link', { name, exact: true }).first().click();
    const kept = await keptIn(page);
    assert.equal(kept.length, 1);
    const files = (await readdir(builtPage, { recursive: true })).filter((name) =>
      /^(assets.*\.(js|css|webp)|[^/]*\.(png|svg|webmanifest))$/.test(name),
    );
    assert.deepEqual(kept[0]?.files, ['', ...files].sort());
  });

  test('opens while the service is stopped, says so, and answers by itself once it is back', async () => {
    const page = await openPage();
    await server.stop();
    await page.reload();
    await page.getByText(NOTICE).waitFor();
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor();
    await page.getByRole('link', { name: 'Classify' }).click();
    await choose(page);
    await page.getByText('Check that it runs and that you are connected').waitFor();
    await server.start();
    await page.getByRole('region', { name: 'Answer' }).getByText('98.2 %').first().waitFor();
    await page.getByText(NOTICE).waitFor({ state: 'detached' });
  });

  test('notices while it is open that the service was stopped', async () => {
    const page = await openPage();
    await choose(page);
    await page.getByRole('region', { name: 'Answer' }).getByText('98.2 %').first().waitFor();
    await server.stop();
    await choose(page, 'More pictures');
    await page.getByText(NOTICE).waitFor();
    await server.start();
    await page.getByText(NOTICE).waitFor({ state: 'detached' });
  });

  test('opens without a network, and says so in Chinese', async () => {
    const page = await openPage();
    await page.getByRole('radio', { name: '中文' }).check();
    await context.setOffline(true);
    await page.getByText('服务没有应答。页面可以打开').waitFor();
    await page.reload();
    await page.getByText('服务没有应答。页面可以打开').waitFor();
    await context.setOffline(false);
    await page.getByText('服务没有应答。页面可以打开').waitFor({ state: 'detached' });
    await page.getByRole('radio', { name: 'EN' }).check();
  });

  test('takes the next build when it is opened, and until then stays of one', async () => {
    const next = path.join(await temporaryFolder(t), 'web');
    await nextBuildIn(next);
    const page = await openPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    const [before] = await keptIn(page);
    server.show(next);
    // Its files are not where they were.
    await page.evaluate('navigator.serviceWorker.ready.then((registration) => registration.update())');
    await until('the next build is kept', async () => (await keptIn(page)).length === 2, 20_000);
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor();
    assert.equal(await page.locator('html').getAttribute('data-build'), 'next');
    assert.deepEqual(complaints, []);
    await page.close();

    // The worker before it ends a moment after its last page.
    let again = await openPage();
    const isTaken = async () => {
      if ((await keptIn(again)).length === 1) return true;
      await again.close();
      again = await openPage();
      return false;
    };
    await until('the build before is gone', isTaken, 20_000);
    assert.notEqual((await keptIn(again))[0]?.name, before?.name);
    await server.stop();
    await again.reload();
    await again.getByText(NOTICE).waitFor();
    assert.equal(await again.locator('html').getAttribute('data-build'), 'next');
    await server.start();
  });
});

const choose = (page: Page, name = 'Choose pictures') => page.getByLabel(name).setInputFiles(cat);

interface Kept {
  readonly name: string;
  /** Addresses relative to the page, sorted. */
  readonly files: readonly string[];
}

const keptIn = (page: Page): Promise<Kept[]> =>
  page.evaluate(`(async () => {
    const base = new URL('.', location.href).href;
    const kept = (await caches.keys()).map(async (name) => {
      const requests = await (await caches.open(name)).keys();
      return { name, files: requests.map(({ url }) => url.replace(base, '')).sort() };
    });
    return Promise.all(kept);
  })()`);
