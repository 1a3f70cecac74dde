import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import sharp, { type Sharp } from 'sharp';
import type { Classification } from '#kaiyan/classification/classification.js';
import type { Settings } from '#kaiyan/config.js';
import type { Serving } from '#kaiyan/serving/serving.js';
import { dropFiles, paste, requireAccessible, requireFit, textOf, textsOf } from '../support/browser.js';
import { temporaryFolder } from '../support/folders.js';
import { examples, fixtures, project } from '../support/paths.js';
import { withoutChromium, withoutHeic } from '../support/requirements.js';
import { type ListeningService, listeningServiceFor } from '../support/service.js';
import { sharedSite } from '../support/site.js';
import { until } from '../support/timing.js';

const cat = path.join(examples, 'chelsea.png');
const coffee = path.join(examples, 'coffee.png');
const alps = path.join(examples, 'alps.jpg');
const MAX_BYTES = 1_000_000;
const phone: BrowserContextOptions = { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true };

describe('the page Classify', { skip: withoutChromium() }, () => {
  const rules = [{ name: 'pets', category: 'pet', minProbability: 0.5 }];
  const site = sharedSite({ settings: { maxBytes: MAX_BYTES, rules } });
  const inPage = site.visit;

  test('invites before there is a picture, and shows nothing that axe minds, in either light', async () => {
    for (const colorScheme of ['light', 'dark'] as const)
      await inPage(
        async (page) => {
          await page.getByText('Drop pictures anywhere on this page').waitFor();
          assert.equal(await page.title(), 'What does your picture show? · Kaiyan 开眼');
          await requireAccessible(page);
        },
        { colorScheme },
      );
  });

  test('tells those who have fingers to choose or to take a photo, not to drag', () =>
    inPage(async (page) => {
      await page.getByText('Choose some, or take a photo.').waitFor();
      await page.getByText('Take a photo', { exact: true }).waitFor();
      assert.equal(await page.getByText('Drop pictures anywhere on this page').isVisible(), false);
      await requireAccessible(page);
    }, phone));

  test("answers a chosen picture with the API's answer: a sentence, bars, categories, flags, the model", () =>
    inPage(async (page) => {
      await choose(page, cat);
      await says(page, 'cat 98.2 % perhaps tiger-striped cat 41.7 %');
      const { predictions, categories, flags, model } = await answerOf(page, cat);
      const answer = page.getByRole('region', { name: 'Answer' });
      const inWords = ({ label, probability }: { label: string; probability: number }) =>
        `${label} ${probability < 0.0005 ? '< 0.1' : (probability * 100).toFixed(1)} %`;
      assert.deepEqual(
        await textsOf(answer.getByRole('list', { name: 'The most probable classes' }).getByRole('listitem')),
        predictions.map(inWords),
      );
      const chips = await textsOf(answer.locator('li').filter({ hasNot: page.locator('[aria-hidden]') }));
      assert.deepEqual(chips, [
        ...flags.map(({ name, probability }) => inWords({ label: name, probability })),
        ...categories.map(inWords),
      ]);
      assert.equal(flags.length, 1);
      assert.match(await textOf(answer), new RegExp(`${model.name} · ${model.precision.toUpperCase()} · [\\d.]+ ms`));
      assert.equal(await pictureWidth(page), 451);
      const shares = (await page.evaluate(`[...document.querySelectorAll('ol [aria-hidden] > span')].map((bar) =>
        bar.getBoundingClientRect().width / bar.parentElement.clientWidth)`)) as number[];
      assert.deepEqual(
        shares.map((share) => share.toFixed(2)),
        predictions.map(({ probability }) => probability.toFixed(2)),
      );
      await requireAccessible(page);
    }));

  test('is not sure of what it does not know', () =>
    inPage(async (page) => {
      await choose(page, path.join(fixtures, 'heic/small.png'));
      await says(page, /^Not sure perhaps \D+ [\d.]+ %$/);
      await page.getByText('No class and no group of classes is likely enough').waitFor();
    }));

  test('answers a dropped picture, and several beside each other', () =>
    inPage(async (page) => {
      await dropFiles(page, [alps]);
      await says(page, 'alp 80.5 %');
      await dropFiles(page, [coffee, cat]);
      await says(page, 'espresso 98.7 %');
      const tiles = tilesOf(page);
      await page.getByRole('radio', { name: /cat 98/ }).waitFor();
      assert.deepEqual(await textsOf(tiles), ['alp 80 %', 'espresso 99 %', 'cat 98 %']);
      await page.getByRole('radio', { name: /cat 98/ }).check();
      await says(page, /^cat 98\.2 %/);
      await requireAccessible(page);
      await page.getByRole('button', { name: 'Remove this picture' }).click();
      await says(page, /^espresso/);
      assert.equal(await tiles.count(), 2);
      await page.getByRole('button', { name: 'Start over' }).click();
      await page.getByText('Drop pictures anywhere on this page').waitFor();
    }));

  test('says that an address leads nowhere, and begins here', () =>
    inPage(
      async (page) => {
        await page.getByText('There is no page at that address.').first().waitFor();
        await page.getByText('Drop pictures anywhere on this page').waitFor();
        assert.equal(page.url(), `${site.service.address}#/`);
      },
      { hash: '#/nonsense' },
    ));

  test('takes thirty at a time, and says how many it left out', () =>
    inPage(async (page) => {
      await page.getByLabel('Choose pictures').setInputFiles(Array.from({ length: 32 }, () => cat));
      const leftOut = page.locator('main').getByText('2 files were left out: there is room for 30 at a time.');
      await leftOut.waitFor();
      const tiles = tilesOf(page);
      assert.equal(await tiles.count(), 30);
      await until('all answers', async () => (await textsOf(tiles)).every((text) => text === 'cat 98 %'), 20_000);
      await page.getByRole('button', { name: 'Remove this picture' }).click();
      // Until the next ones are chosen.
      assert.equal(await leftOut.isVisible(), true);
      await page.getByLabel('More pictures').setInputFiles(coffee);
      await leftOut.waitFor({ state: 'detached' });
    }));

  for (const [what, options] of [
    ['a desk', {}],
    ['a phone', phone],
  ] as const)
    test(`scrolls to the picture that is looked at, and goes from one to the next by the arrow keys, on ${what}`, () =>
      inPage(async (page) => {
        await page.getByLabel('Choose pictures').setInputFiles(Array.from({ length: 20 }, () => cat));
        await says(page, /^cat/);
        await page.getByLabel('More pictures').setInputFiles([coffee, alps]);
        await says(page, /^espresso/);
        const radios = page.getByRole('group', { name: 'Your pictures' }).getByRole('radio');
        const isSeen = (at: number) =>
          until(`picture ${at}`, () =>
            page.evaluate(`(() => {
              const tile = document.querySelectorAll('main fieldset label')[${at}];
              const [one, all] = [tile, tile.parentElement].map((element) => element.getBoundingClientRect());
              return one.left >= all.left - 1 && one.right <= all.right + 1;
            })()`),
          );
        await isSeen(20);
        await radios.nth(20).focus();
        await page.keyboard.press('ArrowRight');
        await says(page, /^alp/);
        await isSeen(21);
        await page.keyboard.press('ArrowRight');
        await says(page, /^cat/);
        assert.equal(await radios.first().isChecked(), true);
        await isSeen(0);
        assert.equal(await page.evaluate('scrollX'), 0);
      }, options));

  test('answers a pasted picture, and says when there is none on the clipboard', () =>
    inPage(async (page) => {
      await paste(page, { text: 'cat' });
      await page.getByText('There is no picture on the clipboard.').first().waitFor();
      await paste(page, { png: await readFile(coffee) });
      await says(page, /^espresso 9\d\.\d %$/);
    }));

  test('has pictures to try, also by the keyboard', () =>
    inPage(async (page) => {
      await page.getByRole('button', { name: 'A cup of coffee' }).press('Enter');
      await says(page, 'espresso 98.7 %');
    }));

  test('shows a picture that the browser cannot, as the service draws it', { skip: withoutHeic() }, () =>
    inPage(async (page) => {
      await choose(page, path.join(fixtures, 'heic/small.heic'));
      await says(page, /%$/);
      await until('the picture', async () => (await pictureWidth(page)) > 0);
    }),
  );

  test('speaks the language of the browser', () =>
    inPage(
      async (page) => {
        assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
        await choose(page, cat, '选择图片');
        await says(page, '猫 98.2% 可能是虎纹猫 41.7%', '结果');
        assert.doesNotMatch(await textOf(page.locator('main')), /[a-z]{3,} [a-z]{3,}/);
        await requireAccessible(page);
      },
      { locale: 'zh-TW', ...phone },
    ));

  test('answers again in another language, and remembers it', () =>
    inPage(async (page) => {
      await choose(page, cat);
      await says(page, /^cat/);
      await page.getByRole('radio', { name: '中文' }).check();
      await says(page, /^猫 98\.2%/, '结果');
      await page.reload();
      await page.getByText('图片里有什么？').first().waitFor();
      await page.getByRole('radio', { name: 'EN' }).check();
      await page.getByText('What does your picture show?').first().waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    }));

  test('says why something is no picture, in the words of the service or in Chinese', () =>
    inPage(async (page) => {
      await choose(page, path.join(project, 'README.md'));
      await refuses(page, /Expected a picture \(.*HEIC\), but found .* IMAGE_UNSUPPORTED$/);
      assert.equal(await page.getByRole('button', { name: 'Try again' }).isVisible(), false);
      await requireAccessible(page);
      await page.getByRole('radio', { name: '中文' }).check();
      await refuses(page, /^无法读取这张图片 这不是受支持的图片格式.*IMAGE_UNSUPPORTED$/);
      await choose(page, cat, '添加图片');
      await says(page, /^猫/, '结果');
      assert.doesNotMatch(await textOf(page.locator('main')), /IMAGE_UNSUPPORTED/);
    }));

  test('says that a file is too large, empty, or a folder', async (t) => {
    const folder = await temporaryFolder(t);
    const [large, empty] = [path.join(folder, 'large.jpg'), path.join(folder, 'empty.jpg')];
    await writeFile(large, Buffer.alloc(30 * MAX_BYTES));
    await writeFile(empty, '');
    await inPage(async (page) => {
      await choose(page, large);
      await refuses(page, /^Too large Expected a picture of at most 1 MB.* IMAGE_TOO_LARGE$/);
      await choose(page, empty, 'More pictures');
      await refuses(page, /^This picture cannot be read .* 0 bytes.* IMAGE_EMPTY$/);
      await dropFiles(page, [examples]);
      await refuses(page, /^This file cannot be read .*folder/);
    });
  });

  test('says that the service does not answer, and asks again by itself once it does', () =>
    inPage(async (page) => {
      await page.context().setOffline(true);
      await page.getByText('The service does not answer. Pages open, but').waitFor();
      await choose(page, cat);
      await refuses(page, /^The service does not answer Check .* try again\. Try again$/);
      await page.context().setOffline(false);
      await says(page, /^cat 98\.2 %/);
      await page.getByText('The service does not answer. Pages open, but').waitFor({ state: 'detached' });
    }));

  test('says that a page did not come, and opens it once it does', () =>
    inPage(async (page) => {
      await page.context().setOffline(true);
      await page.getByRole('link', { name: 'Models' }).click();
      const problem = page.getByRole('alert');
      await problem.getByRole('heading', { name: 'This page did not come' }).waitFor();
      await page.context().setOffline(false);
      await problem.getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor();
    }));

  test('shows an answer also where files of the page have gone, as after an update of the service', () =>
    inPage(async (page) => {
      const gone = new Set<string>();
      await page.route(/assets\/(snippets|picture-card|not-right)-[^/]*\.js$/, (route) => {
        gone.add(/assets\/(\w+)/.exec(route.request().url())?.[1] ?? '');
        return route.fulfill({ status: 404 });
      });
      await choose(page, cat);
      await says(page, /^cat 98\.2 %/);
      await until('what has gone', () => gone.size === 3);
      await page.getByRole('link', { name: 'Where did it look?' }).waitFor();
      assert.equal(await page.getByRole('button', { name: /Copy as|Picture card|Not right/ }).count(), 0);
      await page.getByRole('button', { name: 'Remove this picture' }).click();
      await page.getByText('Drop pictures anywhere on this page').waitFor();
    }));

  test('can be used by keyboard alone, and shows where it is', () =>
    inPage(async (page) => {
      const focused = () =>
        page.evaluate(`(() => {
          const { activeElement } = document;
          const shown = activeElement.type === 'file' || activeElement.type === 'radio' ? activeElement.parentElement : activeElement;
          const outlined = [shown, ...shown.children].some((one) => getComputedStyle(one).outlineStyle === 'solid');
          return [shown.textContent.trim(), outlined];
        })()`) as Promise<[string, boolean]>;
      const visited: string[] = [];
      await page.getByText('Drop pictures anywhere on this page').waitFor();
      for (let presses = 0; presses < 14 && visited.at(-1) !== 'Choose pictures'; presses++) {
        await page.keyboard.press('Tab');
        const [text, outlined] = await focused();
        assert.ok(outlined, `${text} shows that it has the focus`);
        visited.push(text);
      }
      assert.deepEqual(visited, [
        ...['Skip to the content', 'Kaiyan 开眼', 'Classify', 'How it sees', 'Camera', 'Batch', 'Train', 'Models'],
        ...['API', 'Settings', 'EN', 'Choose pictures'],
      ]);
      const opened = page.waitForEvent('filechooser');
      await page.keyboard.press('Space');
      await (await opened).setFiles(cat);
      await says(page, /^cat/);
    }));

  test('keeps the focus where what had it vanishes', () =>
    inPage(async (page) => {
      await page.getByLabel('Choose pictures').setInputFiles([cat, coffee]);
      await says(page, /^cat/);
      const remove = page.getByRole('button', { name: 'Remove this picture' });
      await remove.press('Enter');
      await says(page, /^espresso/);
      assert.equal(await page.evaluate('document.activeElement.title'), 'Remove this picture');
      await remove.press('Enter');
      await page.getByText('Drop pictures anywhere on this page').waitFor();
      await until(
        'the focus on the heading',
        async () => (await page.evaluate('document.activeElement.tagName')) === 'H1',
      );
    }));

  test('scrolls what takes the focus to where the bars do not cover it, much enlarged too', async () => {
    for (const viewport of [
      { width: 320, height: 256 },
      { width: 640, height: 512 },
    ])
      await inPage(
        async (page) => {
          await page.getByLabel('Choose pictures').setInputFiles([cat, coffee, alps]);
          await says(page, /^cat/);
          await page.getByRole('button', { name: 'Picture card' }).waitFor();
          for (let presses = 0; presses < 30; presses++) {
            await page.keyboard.press('Tab');
            const covered = await page.evaluate(`(() => {
              const { activeElement } = document;
              if (!document.querySelector('main').contains(activeElement)) return '';
              const { left, top, width, height } = activeElement.getBoundingClientRect();
              const there = document.elementFromPoint(left + width / 2, top + height / 2);
              return there && activeElement.contains(there) ? '' : activeElement.outerHTML;
            })()`);
            assert.equal(covered, '');
          }
        },
        { viewport },
      );
  });

  test('prints dark words on white paper, whatever is chosen for the screen', () =>
    inPage(async (page) => {
      await page.evaluate(`localStorage.setItem('kaiyan.preferences', '{"theme":"dark"}')`);
      await page.reload();
      const text = () => page.evaluate('getComputedStyle(document.body).color');
      assert.equal(await text(), 'rgb(234, 239, 237)');
      await page.emulateMedia({ media: 'print' });
      assert.equal(await text(), 'rgb(23, 28, 26)');
    }));

  test('says what is chosen where backgrounds are the colours of the system', () =>
    inPage(
      async (page) => {
        const background = (name: string) =>
          page.evaluate(`getComputedStyle(document.querySelector('input[value="${name}"] + span')).backgroundColor`);
        await page.getByRole('radio', { name: 'EN' }).waitFor();
        assert.notEqual(await background('en'), await background('zh'));
      },
      { forcedColors: 'active' },
    ));

  test('skips to the content for those who do not want to hear of all pages', () =>
    inPage(async (page) => {
      await page.getByText('Drop pictures anywhere on this page').waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate('document.activeElement.type'), 'file');
    }));

  const screens: readonly [what: string, options: BrowserContextOptions][] = [
    ['a small phone', phone],
    ['a projector, dark', { viewport: { width: 1920, height: 1080 }, colorScheme: 'dark' }],
    ['a wall', { viewport: { width: 3840, height: 2160 } }],
  ];
  for (const [what, options] of screens) {
    test(`fits ${what}, with a long answer and a long name, and fingers`, () =>
      inPage(async (page) => {
        const buffer = await readFile(path.join(fixtures, 'pillow/pictures/size-1000x333.png'));
        const name = `${'a-very-long-name'.repeat(12)}.png`;
        await page.getByLabel('Choose pictures').setInputFiles({ name, mimeType: 'image/png', buffer });
        await says(page, /%$/);
        await requireFit(page);
        for (const button of await page.getByRole('main').getByRole('button').all()) {
          if (!(await button.isVisible())) continue;
          const { width = 0, height = 0 } = (await button.boundingBox()) ?? {};
          assert.ok(width >= 24 && height >= 44, `${await button.textContent()}: ${width} × ${height}`);
        }
      }, options));
  }

  test('reaches all pages on a phone', () =>
    inPage(async (page) => {
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('link', { name: 'Settings' }).click();
      assert.match(page.url(), /#\/settings$/);
      const settings = page.getByRole('link', { name: 'Settings' });
      assert.equal(await settings.isVisible(), false);
      const more = page.getByRole('button', { name: 'More' });
      await more.click();
      await page.keyboard.press('Escape');
      await settings.waitFor({ state: 'hidden' });
      await more.click();
      await page.getByRole('heading', { level: 1 }).click();
      await settings.waitFor({ state: 'hidden' });
    }, phone));

  test('copies the answer as JSON, and the call that gives it', () =>
    inPage(async (page) => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await choose(page, cat);
      await says(page, /^cat/);
      const copied = async (what: string): Promise<string> => {
        await page.getByRole('button', { name: 'Copy as' }).click();
        await page.getByRole('menuitem', { name: what }).click();
        await page.getByText(`${what} copied`).first().waitFor();
        return (await page.evaluate('navigator.clipboard.readText()')) as string;
      };
      assert.deepEqual(withoutTiming(JSON.parse(await copied('JSON'))), withoutTiming(await answerOf(page, cat)));
      assert.match(
        await copied('curl'),
        new RegExp(`^curl .*${site.service.address}api/v1/classify\\?lang=en&top=5`, 's'),
      );
      assert.match(await copied('Python'), /^import requests/);
      assert.match(await copied('JavaScript'), /fetch\(/);
      // The last notice alone is on the screen, and none on paper.
      const notices = page.locator('p').filter({ hasText: / copied$/ });
      assert.deepEqual(await notices.allInnerTexts(), ['JavaScript copied']);
      await page.emulateMedia({ media: 'print' });
      assert.equal(await notices.isVisible(), false);
      await page.emulateMedia({ media: null });
    }));

  test('draws a card of the picture with its answer, to save', () =>
    inPage(async (page) => {
      await choose(page, cat);
      await says(page, /^cat/);
      await page.getByRole('button', { name: 'Picture card' }).click();
      const shown = page.getByRole('img', { name: 'The picture chelsea.png with its answer: cat 98.2 %' });
      await shown.waitFor();
      await requireAccessible(page);
      const saved = page.waitForEvent('download');
      await page.getByRole('link', { name: 'Save' }).click();
      const download = await saved;
      assert.equal(download.suggestedFilename(), 'chelsea – Kaiyan.png');
      const card = sharp(await download.path()).removeAlpha();
      const { width, height } = await card.metadata();
      // The cat above, from edge to edge; below it paper and words.
      const whole = await sharp(cat).metadata();
      const above = Math.round((1200 * whole.height) / whole.width);
      assert.deepEqual([width, height], [1200, above + 560]);
      const drawn = await colorOf(card.clone().extract({ left: 0, top: 0, width: 1200, height: above }));
      const original = await colorOf(sharp(cat).removeAlpha());
      assert.ok(
        drawn.every((value, i) => Math.abs(value - (original[i] ?? 0)) < 4),
        `${drawn} for ${original}`,
      );
      await page.keyboard.press('Escape');
      await shown.waitFor({ state: 'detached' });
      assert.equal(await page.evaluate('document.activeElement.textContent'), 'Picture card');
    }));

  /** In a page of a service of its own. */
  async function inPageOf(
    t: TestContext,
    { around, ...settings }: Partial<Settings> & { readonly around?: (serving: Serving) => Serving },
    use: (page: Page, service: ListeningService) => Promise<void>,
  ): Promise<void> {
    const service = await listeningServiceFor(t, settings, around);
    await site.visit((page) => use(page, service), { at: service.address });
  }

  test('gives up a picture that is removed before it is answered', async (t) => {
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
      await says(page, 'Looking…');
      await page.getByRole('button', { name: 'Remove this picture' }).click();
      assert.match((await givenUp).failure()?.errorText ?? '', /ABORTED/);
      await choose(page, coffee);
      await says(page, 'espresso 98.7 %');
      hold?.abort();
    });
  });

  test('asks for the key of a service that has one, and keeps it until the tab is closed', async (t) => {
    await inPageOf(t, { apiKey: 'sesame' }, async (page) => {
      await choose(page, cat);
      await refuses(page, /^This service asks for a key/);
      const field = page.getByLabel('Key', { exact: true });
      assert.deepEqual(
        [await field.getAttribute('type'), await field.getAttribute('autocomplete')],
        ['password', 'off'],
      );
      await field.fill('open');
      await page.keyboard.press('Enter');
      await refuses(page, /^This is not the key/);
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
      await refuses(page, /^The service is busy .*Try again in .* QUEUE_FULL Try again$/);
      await page.getByRole('radio', { name: '中文' }).check();
      await refuses(page, /^服务正忙 排队的图片已满，请稍后再试。 QUEUE_FULL 再试一次$/);
      taken.leave();
      await page.getByRole('button', { name: '再试一次' }).click();
      await says(page, /^猫/, '结果');
      assert.equal(await page.getByRole('button', { name: '再试一次' }).isVisible(), false);
    });
  });
});

const tilesOf = (page: Page) => page.getByRole('group', { name: 'Your pictures' }).locator('label');

const choose = (page: Page, file: string, label = 'Choose pictures') => page.getByLabel(label).setInputFiles(file);

/** What the service answers to a program that asks as the page does. */
async function answerOf(page: Page, file: string): Promise<Classification> {
  const data = await readFile(file);
  const headers = { 'Content-Type': 'image/png' };
  return (
    await page.request.post(`${page.url().split('#')[0]}api/v1/classify?lang=en&top=5`, { data, headers })
  ).json();
}

/** Pixels; 0 while it is not there. */
const pictureWidth = async (page: Page) =>
  Number(await page.evaluate(`document.querySelector('img[alt^="Your picture: "]')?.naturalWidth ?? 0`));

const withoutTiming = ({ timing, ...answer }: Classification) => answer;

/** The mean of all pixels: red, green, blue. */
async function colorOf(picture: Sharp): Promise<number[]> {
  return [...(await picture.resize(1, 1, { fit: 'fill', kernel: 'linear' }).raw().toBuffer())];
}

/** Waits for the sentence that is read out. */
const says = (page: Page, expected: string | RegExp, region = 'Answer') =>
  untilText(page.getByRole('region', { name: region }).getByRole('status'), expected);

/** Waits for why there is no answer. */
const refuses = (page: Page, expected: RegExp) => untilText(page.getByRole('main').getByRole('alert'), expected);

async function untilText(element: Locator, expected: string | RegExp): Promise<void> {
  const fits = (said: string) => (typeof expected === 'string' ? said === expected : expected.test(said));
  const deadline = Date.now() + 10_000;
  let said = '';
  do {
    said = await textOf(element);
    if (fits(said)) return;
    await element.page().waitForTimeout(20);
  } while (Date.now() < deadline);
  assert.fail(`Expected ${expected}, but the page says "${said}".`);
}
