import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { requireAccessible, requireFit, textOf, textsOf } from '../support/browser.js';
import { examples } from '../support/paths.js';
import { withoutChromium } from '../support/requirements.js';
import { listeningServiceFor } from '../support/service.js';
import { sharedSite, type Visit } from '../support/site.js';

const cat = path.join(examples, 'chelsea.png');
const coffee = path.join(examples, 'coffee.png');
const phone: BrowserContextOptions = { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true };

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly summary: string }>>>>;
}

describe('the page API', { skip: withoutChromium() }, () => {
  const site = sharedSite();

  /** At a call, or at the list of all of them. */
  const inPage = (call: string, use: (page: Page) => Promise<void>, visit?: Visit) =>
    site.visit(
      async (page) => {
        await page.getByRole('navigation', { name: /^(Calls|调用)$/ }).waitFor({ state: 'attached' });
        await use(page);
      },
      { hash: `#/api${call}`, ...visit },
    );

  test('is where /docs leads, and lists every call with its summary', () =>
    inPage('', async (page) => {
      await page.goto(`${site.service.address}docs`);
      await page.getByRole('heading', { level: 1, name: 'API' }).waitFor();
      assert.equal(page.url(), `${site.service.address}#/api`);
      const { paths } = (await (
        await page.request.get(`${site.service.address}api/v1/openapi.json`)
      ).json()) as Described;
      const calls = Object.entries(paths).flatMap(([route, methods]) =>
        Object.entries(methods).map(([method, { summary }]) =>
          `${method.toUpperCase()} ${route} ${summary.replaceAll('`', '')}`.replace(/\s+/g, ' '),
        ),
      );
      const links = await textsOf(page.getByRole('navigation', { name: 'Calls' }).getByRole('link'));
      assert.deepEqual(links.toSorted(), calls.toSorted());
      assert.equal(
        await page.getByRole('link', { name: 'OpenAPI document' }).getAttribute('href'),
        'api/v1/openapi.json',
      );
      await page.getByText('This service asks for no key.').waitFor();
    }));

  test('finds calls by their words, and goes from one to the next with the focus on what is read', () =>
    inPage('', async (page) => {
      const calls = page.getByRole('navigation', { name: 'Calls' });
      await page.getByLabel('Find a call').fill('csv');
      assert.equal(await calls.getByRole('link').count(), 1);
      await page.getByLabel('Find a call').fill('job xylophone');
      await page.getByText('No call has these words.').waitFor();
      await page.getByLabel('Find a call').fill('');
      await calls.getByRole('link', { name: '/api/v1/compare' }).click();
      const heading = page.getByRole('heading', { level: 2, name: 'What several models say about the same pictures.' });
      await heading.waitFor();
      assert.equal(await page.evaluate('document.activeElement.textContent'), await heading.textContent());
      assert.match((await calls.locator('[aria-current=page]').textContent()) ?? '', /compare/);
      await page.goBack();
      await calls.getByRole('link', { name: '/api/v1/classify' }).waitFor();
      await page.goto(`${site.service.address}#/api/nothing`);
      await page.getByText('There is no such call.').waitFor();
    }));

  test('describes parameters, bodies, answers and errors', () =>
    inPage('/classify', async (page) => {
      const article = page.getByRole('article');
      await article.getByText('whole number, 1 to 1000').waitFor();
      const words = await textOf(article);
      assert.match(words, /precision "auto" \| "int8" \| "fp32" Arithmetic of the model/);
      assert.match(words, /wnid text or null WordNet id; null for classes of your own\./);
      assert.match(words, /predictions list of object The most probable classes, best first\./);
      assert.match(words, /429 MODELS_BUSY QUEUE_FULL RATE_LIMITED/);
      assert.match(words, /413 IMAGE_TOO_LARGE REQUEST_TOO_LARGE/);
      await article.locator('code').getByText('respond-async').first().waitFor();
      assert.deepEqual(await article.getByLabel('lang').locator('option').allTextContents(), [
        '– not given –',
        'en',
        'zh',
      ]);
      await article.getByText('202').click();
      await article.getByText('As its pace has been so far').waitFor();
    }));

  test("tries a call with a picture in a form or bare: the answer is the API's, and so are the snippets", () =>
    inPage('/classify', async (page) => {
      const article = page.getByRole('article');
      assert.equal(await article.getByRole('button', { name: 'Send' }).isDisabled(), true);
      await article.getByText('Fill in first: Body').waitFor();
      await article.getByLabel('top').fill('2');
      await article.getByLabel('lang').selectOption('zh');
      await article.getByLabel('Choose files').setInputFiles(cat);
      await article.getByRole('button', { name: 'Send' }).click();
      await article.getByText('200 OK').waitFor();
      const headers = { 'Content-Type': 'image/png' };
      const data = await readFile(cat);
      const route = `${site.service.address}api/v1/classify?top=2&lang=zh`;
      const expected: unknown = await (await page.request.post(route, { data, headers })).json();
      assert.deepEqual(withoutTiming(await answerIn(article)), withoutTiming(expected));
      assert.match(await textOf(article), /200 OK [\d.]+ ms · \d+ B/);
      await article.getByText('Headers', { exact: true }).click();
      await article.getByText('kaiyan-model', { exact: true }).waitFor();
      await requireAccessible(page);

      const snippet = article.getByRole('region', { name: 'curl' });
      assert.equal(
        await snippet.textContent(),
        `curl -X POST '${route}' \\\n  -F 'image=@"chelsea.png";type=image/png'`,
      );
      await article.getByLabel('Sent as').selectOption('image/*');
      assert.match(
        (await snippet.textContent()) ?? '',
        /-H 'Content-Type: image\/png' \\\n {2}--data-binary '@chelsea.png'$/,
      );
      await article.getByRole('button', { name: 'A cup of coffee' }).click();
      await article.getByText('1 file: coffee.png').waitFor();
      await article.getByRole('button', { name: 'Send' }).click();
      await article.getByText('浓缩咖啡').first().waitFor();
      await page.getByRole('radio', { name: 'Python' }).check();
      await article.getByText('data=open("coffee.png", "rb")').waitFor();
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await article.getByRole('button', { name: 'Copy' }).click();
      await page.getByText('Python copied.').waitFor();
      assert.match(await page.evaluate('navigator.clipboard.readText()'), /^import requests\n/);

      await article.getByLabel('top').fill('5000');
      await article.getByRole('button', { name: 'Send' }).click();
      await article.getByText('400 Bad Request').waitFor();
      await article.getByText('REQUEST_INVALID').first().waitFor();
    }));

  test('tries a call with JSON, and says when it is none', () =>
    inPage('/activateModel', async (page) => {
      const article = page.getByRole('article');
      await article.getByText('Manages the service').waitFor();
      await article.getByLabel('JSON').fill('{"model": ');
      await article.getByText('This is not JSON yet.').waitFor();
      await article.getByLabel('JSON').fill('{"model": "none"}');
      assert.equal(await article.getByText('This is not JSON yet.').isVisible(), false);
      await article.getByRole('button', { name: 'Send' }).click();
      await article.getByText('404 Not Found').waitFor();
      assert.match(JSON.stringify(await answerIn(article)), /MODEL_NOT_FOUND/);
    }));

  test('shows pictures, streams what comes until it is stopped, and offers files', () =>
    inPage('/createJob', async (page) => {
      const article = page.getByRole('article');
      await article.getByLabel('thumbnails').selectOption('true');
      await article.getByLabel('Choose files').setInputFiles([cat, coffee]);
      await article.getByRole('button', { name: 'Send' }).click();
      await article.getByText('202 Accepted').waitFor();
      const { id } = (await answerIn(article)) as { readonly id: string };

      const go = async (call: string, values: Readonly<Record<string, string>> = {}) => {
        await page.goto(`${site.service.address}#/api/${call}`);
        await article.getByLabel('id', { exact: true }).waitFor();
        for (const [name, value] of Object.entries({ id, ...values }))
          await article.getByLabel(name, { exact: true }).fill(value);
        await article.getByRole('button', { name: 'Send' }).click();
      };
      await go('followJob');
      await article.getByText('event: job').last().waitFor();
      await article.getByText('"state":"completed"').last().waitFor();

      await go('showThumbnail', { item: '0' });
      const picture = article.getByRole('img', { name: 'The picture that came back' });
      await picture.waitFor();
      const drawn = await page.evaluate(`(async () => {
        const image = document.querySelector('article img');
        await image.decode();
        return Math.max(image.naturalWidth, image.naturalHeight);
      })()`);
      assert.equal(drawn, 256);

      await go('downloadCsv');
      await article.getByText('chelsea.png').last().waitFor();
      const download = page.waitForEvent('download');
      await article.getByRole('link', { name: 'Download' }).click();
      assert.equal((await download).suggestedFilename(), 'results.csv');

      await go('deleteJob');
      await article.getByText('204 No Content').waitFor();
      await article.getByText('Without a body.').waitFor();
      await go('showJob');
      await article.getByText('404 Not Found').waitFor();

      await page.route('**/api/v1/jobs/*', () => undefined);
      await article.getByRole('button', { name: 'Send' }).click();
      await article.getByText('Waiting for the answer…').waitFor();
      // Twice, as some people click.
      await article.getByRole('button', { name: 'Stop' }).dblclick();
      await article.getByText('Stopped.').waitFor();
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await page.context().setOffline(true);
      await article.getByRole('button', { name: 'Send' }).click();
      await article.getByText('The service does not answer.').waitFor();
    }));

  test('sends the key of the settings, shows none in snippets, and says where it is given', async (t) => {
    const { address: at } = await listeningServiceFor(t, { apiKey: 'sesame', adminToken: 'open it' });
    await inPage(
      '/listModels',
      async (page) => {
        const article = page.getByRole('article');
        await article.getByText('Bearer YOUR_KEY').waitFor();
        await article.getByRole('button', { name: 'Send' }).click();
        await article.getByText('401 Unauthorized').waitFor();
        await article.getByRole('link', { name: 'Settings' }).click();
        await page.getByLabel('API key', { exact: true }).fill('sesame');
        await page.getByLabel('Admin token', { exact: true }).fill('open it');
        await page.goBack();
        await article.getByRole('button', { name: 'Send' }).click();
        await article.getByText('200 OK').waitFor();
        assert.doesNotMatch(await textOf(article.getByRole('region', { name: 'curl' })), /sesame/);
        await page.goto(`${page.url().split('#')[0]}#/api/activateModel`);
        await article.getByText('Bearer YOUR_ADMIN_TOKEN').waitFor();
        await article.getByLabel('JSON').fill('{"model": "efficientnet-lite2"}');
        await article.getByRole('button', { name: 'Send' }).click();
        await article.getByText('200 OK').waitFor({ timeout: 30_000 });
      },
      { at },
    );
  });

  test('speaks Chinese around the words of the service, fits a phone, and has a dark side; axe minds nothing', async () => {
    await inPage(
      '',
      async (page) => {
        await page.getByPlaceholder('查找调用').waitFor();
        await page.getByRole('heading', { name: '批量识别' }).waitFor();
        await page.getByText('只有英文').waitFor();
        await requireAccessible(page);
        await requireFit(page);
        await page.getByRole('link', { name: '/api/v1/compare' }).click();
        const article = page.getByRole('article');
        await article.getByRole('heading', { name: '可能的错误' }).waitFor();
        await article.getByText('必填').waitFor();
        assert.equal(await article.getByRole('heading', { level: 2 }).locator('span').getAttribute('lang'), 'en');
        await requireAccessible(page);
        await requireFit(page);
        await page.getByRole('link', { name: '全部调用' }).click();
        await page.getByPlaceholder('查找调用').waitFor();
      },
      { ...phone, locale: 'zh-CN', colorScheme: 'dark' },
    );
  });
});

/** The JSON that is shown as the answer. */
const answerIn = async (article: Locator): Promise<unknown> =>
  JSON.parse((await article.getByRole('region', { name: 'Answer' }).textContent()) ?? '');

const withoutTiming = (answer: unknown) => ({ ...(answer as Record<string, unknown>), timing: undefined });
