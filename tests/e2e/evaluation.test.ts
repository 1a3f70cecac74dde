import assert from 'node:assert/strict';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { ComparedEvaluations } from '#kaiyan/evaluation/evaluation.js';
import { type ReportOptions, writeReport } from '#kaiyan/evaluation/report/report.js';
import { launchBrowser, requireAccessible } from '../support/browser.js';
import { temporaryFolder } from '../support/folders.js';
import { examples } from '../support/paths.js';
import { withoutChromium } from '../support/requirements.js';
import { kaiyan } from '../support/run-command.js';
import { suite } from '../support/suite.js';

const languages = {
  en: { tag: 'en', says: /Two are the same.*espresso/s },
  zh: { tag: 'zh-Hans', says: /有两张相同.*意式浓缩咖啡/s },
};

const BOTH = 'efficientnet-lite0:int8,efficientnet-lite2:int8';

describe('the report of an evaluation', { skip: withoutChromium() }, () => {
  let browser: Browser;
  let folder: string;
  /** What the command found, and its own report. */
  let found: ComparedEvaluations;
  let report: string;
  const t = suite();

  before(async () => {
    folder = await temporaryFolder(t);
    const photos = path.join(folder, 'photos');
    const long = `${'a_very_long_name_without_a_space_'.repeat(6)}<img src=x onerror=alert(1)>.png`;
    for (const [from, to] of [
      ['coffee.png', 'espresso/1.png'],
      ['chelsea.png', `espresso/${long}`],
      ['alps.jpg', 'tiger-striped cat/二.jpg'],
      ['chelsea.png', 'Egyptian Mau/3.png'],
      ['chelsea.png', 'a class & that "no" model has/4.png'],
    ] as const) {
      await mkdir(path.dirname(path.join(photos, to)), { recursive: true });
      await copyFile(path.join(examples, from), path.join(photos, to));
    }
    await writeFile(path.join(photos, 'espresso/broken.png'), 'nothing');
    report = path.join(folder, 'report.html');
    const { status, stdout, stderr } = await kaiyan([
      'evaluate',
      photos,
      '--compare',
      BOTH,
      '--report',
      report,
      '--json',
    ]);
    assert.equal(status, 1, stderr);
    found = JSON.parse(stdout) as ComparedEvaluations;
    browser = await launchBrowser();
    t.after(() => browser.close());
  });

  /** Opens it from the disk; it may not complain, nor ask for anything. */
  async function open(file: string, use: (page: Page) => Promise<void>, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    const complaints: string[] = [];
    try {
      const page = await context.newPage();
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('request', (request) => {
        if (!request.url().startsWith('data:') && request.url() !== pathToFileURL(file).href)
          complaints.push(request.url());
      });
      await page.goto(pathToFileURL(file).href);
      await use(page);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  }

  async function written(changes: Partial<ComparedEvaluations>, options: ReportOptions): Promise<string> {
    const file = path.join(folder, `${options.lang}-${Object.keys(changes).length}.html`);
    await writeReport({ ...found, ...changes }, file, options);
    return file;
  }

  test('shows two models side by side, with the pictures of their mistakes', async () => {
    await open(report, async (page) => {
      assert.match((await page.title()) ?? '', /^Comparison: efficientnet-lite0@1 INT8 and efficientnet-lite2@1 INT8$/);
      assert.equal(await page.locator('.number').count(), 2);
      const [first] = found.evaluations;
      assert.equal(
        await page.locator('.number').first().textContent(),
        `${((first?.top1.value ?? 0) * 100).toFixed(1)}\u00a0%`,
      );
      assert.match((await page.locator('#paired + p').textContent()) ?? '', /right/);
      const sizes = await page.evaluate('[...document.images].map((image) => image.complete && image.naturalWidth)');
      assert.ok(
        (sizes as number[]).length >= 2 && (sizes as number[]).every((size) => size > 100 && size <= 192),
        `${sizes}`,
      );
      assert.equal(await page.locator('img[src="x"]').count(), 0, 'names are no HTML');
      assert.equal(await page.getByText('onerror=alert(1)').count(), 2);
      assert.match(
        (await page.locator('#left-out ~ *').allTextContents()).join(' '),
        /broken\.png: .*1 picture shows a class/,
      );
      await requireAccessible(page);
    });
  });

  for (const lang of ['en', 'zh'] as const)
    for (const colorScheme of ['light', 'dark'] as const)
      test(`shows one model and its training, fits a telephone and is accessible (${lang}, ${colorScheme})`, async () => {
        const point = { loss: 0.5, accuracy: 0.7, validationLoss: 0.6, validationAccuracy: 0.65 };
        const curve = Array.from({ length: 5 }, (_, epoch) => ({ ...point, epoch, loss: 1 / (epoch + 1) }));
        const findings = [{ pictures: ['espresso/1.png'], message: 'Two are the same.', messageZh: '有两张相同。' }];
        const file = await written(
          { evaluations: found.evaluations.slice(0, 1), paired: null },
          { lang, training: { curve, findings }, recipe: [['seed', '0']] },
        );
        const options = { colorScheme, viewport: { width: 320, height: 640 } };
        await open(
          file,
          async (page) => {
            assert.equal(await page.locator('html').getAttribute('lang'), languages[lang].tag);
            assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 320);
            const words = `${await page.locator('main').textContent()}`;
            assert.match(words, languages[lang].says);
            assert.match(words, lang === 'zh' ? /\d%/ : /\d\s%/);
            assert.doesNotMatch(words, lang === 'zh' ? /\s%/ : /\d%/);
            assert.equal(await page.locator('svg').count(), 4);
            for (const summary of await page.locator('summary').all()) await summary.click();
            assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 320);
            await requireAccessible(page);
          },
          options,
        );
      });

  test('keeps words whole and cells equal on a telephone, however long the names of the classes are', async () => {
    const [one] = found.evaluations;
    assert.ok(one);
    const names = ['A bee with a very very long name that somebody pasted from a taxonomy: Apis mellifera', '蚂蚁'];
    const mixed = new Set(
      one.confusion.flatMap(([truth, predicted]) => (truth === predicted ? [] : [truth, predicted])),
    );
    const renamed = [...mixed].map((index, at) => [index, names[at % names.length] ?? ''] as const);
    const nameOf = new Map(renamed);
    const perClass = one.perClass.map((figures) => ({ ...figures, label: nameOf.get(figures.index) ?? figures.label }));
    const file = await written({ evaluations: [{ ...one, perClass }], paired: null }, { lang: 'en' });
    await open(
      file,
      async (page) => {
        const sizes = await page.evaluate<string[]>(`[...document.querySelectorAll('.heat tbody td')].map((cell) => {
          const { width, height } = cell.getBoundingClientRect();
          return [Math.round(width), Math.round(height)].join('x');
        })`);
        assert.deepEqual([...new Set(sizes)], ['36x36']);
        assert.equal((await page.locator('.heat th[title^="A bee"]').count()) > 0, true);
        // Words without a space: headings, and the name of the other class.
        const broken = await page.evaluate<string[]>(`[...document.querySelectorAll('thead th, td bdi, tbody th bdi')]
          .filter(({ textContent }) => /^\\S{2,20}$/.test(textContent.trim()))
          .filter((element) => {
            const range = document.createRange();
            range.selectNodeContents(element);
            return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
          })
          .map(({ textContent }) => textContent)`);
        assert.deepEqual(broken, []);
        assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 390);
        await requireAccessible(page);
      },
      { viewport: { width: 390, height: 844 } },
    );
  });

  test('is printed dark on white, with what is folded away, whatever the light', async () => {
    await open(
      report,
      async (page) => {
        await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
        const colours = await page.evaluate<string[]>(
          "(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.querySelector('main > section')))",
        );
        assert.deepEqual(colours, ['rgb(23, 28, 26)', 'rgb(255, 255, 255)']);
        assert.equal(await page.evaluate("document.querySelector('details table').checkVisibility()"), true);
      },
      { colorScheme: 'dark' },
    );
  });

  test('follows dark mode, and can be used with the keyboard', async () => {
    const grounds: unknown[] = [];
    for (const colorScheme of ['light', 'dark'] as const)
      await open(
        report,
        async (page) => {
          grounds.push(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor'));
          await page.keyboard.press('Tab');
          assert.equal(await page.evaluate('document.activeElement.textContent'), 'To the figures');
        },
        { colorScheme },
      );
    assert.notEqual(grounds[0], grounds[1]);
  });
});
