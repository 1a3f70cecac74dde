import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { BrowserContextOptions, Locator, Page, Request } from 'playwright-core';
import sharp from 'sharp';
import type { Classification } from '#kaiyan/classification/classification.js';
import type { Settings } from '#kaiyan/config.js';
import type { Explanation } from '#kaiyan/explanation/explain.js';
import { requireAccessible, requireFit, textOf, textsOf } from '../support/browser.js';
import { customBundle } from '../support/bundles.js';
import { temporaryFolder } from '../support/folders.js';
import { examples, fixtures, project } from '../support/paths.js';
import { withoutChromium, withoutHeic } from '../support/requirements.js';
import { type ListeningService, listeningServiceFor } from '../support/service.js';
import { sharedSite, type Visit } from '../support/site.js';
import { until } from '../support/timing.js';

const cat = path.join(examples, 'chelsea.png');
const coffee = path.join(examples, 'coffee.png');
const phone: BrowserContextOptions = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

describe('the page How it sees', { skip: withoutChromium() }, () => {
  const site = sharedSite();

  const inPage = (use: (page: Page) => Promise<void>, visit?: Visit) =>
    site.visit(
      async (page) => {
        await page.locator('a[href="#/tour"]').waitFor();
        await use(page);
      },
      { hash: '#/see', ...visit },
    );

  const ask = async <Answer>(url: string, file: string | Buffer): Promise<Answer> => {
    const payload = typeof file === 'string' ? await readFile(file) : file;
    const headers = { 'content-type': 'application/octet-stream' };
    return (await site.service.http.inject({ method: 'POST', url, headers, payload })).json();
  };

  for (const [language, locale] of [
    ['English', 'en-GB'],
    ['Chinese', 'zh-CN'],
  ] as const)
    test(`invites, and leads to the tour and the exhibition, in ${language}`, () =>
      inPage(
        async (page) => {
          const words = language === 'English' ? ['Guided tour', 'Exhibition mode'] : ['课堂导览', '展览模式'];
          for (const name of words) await page.getByRole('link', { name }).waitFor();
          if (language === 'Chinese') assert.doesNotMatch(await textOf(page.locator('main')), /[a-z]{3,} [a-z]{3,}/);
          await requireAccessible(page);
        },
        { locale },
      ));

  test('lays heat over what the network was given, hottest where the API says, and says what it means', () =>
    inPage(async (page) => {
      await choose(page, coffee);
      await page.getByText('The brighter a place, the more it speaks for “espresso” (98.7 %).').waitFor();
      await page.getByText('Exact', { exact: true }).waitFor();
      const { crop, picture, grid } = await ask<Explanation>('/api/v1/explain', coffee);
      const place = await page.evaluate<number[]>(
        `(() => {
        const heat = document.querySelector('figure canvas');
        const [inner, outer] = [heat.parentElement, heat.parentElement.parentElement].map((e) => e.getBoundingClientRect());
        return [(inner.x - outer.x) / outer.width, (inner.y - outer.y) / outer.height,
          inner.width / outer.width, inner.height / outer.height];
      })()`,
      );
      const expected = [
        crop.x / picture.width,
        crop.y / picture.height,
        crop.width / picture.width,
        crop.height / picture.height,
      ];
      for (const [i, share] of place.entries())
        assert.ok(Math.abs(share - (expected[i] ?? 0)) < 0.005, `${place}, ${expected}`);
      assert.equal(await hottestValue(page, grid), Math.max(...grid.values));
      await requireAccessible(page);
    }));

  test('shows the heat of any class: of the list, and of those that are looked up in either language', () =>
    inPage(async (page) => {
      await choose(page, cat);
      const { predictions } = await ask<Classification>('/api/v1/classify?top=5', cat);
      const list = page.getByRole('list', { name: 'The most probable classes' }).first();
      await list.getByRole('button').first().waitFor();
      assert.deepEqual(
        (await textsOf(list.getByRole('button'))).map((text) => text.replace(/ <? ?[\d.]+ %$/, '')),
        predictions.map(({ label }) => label),
      );
      await list.getByRole('button', { pressed: true }).waitFor();
      for (const [typed, label, index] of [
        ['lynx', 'lynx', 287],
        ['坦克', 'tank (military vehicle)', 847],
      ] as const) {
        await page.getByLabel('Look up another class').fill(typed);
        const found = page.getByRole('list', { name: 'The most probable classes' }).nth(1);
        await found.getByRole('button', { name: label }).first().click();
        await page.getByText(`The network does not believe in “${label}”`).waitFor();
        const { grid } = await ask<Explanation>(`/api/v1/explain?class=${index}`, cat);
        const hottest = Math.max(...grid.values);
        await until('its heat', async () => (await hottestValue(page, grid)) > 0.9 * hottest);
      }
      await page.getByLabel('Look up another class').fill('qqq');
      await page.getByText('The network knows no such class.').waitFor();
    }));

  test('lets one choose how strong the heat is', () =>
    inPage(async (page) => {
      await choose(page, cat);
      const slider = page.getByLabel('Strength of the heat');
      await slider.fill('0.3');
      await until('thin heat', () =>
        page.evaluate(`getComputedStyle(document.querySelector('figure canvas')).opacity === '0.3'`),
      );
      assert.equal(await slider.getAttribute('aria-valuetext'), '30\u00a0%');
    }));

  test('shows what the network was given in its real size, and its pixels on demand', () =>
    inPage(async (page) => {
      await choose(page, coffee);
      const figure = page.getByRole('figure').filter({ hasText: '224 × 224 pixels' });
      const box = await figure.locator('canvas').boundingBox();
      assert.deepEqual([box?.width, box?.height], [224, 224]);
      const large = page.locator('canvas[data-pixelated]');
      assert.deepEqual(await large.evaluate((c: { width: number; height: number }) => [c.width, c.height]), [224, 224]);
      await page.getByRole('button', { name: 'Show the pixels' }).click();
      assert.equal(
        await page.evaluate(`getComputedStyle(document.querySelector('canvas[data-pixelated]')).imageRendering`),
        'pixelated',
      );
    }));

  test('answers anew while a card is moved over it: one question at a time, and what is shown is what the API says', () =>
    inPage(async (page) => {
      await choose(page, coffee);
      const surface = page.getByRole('button', { name: 'What the network is given, enlarged: Cover' });
      await surface.scrollIntoViewIfNeeded();
      let open = 0;
      let most = 0;
      const isQuestion = (url: string) => url.includes('/classify');
      page.on('request', (request) => {
        if (!isQuestion(request.url())) return;
        open += 1;
        most = Math.max(most, open);
      });
      const end = (request: Request) => void (isQuestion(request.url()) && open--);
      page.on('requestfinished', end);
      page.on('requestfailed', end);
      const box = await boxOf(surface);
      const at = (x: number, y: number) => [box.x + box.width * x, box.y + box.height * y] as const;
      await page.mouse.move(...at(0.1, 0.9));
      await page.mouse.down();
      await page.mouse.move(...at(0.5, 0.35), { steps: 40 });
      await page.mouse.up();
      const changes = page.getByRole('region', { name: 'What became of the answer' });
      await changes.getByText('Now', { exact: true }).waitFor();
      await changes.locator('xpath=self::*[@aria-busy="false"]').waitFor();
      assert.equal(most, 1);
      const sent = await page.evaluate<string>(`document.querySelector('canvas[hidden]').toDataURL()`);
      const png = Buffer.from(sent.slice(sent.indexOf(',')), 'base64');
      const { predictions } = await ask<Classification>('/api/v1/classify?top=1000', png);
      const espresso = predictions.find(({ label }) => label === 'espresso')?.probability ?? 0;
      assert.ok(espresso < 0.9, `${espresso}`);
      const [shown] = await textsOf(changes.getByRole('listitem'));
      assert.match(shown ?? '', new RegExp(`^espresso −[\\d.]+ points ${(espresso * 100).toFixed(1)} %$`));
      await page.getByText(/^Now .*%\.$/).waitFor();

      await page.getByRole('button', { name: 'Show where it looks' }).click();
      const { grid } = await ask<Explanation>('/api/v1/explain?class=espresso', png);
      const hottest = Math.max(...grid.values);
      await page.locator('[data-tool] div canvas').waitFor();
      await until('its heat', async () => (await hottestValue(page, grid, '[data-tool] div canvas')) > 0.9 * hottest);
      const reset = page.getByRole('button', { name: 'Reset' });
      await reset.click();
      await changes.getByText('Nothing is changed yet.').waitFor();
      assert.match(await textOf(changes), /espresso 98\.7 %/);
      await reset.and(page.locator(':focus')).waitFor();
    }));

  test('can be covered, painted over and moved with the keyboard alone', () =>
    inPage(async (page) => {
      await choose(page, coffee);
      const changes = page.getByRole('region', { name: 'What became of the answer' });
      const surface = page.getByRole('button', { name: /^What the network is given, enlarged/ });
      const isBack = () => changes.getByText('Nothing is changed yet.').waitFor();
      const isChanged = () => changes.getByText('The line marks the first answer.').waitFor();
      const grey = () =>
        page.evaluate<number>(`(() => {
        const canvas = document.querySelector('canvas[data-pixelated]');
        const { data } = canvas.getContext('2d').getImageData(0, 0, 224, 224);
        let count = 0;
        for (let i = 0; i < data.length; i += 4) count += data[i] === 127 && data[i + 1] === 127 && data[i + 2] === 127;
        return count / 224 / 224;
      })()`);
      await surface.focus();
      await page.keyboard.press('Enter');
      await isChanged();
      assert.ok(Math.abs((await grey()) - 0.09) < 0.01, `${await grey()}`);
      for (const key of ['+', '+', 'ArrowUp', 'ArrowLeft']) await page.keyboard.press(key);
      assert.ok(Math.abs((await grey()) - 0.16) < 0.01, `${await grey()}`);
      await page.keyboard.press('Delete');
      await isBack();

      await page.getByRole('radio', { name: 'Paint' }).check({ force: true });
      await surface.focus();
      await page.keyboard.press('Shift+ArrowDown');
      await page.keyboard.press('Shift+ArrowDown');
      await isChanged();
      assert.ok((await grey()) > 0.01);
      await page.getByRole('button', { name: 'Reset' }).click();
      await isBack();

      await page.getByRole('radio', { name: 'Move' }).check({ force: true });
      await surface.focus();
      for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowLeft');
      await isChanged();
      for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowRight');
      await page.keyboard.press('+');
      assert.equal(await page.getByLabel('Zoom').getAttribute('aria-valuetext'), '110\u00a0%');
    }));

  test('can be enlarged, turned, blurred and darkened', () =>
    inPage(async (page) => {
      await choose(page, cat);
      const changes = page.getByRole('region', { name: 'What became of the answer' });
      for (const [name, value] of [
        ['Zoom', '2'],
        ['Turn', '90'],
        ['Blur', '8'],
        ['Brightness', '0.2'],
      ] as const) {
        await page.getByLabel(name, { exact: true }).fill(value);
        await changes.getByText('The line marks the first answer.').waitFor();
        await page.getByRole('button', { name: 'Reset' }).click();
        await changes.getByText('Nothing is changed yet.').waitFor();
      }
      await page.getByLabel('Brightness').fill('0');
      await until('black', () =>
        page.evaluate(`document.querySelector('canvas[data-pixelated]').getContext('2d')
        .getImageData(0, 0, 224, 224).data.every((part, i) => part === (i % 4 === 3 ? 255 : 0))`),
      );
    }));

  test('explains by the model that gave the answer, though another one is active by now', () =>
    inPage(async (page) => {
      await choose(page, cat);
      await page.getByText('speaks for “tiger-striped cat”').waitFor();
      const activate = (model: string) =>
        site.service.http.inject({ method: 'PUT', url: '/api/v1/models/active', payload: { model } });
      const { model: first } = await ask<Explanation>('/api/v1/explain', cat);
      assert.equal((await activate('efficientnet-lite2')).statusCode, 200);
      try {
        const asked = async (what: string, act: () => Promise<void>) => {
          const request = page.waitForRequest((one) => one.url().includes(what));
          await act();
          const { searchParams } = new URL((await request).url());
          assert.equal(searchParams.get('model'), `${first.name}@${first.version}`);
          assert.equal(searchParams.get('precision'), first.precision);
        };
        await asked('/explain', () => page.getByRole('button', { name: 'lynx' }).click());
        const { class: lynx } = await ask<Explanation>(`/api/v1/explain?model=${first.name}&class=lynx`, cat);
        await page.getByText(`“lynx” (${(lynx.probability * 100).toFixed(1)} %)`).waitFor();
        await asked('/classify', () => page.getByLabel('Turn', { exact: true }).fill('90'));
      } finally {
        await activate(first.name);
      }
    }));

  test('keeps the pictures that were given, and looks at the one that is chosen', () =>
    inPage(async (page) => {
      await choose(page, cat);
      await page.getByText('speaks for “tiger-striped cat”').waitFor();
      await page.getByLabel('Another picture').setInputFiles(coffee);
      await page.getByText('speaks for “espresso”').waitFor();
      await page.getByRole('button', { name: 'chelsea.png' }).click();
      await page.getByText('speaks for “tiger-striped cat”').waitFor();
      await page.getByRole('link', { name: 'Classify' }).click();
      await page.getByText('cat 98.2').first().waitFor();
    }));

  test('looks at a picture that only the service can draw', { skip: withoutHeic() }, () =>
    inPage(async (page) => {
      await choose(page, path.join(fixtures, 'heic/small.heic'));
      await page.getByText(/The brighter a place/).waitFor();
      await page.locator('canvas[data-pixelated]').waitFor();
    }),
  );

  test('lays what is transparent on white, as the service does', () =>
    inPage(async (page) => {
      const circle = Buffer.from('<svg width="451" height="300"><circle cx="225" cy="150" r="120" fill="#fff"/></svg>');
      const buffer = await sharp(cat)
        .ensureAlpha()
        .composite([{ input: circle, blend: 'dest-in' }])
        .png()
        .toBuffer();
      await choose(page, { name: 'round.png', mimeType: 'image/png', buffer });
      await page.locator('canvas[data-pixelated]').waitFor();
      await until('white corners', () =>
        page.evaluate(`document.querySelector('canvas[data-pixelated]').getContext('2d')
        .getImageData(0, 0, 4, 4).data.every((part) => part === 255)`),
      );
    }));

  test('shows a WebP picture upright that EXIF data turn, where the browser leaves it lying', () =>
    inPage(async (page) => {
      const buffer = await sharp(cat).webp().withMetadata({ orientation: 6 }).toBuffer();
      await choose(page, { name: 'turned.webp', mimeType: 'image/webp', buffer });
      await page.locator('canvas[data-pixelated]').waitFor();
      const upright =
        'document.querySelector("figure img").naturalHeight > document.querySelector("figure img").naturalWidth';
      await until('an upright picture', () => page.evaluate(upright));
    }));

  test('says why there is no heat, whichever class is picked, and shows that of the picked one when it can be had', () =>
    inPage(async (page) => {
      const explained = /api\/v1\/explain/;
      await page.route(explained, (route) => route.fulfill({ status: 503, json: { error: 'Not now.', code: 'BUSY' } }));
      await choose(page, coffee);
      const problem = page.getByRole('alert');
      await problem.getByText('Not now.').waitFor();
      await page.getByRole('button', { name: /^cup/ }).click();
      await page.unroute(explained);
      await problem.getByRole('button', { name: 'Try again' }).click();
      await page.getByText('“cup”').waitFor();
      assert.equal(await problem.count(), 0);
    }));

  test('says why there is nothing to see', () =>
    inPage(async (page) => {
      await choose(page, path.join(project, 'README.md'));
      await page.getByRole('heading', { name: 'This picture cannot be read' }).waitFor();
    }));

  test('tells those who have no mouse what they can do', () =>
    inPage(async (page) => {
      await page.getByText('Choose one, and see where it looks.').waitFor();
      assert.equal(await page.getByText('Drop one anywhere').isVisible(), false);
    }, phone));

  for (const [what, options] of [
    ['a phone', phone],
    ['a projector, in the dark', { viewport: { width: 1920, height: 1080 }, colorScheme: 'dark' }],
    ['a phone, in Chinese and the dark', { ...phone, colorScheme: 'dark', locale: 'zh-CN' }],
  ] as const)
    test(`fits ${what}, and shows nothing that axe minds`, () =>
      inPage(async (page) => {
        await choose(page, cat);
        await page.locator('canvas[data-pixelated]').waitFor();
        await requireFit(page);
        if ('locale' in options) assert.doesNotMatch(await textOf(page.locator('main')), /[a-z]{3,} [a-z]{3,}/);
        await requireAccessible(page);
      }, options));

  /** In a page of a service of its own. */
  async function inPageOf(
    t: TestContext,
    settings: Partial<Settings>,
    use: (page: Page, service: ListeningService) => Promise<void>,
  ): Promise<void> {
    const own = await listeningServiceFor(t, settings);
    await inPage((page) => use(page, own), { at: own.address });
  }

  test('calls it approximate where the network does not add up places', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'blind', { output: { logits: 'logits' } });
    await inPageOf(t, { home, model: 'blind' }, async (page) => {
      await choose(page, coffee);
      await page.getByText('Approximate', { exact: true }).waitFor();
      await page.locator('canvas[data-pixelated]').waitFor();
      assert.equal(await page.getByRole('button', { name: 'Show where it looks' }).count(), 0);
    });
  });

  test('goes on with what answers now where the model that answered was removed', async (t) => {
    const home = await temporaryFolder(t);
    const folder = await customBundle(home, 'mine');
    await inPageOf(t, { home, model: 'mine' }, async (page, own) => {
      await choose(page, coffee);
      await page.getByText('speaks for “espresso”').waitFor();
      await remove(own, folder);
      await page.getByRole('button', { name: /^cup/ }).click();
      await page.getByText('“cup”').waitFor();
      assert.equal(await page.getByRole('alert').count(), 0);
    });
  });

  test('says that the model was removed while the picture is changed, and goes on with the present one as asked', async (t) => {
    const home = await temporaryFolder(t);
    const folder = await customBundle(home, 'mine');
    await inPageOf(t, { home, model: 'mine' }, async (page, own) => {
      await choose(page, coffee);
      await page.locator('canvas[data-pixelated]').waitFor();
      await remove(own, folder);
      await page.getByLabel('Turn').fill('90');
      const changes = page.getByRole('region', { name: 'What became of the answer' });
      await changes.getByRole('heading', { name: 'The model that answered is no longer there' }).waitFor();
      await requireAccessible(page);
      const asked = page.waitForRequest((request) => request.url().includes('model=efficientnet-lite0'));
      await changes.getByRole('button', { name: 'Ask the present model' }).click();
      await asked;
      await changes.getByText('The line marks the first answer.').waitFor();
      assert.equal(await page.getByLabel('Turn').inputValue(), '90');
      assert.equal(await page.getByRole('alert').count(), 0);
    });
  });

  /** Has another model answer, and takes the one called `mine` away. */
  async function remove(own: ListeningService, folder: string): Promise<void> {
    const payload = { model: 'efficientnet-lite0' };
    const { statusCode } = await own.http.inject({ method: 'PUT', url: '/api/v1/models/active', payload });
    assert.equal(statusCode, 200);
    await rm(folder, { recursive: true });
    const picture = await readFile(coffee);
    const headers = { 'content-type': 'image/png' };
    const explained = { method: 'POST', url: '/api/v1/explain?model=mine', headers, payload: picture } as const;
    await until('the model to be gone', async () => (await own.http.inject(explained)).statusCode === 404);
  }

  test('says that the service is busy, also while the picture is changed, and goes on', async (t) => {
    await inPageOf(t, { queueRequests: 1 }, async (page, own) => {
      const taken = own.serving.admit();
      taken.arrive();
      await choose(page, coffee);
      await page.getByRole('heading', { name: 'The service is busy' }).waitFor();
      taken.leave();
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.locator('canvas[data-pixelated]').waitFor();
      const once = own.serving.admit();
      once.arrive();
      await page.getByLabel('Turn').fill('90');
      const changes = page.getByRole('region', { name: 'What became of the answer' });
      await changes.getByRole('heading', { name: 'The service is busy' }).waitFor();
      once.leave();
      await changes.getByRole('button', { name: 'Try again' }).click();
      await changes.getByText('The line marks the first answer.').waitFor();
      const picking = own.serving.admit();
      picking.arrive();
      await page.getByRole('button', { name: /^cup/ }).click();
      await page.getByRole('heading', { name: 'The service is busy' }).waitFor();
      assert.equal(await page.getByLabel('Turn').inputValue(), '90');
      picking.leave();
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByText('“cup”').waitFor();
      assert.equal(await page.getByLabel('Turn').inputValue(), '90');
    });
  });
});

async function choose(page: Page, file: Parameters<Locator['setInputFiles']>[0]): Promise<void> {
  await page.locator('main input[type=file]').first().setInputFiles(file);
}

/** The value of the grid's cell in which the heat that a canvas shows is strongest; none where there is no heat. */
async function hottestValue(
  page: Page,
  { rows, columns, values }: Explanation['grid'],
  canvas = 'figure canvas',
): Promise<number> {
  const cell = await page.evaluate<number>(`(() => {
    const { width, height } = document.querySelector('${canvas}');
    // A canvas that is read is another one to Chromium.
    const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    copy.drawImage(document.querySelector('${canvas}'), 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    let hottest = -1;
    for (let i = 0; i < width * height; i++) {
      if (data[i * 4 + 3] > (hottest < 0 ? 0 : data[hottest * 4 + 3])) hottest = i;
    }
    if (hottest < 0) return -1;
    const [x, y] = [hottest % width, Math.floor(hottest / width)];
    return Math.floor((y / height) * ${rows}) * ${columns} + Math.floor((x / width) * ${columns});
  })()`);
  return values[cell] ?? Number.NaN;
}

async function boxOf(element: Locator) {
  const box = await element.boundingBox();
  assert.ok(box);
  return box;
}
