import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import type { Classification } from '#kaiyan/classification/classification.js';
import { requireAccessible, requireFit, textOf } from '../support/browser.js';
import { examples } from '../support/paths.js';
import { withoutChromium } from '../support/requirements.js';
import { sharedSite, type Visit } from '../support/site.js';
import { until } from '../support/timing.js';

const cat = path.join(examples, 'chelsea.png');
const coffee = path.join(examples, 'coffee.png');

const TITLES = [
  'A picture is numbers',
  'It is given a small square',
  'It answers with probabilities',
  'Where it looked',
  'Cover it, and it changes its mind',
  'What it cannot do, and who is responsible',
];

describe('the guided tour', { skip: withoutChromium() }, () => {
  const site = sharedSite();

  const inTour = (use: (page: Page) => Promise<void>, visit?: Visit) =>
    site.visit(
      async (page) => {
        await page.locator('h2#step').waitFor();
        await use(page);
      },
      { hash: '#/tour', ...visit },
    );
  const isAt = (page: Page, step: number) =>
    page.getByRole('heading', { name: `Step ${step} of 6: ${TITLES[step - 1]}` }).waitFor();

  test('has six steps, each with something to discuss, that keys, a remote and buttons turn', () =>
    inTour(async (page) => {
      const questions = new Set<string>();
      const turns = ['ArrowRight', 'PageDown', 'ArrowRight', 'PageDown', 'ArrowRight'];
      for (const [i, key] of turns.entries()) {
        await isAt(page, i + 1);
        questions.add(await textOf(page.getByRole('complementary', { name: 'Discuss' })));
        await page.evaluate('window.heading = document.activeElement');
        await page.keyboard.press(key);
      }
      await isAt(page, 6);
      assert.equal(await page.evaluate('document.activeElement.id'), 'step');
      // A heading that had the focus before would not be read out.
      assert.equal(await page.evaluate('window.heading === document.activeElement'), false);
      questions.add(await textOf(page.getByRole('complementary', { name: 'Discuss' })));
      assert.equal(questions.size, 6);
      await page.keyboard.press('ArrowRight');
      await isAt(page, 6);
      const next = page.getByRole('button', { name: 'Next', exact: true });
      assert.equal(await next.isDisabled(), true);
      await next.focus();
      await page.keyboard.press('Enter');
      await next.and(page.locator(':focus')).waitFor();
      for (const key of ['ArrowLeft', 'PageUp']) await page.keyboard.press(key);
      await isAt(page, 4);
      await page.getByRole('button', { name: 'Back' }).click();
      await isAt(page, 3);
      await page.getByRole('button', { name: 'Next: Where it looked' }).click();
      await isAt(page, 4);
      await page.getByRole('button', { name: '1 Numbers' }).click();
      await isAt(page, 1);
      assert.equal(await textOf(page.locator('[aria-current=step]')), '1 Numbers');
    }));

  test('zooms in to the numbers that the file has', () =>
    inTour(async (page) => {
      await page.locator('article').getByText('451 × 300 pixels, so 405,900 numbers').waitFor();
      await page.getByRole('button', { name: 'All the way in' }).click();
      const { data, info } = await sharp(cat).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      const colourAt = (x: number, y: number) => [
        ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
      ];
      const says = ([red, green, blue]: readonly number[]) =>
        page.getByText(`The pixel in the middle: red ${red}, green ${green}, blue ${blue}`).waitFor();
      // Eight pixels from 222 and 146 on; the fifth of them is the one in the middle.
      await says(colourAt(226, 150));
      await page.getByRole('button', { name: 'The pixels of the picture' }).focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await says(colourAt(227, 152));
      await isAt(page, 1);
    }));

  test('answers what is shown, and is not sure of nothing at all', () =>
    inTour(async (page) => {
      await page.getByRole('button', { name: /^3/ }).click();
      const headers = { 'content-type': 'application/octet-stream' };
      const request = { method: 'POST', url: '/api/v1/classify?top=5', headers, payload: await readFile(cat) } as const;
      const { predictions } = (await site.service.http.inject(request)).json<Classification>();
      const list = page.locator('article').getByRole('list', { name: 'The most probable classes' });
      assert.deepEqual(
        (await list.getByRole('listitem').allInnerTexts()).map((text) => text.split('\n')[0]),
        predictions.map(({ label }) => label),
      );
      for (const nothing of ['Snow', 'Plain grey']) {
        await page.getByRole('radio', { name: nothing }).check({ force: true });
        await page.locator('article').getByText('Not sure', { exact: true }).waitFor();
        await page.getByRole('img', { name: nothing }).waitFor();
      }
      // The choice between them has the arrow keys.
      await page.keyboard.press('ArrowLeft');
      await isAt(page, 3);
    }));

  test('shows where it looked, lets one cover that, and looks up whether it knows a word', () =>
    inTour(async (page) => {
      await page.getByRole('button', { name: /^4/ }).click();
      const article = page.locator('article');
      await article.getByRole('button', { name: /^lynx/ }).click();
      await article.getByRole('button', { name: /^lynx/, pressed: true }).waitFor();
      await page.getByRole('button', { name: /^5/ }).click();
      const surface = page.getByRole('button', { name: /^What the network is given, enlarged/ });
      await surface.focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press('ArrowLeft');
      await article.getByText('The line marks the first answer.').waitFor();
      await isAt(page, 5);
      await page.getByRole('button', { name: /^6/ }).click();
      await page.getByLabel('Does it know …? Type a word').fill('giraffe');
      await article.getByText('The network knows no such class.').waitFor();
      await page.getByLabel('Does it know …? Type a word').fill('zebra');
      await article.getByText('zebra', { exact: true }).waitFor();
    }));

  test('takes another picture, and stays at its step', () =>
    inTour(async (page) => {
      await page.getByRole('button', { name: /^2/ }).click();
      await page.getByText('37\u00a0% of the picture’s').first().waitFor();
      await page.getByLabel('Choose a picture').setInputFiles(coffee);
      await page.getByText('21\u00a0% of the picture’s').first().waitFor();
      await isAt(page, 2);
      await page.getByRole('button', { name: 'Mountains' }).click();
      await page.getByText('10\u00a0% of the picture’s').first().waitFor();
    }));

  test('is printed as a handout of all six steps, and nothing else', () =>
    inTour(async (page) => {
      await page.evaluate("document.documentElement.dataset.theme = 'dark'");
      await page.emulateMedia({ media: 'print' });
      assert.equal(await page.evaluate('getComputedStyle(document.body).color'), 'rgb(23, 28, 26)');
      const shown = await textOf(page.locator('body'));
      for (const [i, title] of TITLES.entries()) assert.ok(shown.includes(`${i + 1}. ${title}`), title);
      assert.equal(shown.match(/Discuss:/g)?.length, 6);
      assert.doesNotMatch(shown, /Next|Take another picture|Print as|Settings/);
      assert.match(shown, /cat 98\.2 %/);
      assert.match(shown, /25 pixels in its middle/);
      for (const format of ['A4', 'Letter']) {
        const pdf = (await page.pdf({ format })).toString('latin1');
        assert.equal(pdf.match(/\/Type \/Page\b/g)?.length, 3, format);
      }
      const growing = 'document.getAnimations().map(({ animationName }) => animationName).filter(Boolean)';
      assert.deepEqual(await page.evaluate(growing), []);
    }));

  for (const [what, options] of [
    ['a phone', { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }],
    ['a projector, in Chinese', { viewport: { width: 1920, height: 1080 }, locale: 'zh-CN' }],
    ['a wall, in the dark', { viewport: { width: 3840, height: 2160 }, colorScheme: 'dark' }],
  ] as const)
    test(`fits ${what}, and shows nothing that axe minds`, () =>
      inTour(async (page) => {
        for (let step = 1; step <= 6; step++) {
          await until('the step', async () =>
            (await textOf(page.locator('[aria-current=step]'))).startsWith(String(step)),
          );
          await page.locator('article').locator('canvas:not([hidden]), input').first().waitFor();
          await requireFit(page);
          if ('locale' in options)
            assert.doesNotMatch(await textOf(page.locator('article')), /[a-z]{3,} [a-z]{3,}|\d %/, `step ${step}`);
          await requireAccessible(page);
          await page.keyboard.press('PageDown');
        }
      }, options));
});
