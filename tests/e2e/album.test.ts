import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { writeGallery } from '#kaiyan/album/gallery/gallery.js';
import type { PictureRecord } from '#kaiyan/album/picture-record.js';
import { launchBrowser } from '../support/browser.js';
import { temporaryFolder } from '../support/folders.js';
import { examples } from '../support/paths.js';
import { withoutChromium } from '../support/requirements.js';
import { kaiyan } from '../support/run-command.js';

const NAMES = ['#1 50% off?.png', `"quotes' & <b>bold.png`, '猫 🐈.png', 'two\nlines.png', '-dash.png', '&amp;.png'];

function picture(changes: Partial<PictureRecord>): PictureRecord {
  const dog = { en: 'dog', zh: '狗' };
  const basis = { size: 1, mtimeMs: 1, sha256: '0'.repeat(64), asked: '', thumbnail: false };
  return { ...basis, file: 'a.jpg', label: dog, probability: 0.9, category: dog, categories: [dog], ...changes };
}

describe('the gallery of an album', { skip: withoutChromium() }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  /** Opens a page from the disk, with scripts off; it may not complain, nor ask for anything from elsewhere. */
  async function open(file: string, use: (page: Page) => Promise<void>, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    const complaints: string[] = [];
    try {
      const page = await context.newPage();
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
      page.on('request', (request) => {
        if (!request.url().startsWith('file:')) complaints.push(request.url());
      });
      await page.goto(pathToFileURL(file).href);
      await use(page);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  }

  const linksOf = (page: Page): Promise<string[]> =>
    page.evaluate('[...document.querySelectorAll("main a")].map((link) => link.href.split("#")[0])');

  async function showAll(page: Page): Promise<number[]> {
    await page.evaluate(`(async () => {
      for (const image of document.images) { image.loading = 'eager'; await image.decode(); }
    })()`);
    return page.evaluate('[...document.images].map((image) => image.naturalWidth)');
  }

  for (const [lang, share] of [
    ['en', /^\d+ %$/],
    ['zh', /^\d+%$/],
  ] as const)
    test(`shows pictures of every name from the disk, and leads to them (${lang})`, async (t) => {
      const root = await temporaryFolder(t);
      const photos = path.join(root, '#photos & 50%');
      await mkdir(photos);
      for (const name of NAMES) await copyFile(path.join(examples, 'chelsea.png'), path.join(photos, name));
      await copyFile(path.join(examples, 'coffee.png'), path.join(photos, 'coffee.png'));
      const into = path.join(root, 'album?');
      const { status } = await kaiyan(['album', photos, '--into', into, '--lang', lang, '--precision', 'int8']);
      assert.equal(status, 0);

      await open(path.join(into, 'index.html'), async (page) => {
        assert.equal(await page.locator('html').getAttribute('lang'), lang === 'zh' ? 'zh-Hans' : 'en');
        assert.equal(await page.locator('h1').textContent(), '#photos & 50%');
        assert.deepEqual(
          await page.locator('h2').allTextContents(),
          lang === 'zh' ? ['猫', '食物和饮料'] : ['cat', 'food or drink'],
        );
        assert.match(`${await page.locator('main b span').first().textContent()}`, share);
        const names = await page.locator('small').allTextContents();
        assert.deepEqual(
          names.toSorted(),
          [...NAMES.map((name) => name.replace('\n', '\ufffd')), 'coffee.png'].toSorted(),
        );
        assert.equal(await page.locator('main b b').count(), 0, 'names are no HTML');
        assert.deepEqual(new Set(await showAll(page)), new Set([256]));
        const links = await linksOf(page);
        assert.deepEqual(
          links.filter((link) => !existsSync(fileURLToPath(link))),
          [],
        );
        assert.equal(links.filter((link) => link.endsWith('.png')).length, 7);
      });

      await open(path.join(into, '.kaiyan-album/pages', lang === 'zh' ? '猫.html' : 'cat.html'), async (page) => {
        assert.equal(await page.locator('.grid li').count(), NAMES.length);
        assert.deepEqual(new Set(await showAll(page)), new Set([256]));
        assert.deepEqual(
          (await linksOf(page)).filter((link) => !existsSync(fileURLToPath(link))),
          [],
        );
        await page.locator('header nav a').click();
        await page.waitForURL(pathToFileURL(path.join(into, 'index.html')).href);
      });
    });

  test('has pages of a few hundred pictures, the surest first, that lead to each other', async (t) => {
    const album = await temporaryFolder(t);
    const cat = { en: 'cat', zh: '猫' };
    const pug = { en: 'pug', zh: '巴哥犬' };
    const records = [
      ...Array.from({ length: 500 }, (_, i) => picture({ file: `${i}.jpg`, probability: i / 500 })),
      ...Array.from({ length: 20 }, (_, i) => picture({ file: `pug${i}.jpg`, label: pug })),
      picture({ file: 'cat.jpg', category: cat, label: cat }),
      picture({ file: 'what.jpg', category: null, label: null, probability: 0.1 }),
    ];
    const index = await writeGallery(album, records, { lang: 'en', title: 'Many' });
    await open(index, async (page) => {
      assert.deepEqual(await page.locator('h2').allTextContents(), ['dog', 'cat', 'not sure']);
      assert.equal(await page.locator('.grid li').count(), 12 + 2);
      await page.getByRole('link', { name: 'dog: all 520' }).click();
      const seen: string[] = [];
      for (let number = 1; ; number++) {
        assert.equal(await page.getByText(`Page ${number} of 3`).count(), 2);
        seen.push(...(await page.locator('small').allTextContents()));
        const next = page.getByRole('link', { name: 'next page' }).first();
        if ((await next.count()) === 0) break;
        await next.click();
      }
      assert.equal(seen.length, 520);
      assert.deepEqual(seen.slice(0, 2), ['499.jpg', '498.jpg']);
      assert.equal(seen.at(-1), 'pug19.jpg');
    });
  });

  test('fits a telephone, follows dark mode, and can be used with the keyboard', async (t) => {
    const album = await temporaryFolder(t);
    const long = 'a_very_long_name_without_a_space_'.repeat(6);
    const records = Array.from({ length: 30 }, (_, i) => picture({ file: `${long}${i}.jpg` }));
    const index = await writeGallery(album, records, { lang: 'en', title: long });
    const ground = 'getComputedStyle(document.body).backgroundColor';
    const viewport = { width: 320, height: 640 };
    const colours: unknown[] = [];
    for (const colorScheme of ['light', 'dark'] as const)
      await open(
        index,
        async (page) => {
          assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 320);
          colours.push(await page.evaluate(ground));
          await page.keyboard.press('Tab');
          assert.equal(await page.evaluate('document.activeElement.textContent'), 'To the pictures');
          await page.keyboard.press('Tab');
          await page.keyboard.press('Tab');
          assert.match(await page.evaluate<string>('document.activeElement.textContent'), /^dog 90 %a_very_long/);
        },
        { viewport, colorScheme },
      );
    assert.notEqual(colours[0], colours[1]);
  });
});
