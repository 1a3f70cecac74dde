import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { BrowserContextOptions, Locator, Page, Route } from 'playwright-core';
import type { Settings } from '#kaiyan/config.js';
import type { AnswerOf, compareAnswer, modelsAnswer } from '#kaiyan/server/contract.js';
import type { Serving } from '#kaiyan/serving/serving.js';
import { dropFiles, paste, requireAccessible, requireFit, textOf, textsOf } from '../support/browser.js';
import { customBundle, embeddedManifest } from '../support/bundles.js';
import { temporaryFolder } from '../support/folders.js';
import { examples, project } from '../support/paths.js';
import { withoutChromium } from '../support/requirements.js';
import { type ListeningService, listeningServiceFor } from '../support/service.js';
import { sharedSite, type Visit } from '../support/site.js';
import { until } from '../support/timing.js';

const cat = path.join(examples, 'chelsea.png');
const coffee = path.join(examples, 'coffee.png');
const alps = path.join(examples, 'alps.jpg');
const phone: BrowserContextOptions = { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true };

type Models = AnswerOf<typeof modelsAnswer>;
type Comparison = AnswerOf<typeof compareAnswer>;

describe('the pages about models', { skip: withoutChromium() }, () => {
  const site = sharedSite({ settings: { loadedModels: 4 } });

  const inPage = (use: (page: Page) => Promise<void>, visit?: Visit) =>
    site.visit(
      async (page) => {
        await page.getByRole('heading', { level: 1, name: /odels|模型/ }).waitFor();
        await use(page);
      },
      { hash: '#/models', ...visit },
    );

  async function inPageOf(
    t: TestContext,
    { around, ...settings }: Partial<Settings> & { readonly around?: (serving: Serving) => Serving },
    use: (page: Page, service: ListeningService) => Promise<void>,
  ) {
    const service = await listeningServiceFor(t, settings, around);
    await inPage((page) => use(page, service), { at: service.address });
  }

  const card = (page: Page, name: string) => page.getByRole('article', { name });
  const ask = async <Answer>(page: Page, route: string): Promise<Answer> =>
    (await page.request.get(page.url().split('#')[0] + route)).json() as Promise<Answer>;

  test('show what is installed as the API has it, in both languages, in the dark and on a phone; axe minds nothing', async () => {
    const looks: readonly [readonly [string, string, string, string], BrowserContextOptions][] = [
      [['Answers now', '75.1 %', 'ImageNet-1k validation', '4.7 million'], { colorScheme: 'dark' }],
      [['正在使用', '75.1%', 'ImageNet-1k 验证集', '465 万'], { ...phone, locale: 'zh-CN' }],
    ];
    for (const [words, options] of looks)
      await inPage(async (page) => {
        const { models } = await ask<Models>(page, 'api/v1/models');
        assert.ok(models.length >= 2);
        for (const { name, license, files, input } of models) {
          const one = card(page, name);
          await one.getByText(`${input.width} × ${input.height}`).waitFor();
          const shown = await textOf(one);
          assert.ok(
            shown.includes(license) && shown.includes(`${((files[0]?.bytes ?? 0) / 1e6).toFixed(1)} MB`),
            shown,
          );
        }
        const first = card(page, 'efficientnet-lite0');
        for (const each of words) await first.getByText(each).first().waitFor();
        await requireAccessible(page);
        await requireFit(page);
      }, options);
  });

  test('show each precision with its size, and where a model comes from', () =>
    inPage(async (page) => {
      const words = card(page, 'efficientnet-lite0');
      await words.getByText('5.1 MB').waitFor();
      await words.getByRole('radio', { name: 'FP32' }).check();
      await words.getByText('18.5 MB').waitFor();
      assert.equal(await card(page, 'efficientnet-lite2').getByRole('radio').count(), 0);
      await words.getByText('Where it comes from').click();
      const { source } = await ask<{ source: { package: string; sha256: string; note: string } }>(
        page,
        'api/v1/models/efficientnet-lite0',
      );
      for (const part of [source.package, source.sha256, source.note]) await words.getByText(part).waitFor();
    }));

  test('say what a model is now, though another precision or version came since they were last open', async (t) => {
    const home = await temporaryFolder(t);
    const described = async (version: string, top1: number) => ({
      ...(await embeddedManifest()),
      ...{ name: 'mine', version, metrics: [{ precision: 'fp32', top1, on: 'my pictures', source: 'published' }] },
    });
    const folder = await customBundle(home, 'mine', await described('1', 61.5));
    await inPageOf(t, { home }, async (page) => {
      await card(page, 'mine').getByText('61.5 %').waitFor();
      for (const [version, top1] of [
        ['1', 62.5],
        ['2', 63.5],
      ] as const) {
        await page.getByRole('link', { name: 'Settings' }).click();
        await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
        await writeFile(path.join(folder, 'model.json'), JSON.stringify(await described(version, top1)));
        await page.getByRole('link', { name: 'Models' }).click();
        await card(page, 'mine').getByText(`${top1} %`).waitFor();
      }
    });
  });

  test('measure a model with requests one after another, and say how; that can be canceled', () =>
    inPage(async (page) => {
      const words = card(page, 'efficientnet-lite0');
      const asked: string[] = [];
      let inWork = 0;
      let mostInWork = 0;
      page.on('request', (request) => {
        if (!request.url().includes('api/v1/classify')) return;
        asked.push(request.url());
        inWork += 1;
        mostInWork = Math.max(mostInWork, inWork);
      });
      page.on('requestfinished', (request) => {
        if (request.url().includes('api/v1/classify')) inWork -= 1;
      });
      await words.getByRole('button', { name: 'Measure speed' }).press('Enter');
      assert.equal(
        await card(page, 'efficientnet-lite2').getByRole('button', { name: 'Measure speed' }).isDisabled(),
        true,
      );
      await words.getByText('Median of 20 requests').waitFor({ timeout: 60_000 });
      assert.match(await textOf(words), /Speed [\d.]+ ms for one picture; the whole answer takes [\d.]+ ms/);
      assert.deepEqual([asked.length, mostInWork], [23, 1]);
      assert.match(asked[0] ?? '', /model=efficientnet-lite0&precision=int8/);
      const hasFocus = (button: Locator) => button.and(page.locator(':focus')).waitFor();
      await hasFocus(words.getByRole('button', { name: 'Measure speed' }));

      const other = card(page, 'efficientnet-lite2');
      // Some are canceled by then, or the page is.
      const late = (route: Route) => route.continue().catch(() => undefined);
      await page.route('**/api/v1/classify*', (route) => setTimeout(late, 1000, route));
      // Twice, as some people click.
      await other.getByRole('button', { name: 'Measure speed' }).dblclick();
      await other.getByText('Loading the model…').waitFor();
      await hasFocus(other.getByRole('button', { name: 'Cancel' }));
      await page.keyboard.press('Enter');
      await hasFocus(other.getByRole('button', { name: 'Measure speed' }));
      await page.keyboard.press('Enter');
      await other.getByRole('button', { name: 'Cancel' }).click();
      await hasFocus(other.getByRole('button', { name: 'Measure speed' }));
      await other.getByRole('button', { name: 'Measure speed' }).hover();
      await page.mouse.down({ clickCount: 2 });
      await page.mouse.up({ clickCount: 2 });
      await page.evaluate('new Promise((done) => setTimeout(() => requestAnimationFrame(done), 100))');
      assert.equal(await other.getByRole('button', { name: 'Cancel' }).count(), 0);
      assert.match(await textOf(other), /not measured yet/);
      assert.equal(await page.getByRole('alert').count(), 0);
      await page.unrouteAll({ behavior: 'ignoreErrors' });
    }));

  test('let another model answer, say so while it loads, and keep the focus', async (t) => {
    const held = new AbortController();
    const holdActivation = (serving: Serving): Serving => ({
      ...serving,
      activate: async (choice) => {
        if (!held.signal.aborted) await once(held.signal, 'abort');
        return serving.activate(choice);
      },
    });
    await inPageOf(t, { around: holdActivation }, async (page) => {
      const words = card(page, 'efficientnet-lite2');
      await words.getByRole('button', { name: 'Let it answer' }).click();
      await words.getByText('Loading and checking efficientnet-lite2 (INT8).').waitFor();
      assert.equal(await card(page, 'efficientnet-lite0').getByText('Answers now').first().isVisible(), true);
      held.abort();
      await page.getByText('efficientnet-lite2 (INT8) answers now.').waitFor();
      await words.getByRole('button', { name: 'Answers now' }).waitFor();
      assert.equal(await page.evaluate('document.activeElement.textContent'), 'Answers now');
      const { loaded } = await ask<Models>(page, 'api/v1/models');
      assert.equal(loaded.find(({ active }) => active)?.name, 'efficientnet-lite2');
      const answered = page.waitForResponse((response) => response.url().includes('api/v1/classify'));
      await page.getByRole('link', { name: 'Classify' }).click();
      await page.getByLabel('Choose pictures').setInputFiles(cat);
      assert.match((await (await answered).headerValue('Kaiyan-Model')) ?? '', /^efficientnet-lite2@/);
    });
  });

  test('ask for the key, then for the admin token, and use it', (t) =>
    inPageOf(t, { apiKey: 'sesame', adminToken: 'open it' }, async (page) => {
      await page.getByRole('heading', { name: 'This service asks for a key' }).waitFor();
      await page.getByLabel('Key', { exact: true }).fill('sesame');
      await page.keyboard.press('Enter');
      const words = card(page, 'efficientnet-lite2');
      await words.getByRole('button', { name: 'Let it answer' }).click();
      await words.getByRole('heading', { name: 'The admin token is wanted' }).waitFor();
      await words.getByLabel('Admin token', { exact: true }).fill('wrong');
      await page.keyboard.press('Enter');
      await words.getByRole('heading', { name: 'This is not the admin token of this service' }).waitFor();
      await requireAccessible(page);
      await words.getByLabel('Admin token', { exact: true }).fill('open it');
      await words.getByRole('button', { name: 'Use this token' }).click();
      await words.getByRole('button', { name: 'Answers now' }).waitFor();
    }));

  test('say what to do where the service cannot be managed from here', (t) =>
    inPageOf(t, { host: '0.0.0.0' }, async (page) => {
      const words = card(page, 'efficientnet-lite2');
      await words.getByText('Which model answers cannot be changed from here').waitFor();
      assert.equal(await words.getByRole('button', { name: 'Let it answer' }).isDisabled(), true);
      await words.getByText('kaiyan models use efficientnet-lite2 --precision int8').waitFor();
    }));

  test('say why a model could not be loaded', (t) =>
    inPageOf(t, {}, async (page) => {
      const words = card(page, 'efficientnet-lite0');
      await words.getByRole('radio', { name: 'FP32' }).check();
      await page.route('**/api/v1/models/active', (route) =>
        route.fulfill({ status: 422, json: { code: 'ACTIVATION_FAILED', error: 'It failed while it was checked.' } }),
      );
      await words.getByRole('button', { name: 'Let it answer' }).click();
      await words.getByText('It failed while it was checked.').waitFor();
      await page.getByRole('radio', { name: '中文' }).check();
      await words.getByText('换上的模型没有通过检查').waitFor();
      assert.equal(await words.getByRole('button', { name: '用它识别' }).isEnabled(), true);
    }));

  describe('when they are compared', () => {
    const compared = (page: Page, name: string) => page.getByRole('article', { name });
    /** What one model says of a picture. */
    const said = (page: Page, name: string, model: string) =>
      compared(page, name)
        .getByRole('listitem')
        .filter({ has: page.getByRole('heading', { name: model }) });
    const inComparison = (use: (page: Page) => Promise<void>, options: BrowserContextOptions = {}) =>
      inPage(
        async (page) => {
          // What falls on the page before it is there is nobody's.
          await page.getByLabel(/Add pictures|添加图片/).waitFor({ state: 'attached' });
          await use(page);
        },
        { ...options, hash: '#/models/compare' },
      );

    test('say of each picture what the API says, those first where they disagree', () =>
      inComparison(async (page) => {
        await page.getByRole('button', { name: 'A cup of coffee' }).click();
        await compared(page, 'coffee.png').getByText('They agree').waitFor();
        await page.getByLabel('Add pictures').setInputFiles([alps, cat]);
        await compared(page, 'chelsea.png').getByText('They disagree').waitFor();
        await compared(page, 'alps.jpg').getByText('They agree').waitFor();
        assert.deepEqual(await page.getByRole('article').getByRole('heading', { level: 2 }).allTextContents(), [
          'chelsea.png',
          'coffee.png',
          'alps.jpg',
        ]);
        for (const file of [cat, coffee, alps]) {
          const { pictures, models } = await compareByApi(page, file);
          assert.deepEqual(
            models.map(({ name }) => name),
            ['efficientnet-lite0', 'efficientnet-lite2'],
          );
          const [picture] = pictures;
          assert.ok(picture && 'answers' in picture);
          for (const { model, predictions } of picture.answers) {
            const column = said(page, path.basename(file), `${model.name} ${model.precision.toUpperCase()}`);
            assert.deepEqual(
              await textsOf(column.getByRole('list').getByRole('listitem')),
              predictions.map(
                ({ label, probability }) =>
                  `${label} ${probability < 0.0005 ? '< 0.1' : (probability * 100).toFixed(1)} %`,
              ),
            );
          }
        }
        const row = page.getByRole('row', { name: /efficientnet-lite2/ });
        assert.match(await textOf(row), /^B efficientnet-lite2 INT8 [\d.]+ ms 6\.7 MB 67 % –$/);
        await requireAccessible(page);

        await page.getByRole('radio', { name: '中文' }).check();
        await compared(page, 'chelsea.png').getByText('看法不同').waitFor();
        await compared(page, 'coffee.png').getByText('意式浓缩咖啡').first().waitFor();
      }));

    test('take two to four models, and ask nothing twice', () =>
      inComparison(async (page) => {
        const asked: string[] = [];
        page.on('request', (request) => {
          if (request.url().includes('/compare?')) asked.push(new URL(request.url()).searchParams.get('models') ?? '');
        });
        await dropFiles(page, [coffee]);
        await compared(page, 'coffee.png').getByText('They agree').waitFor();
        await page.getByLabel('efficientnet-lite0 FP32').check();
        await said(page, 'coffee.png', 'efficientnet-lite0 FP32').waitFor();
        await compared(page, 'coffee.png').getByText('They agree').waitFor();
        await page.getByLabel('efficientnet-lite0 FP32').uncheck();
        await compared(page, 'coffee.png').getByText('They agree').waitFor();
        assert.deepEqual(asked, [
          'efficientnet-lite0:int8,efficientnet-lite2:int8',
          'efficientnet-lite0:int8,efficientnet-lite0:fp32,efficientnet-lite2:int8',
        ]);
        await page.getByLabel('efficientnet-lite2 INT8').uncheck();
        await page.getByText('Choose at least two models.').waitFor();
      }));

    test('fit a phone in the dark, say what cannot be read, and let pictures be removed', () =>
      inComparison(
        async (page) => {
          await paste(page, { text: 'cat' });
          await page.getByText('There is no picture on the clipboard.').waitFor();
          await page.getByLabel('Add pictures').setInputFiles([path.join(project, 'package.json'), alps]);
          await compared(page, 'package.json').getByRole('heading', { name: 'This picture cannot be read' }).waitFor();
          await compared(page, 'alps.jpg').getByText('They agree').waitFor();
          await requireFit(page);
          await requireAccessible(page);
          await page.getByRole('button', { name: 'Remove package.json' }).click();
          assert.equal(await page.getByRole('article').count(), 1);
          await page.getByRole('button', { name: 'Remove all' }).click();
          await page.getByRole('button', { name: 'A cat' }).waitFor();
        },
        { ...phone, colorScheme: 'dark' },
      ));

    test('offer no more than fit into the memory of the service, and say why', (t) =>
      inPageOf(t, { loadedModels: 2 }, async (page, { address }) => {
        await page.goto(`${address}#/models/compare`);
        const option = (name: string) => page.getByRole('checkbox', { name });
        const FULL = /^At most 2 of them.* efficientnet-lite0 INT8, which answers now, takes one of these places/;
        await page.getByText(FULL).waitFor();
        assert.equal(await option('efficientnet-lite0 FP32').isDisabled(), true);
        await option('efficientnet-lite0 INT8').uncheck();
        assert.equal(await option('efficientnet-lite0 FP32').isDisabled(), true);
        assert.equal(await option('efficientnet-lite0 INT8').isEnabled(), true);
        await option('efficientnet-lite0 INT8').check();
        await page.getByLabel('Add pictures').setInputFiles(coffee);
        await compared(page, 'coffee.png').getByText('They agree').waitFor();
      }));

    test('say that there is nothing to compare where there is room for one model', (t) =>
      inPageOf(t, { loadedModels: 1 }, async (page, { address }) => {
        await page.goto(`${address}#/models/compare`);
        await page.getByText('This service keeps one model in memory at a time').waitFor();
        assert.equal(await page.getByLabel('Add pictures').count(), 0);
      }));

    test('say once what is wrong with the models, and call nothing compared', (t) =>
      inPageOf(t, { loadedModels: 2 }, async (page, { address, serving }) => {
        await page.goto(`${address}#/models/compare`);
        await page.getByText('At most 2 of them').waitFor();
        // Meanwhile somebody else changes what answers.
        await serving.activate({ model: 'efficientnet-lite0', precision: 'fp32' });
        await page.getByLabel('Add pictures').setInputFiles([alps, coffee]);
        await page.getByText('TOO_MANY_MODELS').waitFor();
        assert.equal(await page.getByRole('alert').count(), 1);
        assert.equal(await page.getByRole('article').count(), 2);
        await page.getByText('0 of 2 pictures compared').waitFor();
        const rows = page.getByRole('article').getByRole('listitem');
        await until('the last refusal', async () => (await rows.count()) === 0);
      }));
  });
});

/** What the service answers to a program that asks as the page does. */
async function compareByApi(page: Page, file: string): Promise<Comparison> {
  const query = 'models=efficientnet-lite0:int8,efficientnet-lite2:int8&top=5&lang=en';
  const data = await readFile(file);
  const headers = { 'Content-Type': 'image/png' };
  return (await page.request.post(`${page.url().split('#')[0]}api/v1/compare?${query}`, { data, headers })).json();
}
