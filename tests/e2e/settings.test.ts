import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { Settings } from '#kaiyan/config.js';
import { version } from '#kaiyan/version.js';
import { requireAccessible, requireFit } from '../support/browser.js';
import { examples } from '../support/paths.js';
import { withoutChromium } from '../support/requirements.js';
import { listeningServiceFor } from '../support/service.js';
import { sharedSite, type Visit } from '../support/site.js';

describe('the page Settings', { skip: withoutChromium() }, () => {
  const site = sharedSite({ settings: { threshold: 0.6 } });

  const inPage = (use: (page: Page) => Promise<void>, visit?: Visit) =>
    site.visit(
      async (page) => {
        await page.getByRole('heading', { level: 1, name: /Settings|设置/ }).waitFor();
        await use(page);
      },
      { hash: '#/settings', ...visit },
    );

  async function inPageOf(t: TestContext, settings: Partial<Settings>, use: (page: Page) => Promise<void>) {
    const { address } = await listeningServiceFor(t, settings);
    await inPage(use, { at: address });
  }

  test('speaks both languages, in the dark and on a phone, and axe minds nothing', async () => {
    const looks: readonly [string, string, BrowserContextOptions][] = [
      ['Settings', 'This service asks for no key.', { colorScheme: 'dark' }],
      ['设置', '这个服务不需要密钥。', { locale: 'zh-CN', viewport: { width: 360, height: 640 }, isMobile: true }],
    ];
    for (const [title, words, options] of looks)
      await inPage(async (page) => {
        await page.getByText(words).waitFor();
        assert.equal(await page.title(), `${title} · Kaiyan 开眼`);
        await requireAccessible(page);
        await requireFit(page);
      }, options);
  });

  test('changes language and colours at once, and remembers them', () =>
    inPage(async (page) => {
      const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
      const light = await ground();
      await page.getByRole('radio', { name: 'Dark' }).check();
      assert.notEqual(await ground(), light);
      await page.getByRole('main').getByRole('radio', { name: '中文' }).check();
      await page.getByRole('heading', { level: 1, name: '设置' }).waitFor();
      await page.reload();
      assert.equal(await page.getByRole('group', { name: '颜色' }).getByLabel('深色').isChecked(), true);
      assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
      assert.notEqual(await ground(), light);
    }));

  test('follows what is chosen in another tab', () =>
    inPage(async (page) => {
      const other = await page.context().newPage();
      await other.goto(page.url());
      await other.getByRole('main').getByRole('radio', { name: '中文' }).check();
      await page.getByRole('heading', { level: 1, name: '设置' }).waitFor();
      await page.getByRole('radio', { name: '深色' }).check();
      await other.reload();
      await other.getByRole('heading', { level: 1, name: '设置' }).waitFor();
      assert.equal(await other.getByRole('radio', { name: '深色' }).isChecked(), true);
    }));

  test('has pictures answered with the top k and the threshold that are chosen, until all is reset', () =>
    inPage(async (page) => {
      await page.getByText('As the service is set (60 %)').waitFor();
      await page.getByLabel('Guesses shown for each picture').fill('2');
      await page.getByLabel('As the service is set').uncheck();
      await page.getByLabel('Probability from which a thing is named').fill('1');
      assert.equal(await page.getByText('100 %').isVisible(), true);

      const query = async () => {
        await page.getByRole('link', { name: 'Classify' }).click();
        const asked = page.waitForRequest((request) => request.url().includes('api/v1/classify'));
        await page.locator('input[type=file]').first().setInputFiles(path.join(examples, 'chelsea.png'));
        const { searchParams } = new URL((await asked).url());
        await page.getByRole('list', { name: 'The most probable classes' }).waitFor();
        return [searchParams.get('top'), searchParams.get('threshold')];
      };
      assert.deepEqual(await query(), ['2', '1']);
      await page.getByText('Not sure').first().waitFor();
      const bars = page.getByRole('list', { name: 'The most probable classes' }).getByRole('listitem');
      assert.equal(await bars.count(), 2);

      await page.getByRole('link', { name: 'Settings' }).click();
      await page.getByRole('button', { name: 'Reset everything' }).click();
      await page.getByText('Everything is as it was at the beginning.').waitFor();
      assert.equal(await page.getByLabel('As the service is set').isChecked(), true);
      assert.equal(await page.getByLabel('Guesses shown for each picture').inputValue(), '5');
      assert.deepEqual(await query(), ['5', null]);
    }));

  test('says what answers here, and needs no token where nobody else is let in', () =>
    inPage(async (page) => {
      await page.getByText(`Kaiyan ${version}`).waitFor();
      await page.getByText(site.service.address, { exact: true }).waitFor();
      await page.getByText('no token is needed').waitFor();
      assert.equal(await page.locator('input[type=password]').count(), 0);
    }));

  test('tests the key and the admin token, shows them on request, and keeps them until the tab is closed', (t) =>
    inPageOf(t, { apiKey: 'sesame', adminToken: 'open it' }, async (page) => {
      for (const [name, right, fitsWords, wrongWords] of [
        ['API key', 'sesame', 'This key fits.', 'This is not the key of this service.'],
        ['Admin token', 'open it', 'This token fits.', 'This is not the admin token of this service.'],
      ] as const) {
        const form = page.locator('form').filter({ has: page.getByLabel(name, { exact: true }) });
        const field = form.getByLabel(name, { exact: true });
        assert.equal(await form.getByRole('button', { name: 'Test' }).isDisabled(), true);
        await field.fill('open');
        await field.press('Enter');
        await form.getByText(wrongWords).waitFor();
        await field.fill(right);
        assert.equal(await form.getByText(wrongWords).isVisible(), false);
        await form.getByRole('button', { name: 'Test' }).click();
        await form.getByText(fitsWords).waitFor();
        assert.equal(await field.getAttribute('type'), 'password');
        await form.getByRole('button', { name: `Show ${name}` }).click();
        assert.equal(await field.getAttribute('type'), 'text');
        await form.getByRole('button', { name: `Hide ${name}` }).click();
      }
      await requireAccessible(page);
      await page.reload();
      assert.equal(await page.getByLabel('API key', { exact: true }).inputValue(), 'sesame');
      assert.equal(await page.getByLabel('Admin token', { exact: true }).inputValue(), 'open it');
      assert.doesNotMatch((await page.evaluate('JSON.stringify(localStorage)')) as string, /sesame|open it/);
      await page.getByLabel('API key', { exact: true }).fill('钥匙');
      await page.getByRole('alert').getByText('Only letters without accents').waitFor();
      assert.equal(await page.getByLabel('API key', { exact: true }).inputValue(), 'sesame');
      const models = await page.evaluate(`fetch('api/v1/models').then(({ status }) => status)`);
      assert.equal(models, 401, 'nothing is sent but by the page');
      const outcome = page.getByText('This key fits.');
      await page.getByRole('button', { name: 'Test' }).first().press('Enter');
      await outcome.waitFor();
      assert.equal(await page.evaluate('document.activeElement.textContent'), 'Test', 'the focus stays');
      await page.getByRole('button', { name: 'Reset everything' }).click();
      await outcome.waitFor({ state: 'detached' });
    }));

  test('says that a service that others reach cannot be managed without a token', (t) =>
    inPageOf(t, { host: '0.0.0.0' }, async (page) => {
      await page.getByText('Which model answers cannot be changed from here').waitFor();
      assert.equal(await page.locator('input[type=password]').count(), 0);
    }));

  test('says that the service does not answer, and asks again', () =>
    inPage(async (page) => {
      await page.route('**/api/v1/service', (route) => route.abort());
      await page.reload();
      await page.getByRole('heading', { name: 'The service does not answer' }).waitFor();
      assert.equal(await page.getByLabel('API key', { exact: true }).isVisible(), true);
      await page.unroute('**/api/v1/service');
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByText('This service asks for no key.').waitFor();
    }));

  test('can be used by keyboard alone', () =>
    inPage(async (page) => {
      await page.getByLabel('English').focus();
      await page.keyboard.press('ArrowRight');
      await page.getByRole('heading', { level: 1, name: '设置' }).waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.press('ArrowRight');
      assert.equal(await page.locator('html').getAttribute('data-theme'), 'light');
      await page.keyboard.press('Tab');
      await page.keyboard.press('ArrowLeft');
      assert.equal(await page.getByLabel('每张图片显示几个候选结果').inputValue(), '4');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
      await page.keyboard.press('Tab');
      await page.keyboard.press('ArrowRight');
      assert.equal(await page.getByLabel('说出名称所需的可能性').inputValue(), '0.61');
    }));
});
