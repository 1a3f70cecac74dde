import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Settings } from '#kaiyan/config.js';
import type { AnswerOf } from '#kaiyan/server/contract.js';
import type { correctionsAnswer, promotionsAnswer } from '#kaiyan/server/correction-contract.js';
import type { training } from '#kaiyan/server/training-contract.js';
import { requireAccessible, requireFit } from '../support/browser.js';
import { temporaryFolder } from '../support/folders.js';
import { examples } from '../support/paths.js';
import { withoutChromium } from '../support/requirements.js';
import { listeningServiceFor } from '../support/service.js';
import { sharedSite, type Visit } from '../support/site.js';
import { variationsOf } from '../support/variations.js';

const cat = path.join(examples, 'chelsea.png');
const coffee = path.join(examples, 'coffee.png');
const crab = path.join(examples, 'crab.jpg');
const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
/** A training takes seconds; on a machine that is slow and busy, more. */
const LONG = { timeout: 240_000 };

type Corrections = AnswerOf<typeof correctionsAnswer>;
type Promotions = AnswerOf<typeof promotionsAnswer>;
type Training = AnswerOf<typeof training>;

describe('what people put right in the page', { skip: withoutChromium() }, () => {
  const site = sharedSite({ settings: async (t) => ({ home: await temporaryFolder(t) }) });

  const inPage = (hash: string, use: (page: Page) => Promise<void>, visit?: Visit) =>
    site.visit(
      async (page) => {
        await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
        await use(page);
      },
      { hash, ...visit },
    );
  const ask = async <Answer>(page: Page, route: string): Promise<Answer> =>
    (await page.request.get(new URL(`api/v1/${route}`, page.url()).href)).json() as Promise<Answer>;
  const correctionsIn = async (page: Page) => (await ask<Corrections>(page, 'corrections')).corrections;

  test('an answer is put right with a class of the model or a new name, and that is taken back', () =>
    inPage('#/', async (page) => {
      await page.getByLabel('Choose pictures').setInputFiles(cat);
      await page.getByRole('button', { name: 'Not right?' }).click();
      const dialog = page.getByRole('dialog', { name: 'What is it really?' });
      await dialog.getByText('This picture will then be kept').waitFor();
      await requireAccessible(page);
      await dialog.getByLabel('Look for it').fill('lynx');
      assert.equal(await dialog.getByRole('radio', { name: 'lynx', exact: true }).isChecked(), true);
      // Nothing is kept before it is said.
      assert.deepEqual(await correctionsIn(page), []);
      await dialog.getByRole('button', { name: 'It is lynx' }).click();
      await page.getByText('Kept: lynx.').waitFor();
      const [kept] = await correctionsIn(page);
      assert.equal(kept?.label, 'lynx');
      assert.match(kept?.predicted ?? '', /cat|Mau/);
      assert.match(kept?.model ?? '', /^efficientnet-lite0@/);
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByRole('button', { name: 'Not right?' }).waitFor();
      assert.deepEqual(await correctionsIn(page), []);

      await page.getByRole('button', { name: 'Not right?' }).click();
      await dialog.getByLabel('Look for it').fill(' Chelsea  the cat ');
      await dialog.getByText('The model knows no “Chelsea the cat” yet.').waitFor();
      await dialog.getByRole('button', { name: 'It is Chelsea the cat' }).click();
      await page.getByText('Kept: Chelsea the cat.').waitFor();
      assert.deepEqual(
        (await correctionsIn(page)).map(({ label }) => label),
        ['Chelsea the cat'],
      );
    }));

  test('all of that is done with the keyboard alone, and the focus is where it goes on', () =>
    inPage('#/', async (page) => {
      const hasFocus = (part: Locator) => part.and(page.locator(':focus')).waitFor();
      await page.getByLabel('Choose pictures').setInputFiles(coffee);
      await page.getByRole('button', { name: 'Not right?' }).press('Enter');
      await hasFocus(page.getByLabel('Look for it'));
      // A space is written, and closes nothing.
      await page.keyboard.type('coffee mug');
      await page.getByRole('button', { name: 'It is coffee mug' }).waitFor();
      await page.keyboard.press('Enter');
      await hasFocus(page.getByText('Kept: coffee mug.'));
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await hasFocus(page.getByRole('button', { name: 'Not right?' }));
    }));

  test('in Chinese on a phone, a class is found by its Chinese name', () =>
    inPage(
      '#/',
      async (page) => {
        await page.getByLabel('选择图片').setInputFiles(crab);
        await page.getByRole('button', { name: '不对？' }).click();
        const dialog = page.getByRole('dialog', { name: '它实际是什么？' });
        await dialog.getByLabel('查找').fill('龙虾');
        await dialog.getByRole('radio', { name: '美洲螯龙虾' }).check({ force: true });
        await requireAccessible(page);
        await dialog.getByRole('button', { name: /^是/ }).click();
        await page.getByText('已保存').waitFor();
        await page.goto(`${site.service.address}#/train/corrections`);
        await page.getByRole('heading', { name: '改进模型' }).waitFor();
        await page.getByText('实际：美洲螯龙虾').waitFor();
        await page.getByRole('radio', { name: 'EN' }).check({ force: true });
        await page.getByText('Really: American lobster').waitFor();
        await page.getByText('Answer: rock crab').waitFor();
        await page.getByRole('radio', { name: '中文' }).check({ force: true });
        await requireAccessible(page);
        await requireFit(page);
      },
      { ...phone, locale: 'zh-CN' },
    ));

  test('a picture of a job is put right by its small copy', () =>
    inPage('#/batch', async (page) => {
      const before = (await correctionsIn(page)).length;
      await page.getByLabel('Choose pictures').setInputFiles([cat]);
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await page.getByRole('button', { name: /chelsea/ }).click();
      const detail = page.getByRole('dialog', { name: 'chelsea.png' });
      await detail.getByRole('button', { name: 'Not right?' }).click();
      const dialog = page.getByRole('dialog', { name: 'What is it really?' });
      await dialog.getByText('its small copy will then be kept').waitFor();
      await dialog.getByRole('radio').first().check({ force: true });
      await dialog.getByRole('button', { name: /^It is/ }).click();
      await detail.getByText(/^Kept: /).waitFor();
      assert.equal((await correctionsIn(page)).length, before + 1);
    }));

  test('corrections are looked through, changed and deleted; a better model learns from them, is compared, used, and taken back', async (t) => {
    const folder = await temporaryFolder(t);
    for (const file of await variationsOf(crab, folder, 6)) {
      const response = await fetch(
        `${site.service.address}api/v1/corrections?label=${encodeURIComponent('Sally 螃蟹')}&predicted=rock%20crab&probability=0.9`,
        { method: 'POST', headers: { 'Content-Type': 'image/jpeg' }, body: await readFile(file) },
      );
      assert.equal(response.status, 201);
    }
    await inPage('#/train/corrections', async (page) => {
      const before = await correctionsIn(page);
      await page.getByRole('heading', { name: `${before.length} pictures` }).waitFor();
      await requireAccessible(page);
      await page.getByRole('button', { name: 'Change what it is: Chelsea the cat' }).click();
      const dialog = page.getByRole('dialog', { name: 'What is it really?' });
      await dialog.getByLabel('Look for it').fill('tabby cat');
      await dialog.getByRole('button', { name: 'It is tabby cat' }).click();
      await page.getByText('Really: tabby cat').first().waitFor();
      await page.getByRole('button', { name: 'Delete the picture of tabby cat' }).first().click();
      await page.getByRole('dialog', { name: 'Delete this picture?' }).getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('heading', { name: `${before.length - 1} pictures` }).waitFor();

      await page.getByRole('button', { name: 'Improve the model' }).click();
      await page.getByRole('heading', { name: 'Side by side' }).waitFor(LONG);
      const id = page.url().split('/').at(-1) ?? '';
      const { comparison } = await ask<Training>(page, `trainings/${id}`);
      assert.ok(comparison);
      for (const { model, top1 } of [comparison.present, comparison.candidate]) {
        await page.getByText(model, { exact: true }).first().waitFor();
        await page
          .getByText(`${(100 * top1).toFixed(1)}\u00a0%`)
          .first()
          .waitFor();
      }
      const [formerly, now] = [comparison.present, comparison.candidate].map(({ top1 }) =>
        Math.round(top1 * comparison.pictures),
      );
      assert.ok(formerly !== undefined && now !== undefined && now > formerly);
      await page.getByText(`${now - formerly === 1 ? 'one' : now - formerly} more right`).waitFor();
      await page.getByText(`${now} of ${comparison.pictures}`).waitFor();
      const report = page.context().waitForEvent('page');
      await page.getByRole('link', { name: 'See the report' }).click();
      await (await report).getByText('Is one of them better?').waitFor();
      await requireAccessible(page);
      await page.getByRole('link', { name: 'To the corrections' }).click();
      const toDecide = page.getByText('A new model is there.');
      await toDecide.getByRole('link', { name: 'Compare' }).click();
      const keep = page.getByRole('button', { name: 'Keep the present one' });
      await keep.click();
      const stays = page.getByText('The present one stays.');
      await stays.waitFor();
      // It is still known after the page was left.
      await page.reload();
      await stays.waitFor();
      assert.equal(await keep.count(), 0);
      const asked = page.waitForResponse((response) => response.url().endsWith('/api/v1/promotions'));
      await page.getByRole('link', { name: 'To the corrections' }).click();
      await asked;
      await page.getByRole('button', { name: 'Improve the model' }).waitFor();
      assert.equal(await toDecide.count(), 0);
      await page.goBack();
      await page.getByRole('button', { name: 'Use the new one' }).click();
      await page.getByText(`${comparison.candidate.model} answers now.`).first().waitFor();
      await page.getByRole('button', { name: `Go back to ${comparison.present.model}` }).waitFor();
      await page.getByRole('link', { name: 'To the corrections' }).click();
      await page.getByText(`${comparison.candidate.model} took over from ${comparison.present.model}`).waitFor();
      await requireAccessible(page);
      await page.getByRole('button', { name: /^Go back to / }).click();
      await page.getByText(`Back to ${comparison.present.model}, from`).waitFor();
      const { promotions } = await ask<Promotions>(page, 'promotions');
      assert.deepEqual(
        promotions.map(({ kind, training: from }) => [kind, from]),
        [
          ['rollback', null],
          ['promotion', id],
        ],
      );
      await page.getByRole('button', { name: 'Delete all' }).click();
      await page.getByRole('dialog', { name: 'Delete all' }).getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('heading', { name: 'Nothing has been corrected yet' }).waitFor();
    });
  });

  test('where the service is not managed from here, an answer can be put right, but not taken back', async (t) => {
    const settings: Partial<Settings> = { home: await temporaryFolder(t), host: '0.0.0.0' };
    const other = await listeningServiceFor(t, settings);
    await inPage(
      '#/',
      async (page) => {
        await page.getByLabel('Choose pictures').setInputFiles(cat);
        await page.getByRole('button', { name: 'Not right?' }).click();
        await page.getByLabel('Look for it').fill('lynx');
        await page.getByRole('button', { name: 'It is lynx' }).click();
        await page.getByText('Kept: lynx.').waitFor();
        assert.equal(await page.getByRole('button', { name: 'Undo' }).count(), 0);
        await page.goto(`http://127.0.0.1:${other.port}/#/train/corrections`);
        await page.getByRole('heading', { name: 'This cannot be done from here' }).waitFor();
      },
      { at: other.address },
    );
  });
});
