import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { dropFiles, requireAccessible, requireFit, textOf } from '../support/browser.js';
import { examples, project } from '../support/paths.js';
import { withoutChromium } from '../support/requirements.js';
import { sharedSite, type Visit } from '../support/site.js';
import { until } from '../support/timing.js';

const coffee = path.join(examples, 'coffee.png');

describe('the exhibition', { skip: withoutChromium() }, () => {
  const site = sharedSite({ flags: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'] });

  const inExhibition = (use: (page: Page) => Promise<void>, visit?: Visit) =>
    site.visit(async (page) => {
      // Time passes when the test says so.
      await page.clock.install();
      await page.evaluate(`(() => {
          const { wakeLock } = navigator;
          const request = wakeLock.request.bind(wakeLock);
          window.locks = [];
          wakeLock.request = async (kind) => {
            const lock = await request(kind);
            locks.push(lock);
            return lock;
          };
        })()`);
      await page.evaluate('location.hash = "#/exhibition"');
      await invites(page, visit?.locale === 'zh-CN' ? '机器看到了什么？' : undefined);
      await use(page);
    }, visit);

  test('has nothing but pictures to touch, no link, no setting, no choice of files, in the dark', () =>
    inExhibition(async (page) => {
      assert.equal(await page.locator('a, input, select, header, nav').count(), 0);
      const buttons = (await page.getByRole('button').allInnerTexts()).map((text) => text.trim());
      assert.deepEqual([buttons[0], buttons.at(-1)], ['A cat', 'Show it something']);
      assert.equal(await page.locator('button:has(img)').count(), buttons.length - 1);
      assert.equal(await page.evaluate('getComputedStyle(document.documentElement).colorScheme'), 'dark');
      await requireAccessible(page);
    }));

  test('answers the picture that is touched, lets the heat fade in, fills the screen, and stays awake', () =>
    inExhibition(async (page) => {
      await page.getByRole('button', { name: 'A cup of coffee' }).click();
      await until('the answer', async () => (await textOf(page.getByRole('status').first())) === 'espresso 98.7 %');
      await page.getByText('It looked where it glows.').waitFor();
      const opacity = () => page.evaluate<string>(`document.querySelector('canvas').style.opacity`);
      assert.equal(await opacity(), '0');
      await page.clock.fastForward(1500);
      await until('the heat', async () => (await opacity()) === '0.85');
      await until('the full screen', () => page.evaluate<boolean>('document.fullscreenElement !== null'));
      assert.deepEqual(await locks(page), [false]);
      assert.equal(await page.locator('a, input').count(), 0);
      await requireAccessible(page);
      await page.getByRole('button', { name: 'Another one' }).click();
      await invites(page);
    }));

  test('takes what is dropped, and says kindly when that is no picture', () =>
    inExhibition(async (page) => {
      await dropFiles(page, [coffee]);
      await until('the answer', async () => (await textOf(page.getByRole('status').first())) === 'espresso 98.7 %');
      await dropFiles(page, [path.join(project, 'README.md')]);
      await page.getByRole('heading', { name: 'This picture cannot be read' }).waitFor();
      await page.getByRole('button', { name: 'A cat' }).click();
      await until('the answer', async () => (await textOf(page.getByRole('status').first())).startsWith('cat 98.2 %'));
    }));

  test('takes a picture with the camera, and turns it off again', () =>
    inExhibition(async (page) => {
      await page.evaluate(`(() => {
        const { mediaDevices } = navigator;
        const give = mediaDevices.getUserMedia.bind(mediaDevices);
        mediaDevices.getUserMedia = async (wanted) => (window.given = await give(wanted));
      })()`);
      await page.getByRole('button', { name: 'Show it something' }).click();
      await page.getByRole('button', { name: 'Take the picture' }).click();
      await until('an answer', async () => / %$/.test(await textOf(page.getByRole('status').first())));
      assert.deepEqual(await page.evaluate('given.getTracks().map((track) => track.readyState)'), ['ended']);
      await page.getByRole('button', { name: 'Show it something' }).click();
      await page.getByRole('button', { name: 'Back' }).click();
      await invites(page);
      assert.deepEqual(await page.evaluate('given.getTracks().map((track) => track.readyState)'), ['ended']);
    }));

  test('starts over when nobody has touched it for a minute, and counts the last seconds', () =>
    inExhibition(async (page) => {
      await page.getByRole('button', { name: 'A cat' }).click();
      await page.getByText('It looked where it glows.').waitFor();
      const soon = page.getByText('Starting over soon. Touch the screen to stay.');
      // The time that the test itself takes passes too.
      await page.clock.runFor(40_000);
      assert.equal(await soon.isVisible(), false);
      await page.clock.runFor(11_000);
      await soon.waitFor();
      assert.match(await textOf(soon), /stay\. [1-9]$/);
      await page.mouse.move(300, 300);
      await soon.waitFor({ state: 'hidden' });
      await page.clock.runFor(40_000);
      assert.equal(await page.getByText('It looked where it glows.').isVisible(), true);
      await page.clock.runFor(21_000);
      await invites(page);
      await page.clock.runFor(120_000);
      await invites(page);
    }));

  test('is left by holding the corner for three seconds, not by touching it', () =>
    inExhibition(async (page) => {
      const { width } = page.viewportSize() ?? { width: 0 };
      await page.mouse.move(width - 20, 20);
      await page.mouse.down();
      await page.clock.runFor(2_500);
      await page.mouse.up();
      await page.clock.runFor(2_000);
      await invites(page);
      await page.mouse.down();
      await page.clock.runFor(3_100);
      await page.getByRole('heading', { name: 'How it sees' }).waitFor();
      await page.mouse.up();
      assert.equal(await page.evaluate('document.documentElement.dataset.theme'), undefined);
      await until('sleep', async () => (await locks(page)).every((released) => released));
    }));

  test('is left with Escape by those who mean it; a question without an answer is taken back', () =>
    inExhibition(async (page) => {
      const question = page.getByRole('dialog', { name: 'Leave the exhibition?' });
      await page.keyboard.press('Escape');
      await question.waitFor();
      await requireAccessible(page);
      await page.keyboard.press('Escape');
      await question.waitFor({ state: 'hidden' });
      await page.keyboard.press('Escape');
      await question.getByRole('button', { name: 'Stay' }).click();
      await question.waitFor({ state: 'hidden' });
      // To a browser Escape is the end of the full screen, and the page is not told of the key.
      await until('the full screen', () => page.evaluate<boolean>('document.fullscreenElement !== null'));
      await page.evaluate('document.exitFullscreen()');
      await question.waitFor();
      await page.clock.runFor(16_000);
      await question.waitFor({ state: 'hidden' });
      await page.keyboard.press('Escape');
      await question.getByRole('button', { name: 'Leave' }).click();
      await page.getByRole('heading', { name: 'How it sees' }).waitFor();
    }));

  test('asks those who go back, and stays where it is until they mean it', () =>
    inExhibition(async (page) => {
      const question = page.getByRole('dialog', { name: 'Leave the exhibition?' });
      await page.getByRole('button', { name: 'A cat' }).click();
      for (let times = 0; times < 2; times += 1) {
        await page.evaluate('history.back()');
        await question.waitFor();
        await page.evaluate('history.back()');
        await question.getByRole('button', { name: 'Stay' }).click();
        await question.waitFor({ state: 'hidden' });
      }
      await page.getByText('It looked where it glows.').waitFor();
      await page.evaluate('history.back()');
      await question.getByRole('button', { name: 'Leave' }).click();
      await page.getByRole('heading', { name: 'How it sees' }).waitFor();
      // The way back is as long as it was, and does not lead in again.
      await page.evaluate('history.back()');
      await page.getByLabel('Choose pictures').waitFor({ state: 'attached' });
    }));

  test('has all that can be touched on the screen of a phone, and nothing over it', () =>
    inExhibition(
      async (page) => {
        const hint = page.getByText('To leave: hold the top right corner');
        const boxOf = async (part: Locator) => (await part.boundingBox()) ?? assert.fail('not on the page');
        const hinted = await boxOf(hint);
        const lowest = await boxOf(page.getByRole('button').last());
        assert.ok(hinted.y >= lowest.y + lowest.height);
        await page.getByRole('button', { name: 'A cat' }).click();
        await page.getByText('It looked where it glows.').waitFor();
        assert.equal(await hint.count(), 0);
        for (const button of await page.getByRole('button').all()) {
          const { y, width, height } = await boxOf(button);
          assert.ok(y >= 0 && y + height <= 844, await textOf(button));
          assert.ok(width >= 44 && height >= 44, await textOf(button));
        }
      },
      { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
    ));

  for (const [what, options] of [
    ['a phone', { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }],
    ['a wall, in Chinese', { viewport: { width: 3840, height: 2160 }, locale: 'zh-CN' }],
  ] as const)
    test(`fits ${what}`, () =>
      inExhibition(async (page) => {
        await page.getByRole('button').nth(1).click();
        await page.locator('canvas').waitFor();
        await requireFit(page);
        if ('locale' in options) assert.doesNotMatch(await textOf(page.locator('main')), /[a-z]{3,}/);
        await requireAccessible(page);
      }, options));
});

/** Of all locks that keep the screen on, whether they are released. */
const locks = (page: Page) => page.evaluate<boolean[]>('locks.map(({ released }) => released)');

const invites = (page: Page, title = 'What does the machine see?') =>
  page.getByRole('heading', { name: title }).waitFor();
