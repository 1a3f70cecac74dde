import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Settings } from '#kaiyan/config.js';
import type { Serving } from '#kaiyan/serving/serving.js';
import { dropFiles, launchBrowser, paste, withPage } from '../support/browser.js';
import { temporaryFolder } from '../support/folders.js';
import { examples, fixtures, project } from '../support/paths.js';
import { withoutChromium, withoutHeic } from '../support/requirements.js';
import { createService, type ListeningService, listeningServiceFor } from '../support/service.js';
import { until } from '../support/timing.js';

const cat = path.join(examples, 'chelsea.png');
const coffee = path.join(examples, 'coffee.png');
const alps = path.join(examples, 'alps.jpg');
const MAX_BYTES = 1_000_000;

describe('the page', { skip: withoutChromium() }, () => {
  let browser: Browser;
  let address: string;
  let end: () => Promise<void>;
  before(async () => {
    const rules = [{ name: 'pets', category: 'pet', minProbability: 0.5 }];
    const service = await createService({ maxBytes: MAX_BYTES, rules });
    address = `${await service.http.listen({ host: '127.0.0.1', port: 0 })}/`;
    end = service.end;
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    await end();
  });

  const inPage = (use: (page: Page) => Promise<void>, options?: BrowserContextOptions) =>
    withPage(browser, address, use, options);

  test('answers a chosen picture with a sentence, bars, categories, flags, the model and the time, or is not sure', () =>
    inPage(async (page) => {
      await choose(page, cat);
      await says(page, 'cat 98.2 %, perhaps tiger-striped cat 41.7 %');
      const answer = page.getByRole('region', { name: 'Answer' });
      assert.deepEqual(await textsOf(answer.locator('.predictions li')), [
        'tiger-striped cat 41.7 %',
        'Egyptian Mau 41.7 %',
        'tabby cat 14.8 %',
      ]);
      assert.deepEqual(await textsOf(answer.locator('.categories li')), ['animal 99.2 %', 'pet 98.2 %', 'cat 98.2 %']);
      assert.deepEqual(await textsOf(answer.locator('.flags li')), ['pets 98.2 %']);
      assert.match(await textOf(answer), /efficientnet-lite0 · INT8 · [\d.]+ ms/);
      assert.equal(await page.getByRole('img', { name: 'Your picture: chelsea.png' }).isVisible(), true);
      assert.deepEqual(await page.evaluate(`[preview.naturalWidth, preview.naturalHeight]`), [451, 300]);
      const bars = (await page.evaluate(`[...document.querySelectorAll('.bar')].map((bar) =>
        parseFloat(getComputedStyle(bar, '::before').width) / bar.clientWidth)`)) as number[];
      assert.deepEqual(
        bars.map((share) => share.toFixed(2)),
        ['0.42', '0.42', '0.15'],
      );
      await choose(page, path.join(fixtures, 'heic/small.png'));
      await says(page, /^not sure, perhaps \D+ [\d.]+ %$/);
    }));

  test('answers a dropped picture, of several the first, and says so', () =>
    inPage(async (page) => {
      await dropFiles(page, [alps]);
      await says(page, 'alp 80.5 %');
      assert.equal(await textOf(page.locator('#notice')), '');
      await dropFiles(page, [coffee, cat, alps]);
      await says(page, 'espresso 98.7 %');
      assert.equal(await textOf(page.locator('#notice')), 'Only the first of 3 files is answered.');
    }));

  test('answers a pasted picture, and says when there is none on the clipboard', () =>
    inPage(async (page) => {
      await paste(page, { text: 'cat' });
      await page.getByText('There is no picture on the clipboard.').waitFor();
      await paste(page, { png: await readFile(coffee) });
      await says(page, /^espresso 9\d\.\d %$/);
      assert.equal(await textOf(page.locator('#notice')), '');
    }));

  test('answers a picture that the browser cannot show', { skip: withoutHeic() }, () =>
    inPage(async (page) => {
      await choose(page, path.join(fixtures, 'heic/small.heic'));
      await says(page, /%$/);
      await page.getByText('This browser cannot show this file.').waitFor();
      await choose(page, cat);
      await says(page, /^cat/);
      assert.equal(await page.getByText('This browser cannot show this file.').isVisible(), false);
    }),
  );

  test('speaks the language of the browser', () =>
    inPage(
      async (page) => {
        assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
        await choose(page, cat, '选择图片');
        await says(page, '猫 98.2 %，可能是虎纹猫 41.7 %');
        assert.doesNotMatch(await textOf(page.locator('main')), /[a-z]{3,} [a-z]{3,}/);
      },
      { locale: 'zh-TW' },
    ));

  test('answers again in another language, and remembers it', () =>
    inPage(async (page) => {
      await choose(page, cat);
      await says(page, /^cat/);
      await page.getByRole('button', { name: '中文' }).click();
      await says(page, /^猫 98\.2 %/);
      assert.equal(await page.getByRole('button', { name: '中文' }).getAttribute('aria-pressed'), 'true');
      await page.reload();
      await page.getByText('图片里有什么？').waitFor();
      await page.getByRole('button', { name: 'English' }).click();
      await page.getByText('What does your picture show?').waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    }));

  test('says why something is no picture, in the words of the service or in Chinese', () =>
    inPage(async (page) => {
      await choose(page, path.join(project, 'README.md'));
      await says(page, /Expected a picture \(.*HEIC\), but found .* IMAGE_UNSUPPORTED$/);
      assert.equal(await page.getByRole('button', { name: 'Try again' }).isVisible(), false);
      await page.getByRole('button', { name: '中文' }).click();
      await says(page, /^无法读取这张图片 这不是受支持的图片格式.*IMAGE_UNSUPPORTED$/);
      await choose(page, cat, '选择图片');
      await says(page, /^猫/);
      assert.doesNotMatch(await textOf(page.locator('main')), /IMAGE_UNSUPPORTED/);
    }));

  test('says that a file is too large', async (t) => {
    const file = path.join(await temporaryFolder(t), 'large.jpg');
    await writeFile(file, Buffer.alloc(30 * MAX_BYTES));
    await inPage(async (page) => {
      await choose(page, file);
      await says(page, /^Too large Expected a picture of at most 1 MB.* IMAGE_TOO_LARGE$/);
    });
  });

  test('says that a folder cannot be read', () =>
    inPage(async (page) => {
      await dropFiles(page, [examples]);
      await says(page, /^This picture cannot be read .*folder/);
    }));

  test('says that the service does not answer, and tries again', () =>
    inPage(async (page) => {
      await page.context().setOffline(true);
      await choose(page, cat);
      await says(page, /^The service does not answer Check .* try again\.$/);
      await page.context().setOffline(false);
      await page.getByRole('button', { name: 'Try again' }).click();
      await says(page, /^cat 98\.2 %/);
    }));

  test('can be used by keyboard alone, and shows where it is', () =>
    inPage(async (page) => {
      const focused = () =>
        page.evaluate(`(() => {
          const { activeElement } = document;
          const shown = activeElement.type === 'file' ? activeElement.nextElementSibling : activeElement;
          return [shown.textContent.trim(), getComputedStyle(shown).outlineStyle];
        })()`);
      const visited: unknown[] = [];
      for (const key of ['Tab', 'Tab', 'Tab']) {
        await page.keyboard.press(key);
        visited.push(await focused());
      }
      assert.deepEqual(visited, [
        ['English', 'solid'],
        ['中文', 'solid'],
        ['Choose a picture', 'solid'],
      ]);
      const opened = page.waitForEvent('filechooser');
      await page.keyboard.press('Space');
      await (await opened).setFiles(cat);
      await says(page, /^cat/);
      assert.deepEqual(await focused(), ['Choose a picture', 'solid']);
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Enter');
      await says(page, /^猫/);
    }));

  const screens: readonly [what: string, options: BrowserContextOptions][] = [
    ['a small phone', { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true }],
    ['a projector, dark', { viewport: { width: 1920, height: 1080 }, colorScheme: 'dark' }],
  ];
  for (const [what, options] of screens) {
    test(`fits ${what}, with a long answer and a long name`, () =>
      inPage(async (page) => {
        const buffer = await readFile(path.join(fixtures, 'pillow/pictures/size-1000x333.png'));
        const name = `${'a-very-long-name'.repeat(12)}.png`;
        await page.getByLabel('Choose a picture').setInputFiles({ name, mimeType: 'image/png', buffer });
        await says(page, /%$/);
        const [wanted, there] = (await page.evaluate(
          '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
        )) as [number, number];
        assert.ok(wanted <= there, `${wanted} > ${there}`);
      }, options));
  }

  /** In a page of a service of its own. */
  async function inPageOf(
    t: TestContext,
    { around, ...settings }: Partial<Settings> & { readonly around?: (serving: Serving) => Serving },
    use: (page: Page, service: ListeningService) => Promise<void>,
  ): Promise<void> {
    const service = await listeningServiceFor(t, settings, around);
    await withPage(browser, `http://127.0.0.1:${service.port}/`, (page) => use(page, service));
  }

  test('gives up a picture when another one comes', async (t) => {
    const held = [new AbortController()];
    const holdFirst = (serving: Serving): Serving => ({
      ...serving,
      use: async (choice, work) => {
        const hold = held.shift();
        if (hold) await once(hold.signal, 'abort');
        return serving.use(choice, work);
      },
    });
    const [hold] = held;
    await inPageOf(t, { around: holdFirst }, async (page) => {
      const givenUp = page.waitForEvent('requestfailed');
      await choose(page, cat);
      await until('the request', () => held.length === 0);
      await says(page, 'Looking at the picture…');
      await choose(page, coffee);
      assert.match((await givenUp).failure()?.errorText ?? '', /ABORTED/);
      await says(page, 'espresso 98.7 %');
      hold?.abort();
      await page.waitForTimeout(100);
      await says(page, 'espresso 98.7 %');
    });
  });

  test('asks for the key of a service that has one, and keeps it until the tab is closed', async (t) => {
    await inPageOf(t, { apiKey: 'sesame' }, async (page) => {
      await choose(page, cat);
      await says(page, /^This service asks for a key/);
      const field = page.getByLabel('Key', { exact: true });
      assert.deepEqual(
        [await field.getAttribute('type'), await field.getAttribute('autocomplete')],
        ['password', 'off'],
      );
      await page.keyboard.type('open');
      await page.keyboard.press('Enter');
      await says(page, /^This is not the key/);
      await field.fill('sesame');
      await page.getByRole('button', { name: 'Use this key' }).click();
      await says(page, /^cat/);
      assert.equal(await field.isVisible(), false);
      await page.reload();
      await choose(page, coffee);
      await says(page, /^espresso/);
      assert.doesNotMatch((await page.evaluate('JSON.stringify(localStorage)')) as string, /sesame/);
    });
  });

  test('says that the service is busy, and tries again', async (t) => {
    await inPageOf(t, { queueRequests: 1 }, async (page, service) => {
      const taken = service.serving.admit();
      taken.arrive();
      await choose(page, cat);
      await says(page, /^The service is busy .*Try again in .* QUEUE_FULL$/);
      await page.getByRole('button', { name: '中文' }).click();
      await says(page, /^服务正忙 排队的图片已满，请稍后再试。 QUEUE_FULL$/);
      taken.leave();
      await page.getByRole('button', { name: '再试一次' }).click();
      await says(page, /^猫/);
      assert.equal(await page.getByRole('button', { name: '再试一次' }).isVisible(), false);
    });
  });
});

const choose = (page: Page, file: string, label = 'Choose a picture') => page.getByLabel(label).setInputFiles(file);

/** Waits for the sentence that is read out. */
async function says(page: Page, expected: string | RegExp): Promise<void> {
  const status = page.locator('#sentence[role=status]');
  const fits = (said: string) => (typeof expected === 'string' ? said === expected : expected.test(said));
  const deadline = Date.now() + 10_000;
  let said = '';
  do {
    said = await textOf(status);
    if (fits(said)) return;
    await page.waitForTimeout(20);
  } while (Date.now() < deadline);
  assert.fail(`Expected ${expected}, but the page says "${said}".`);
}

/** What is to be seen of each of them, on one line, with usual spaces. */
async function textsOf(elements: Locator): Promise<string[]> {
  return (await elements.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
}

const textOf = async (element: Locator) => (await textsOf(element)).join(' ');
