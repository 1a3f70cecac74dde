import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import type { Settings } from '#kaiyan/config.js';
import type { AnswerOf } from '#kaiyan/server/contract.js';
import type { datasetAnswer, training } from '#kaiyan/server/training-contract.js';
import { dropFiles, paste, requireAccessible, requireFit } from '../support/browser.js';
import { filmArguments, makeFilm } from '../support/camera.js';
import { temporaryFolder } from '../support/folders.js';
import { examples } from '../support/paths.js';
import { withoutChromium } from '../support/requirements.js';
import { listeningServiceFor } from '../support/service.js';
import { sharedSite, type Visit } from '../support/site.js';
import { suite } from '../support/suite.js';
import { variationsOf } from '../support/variations.js';

const cat = path.join(examples, 'chelsea.png');
const coffee = path.join(examples, 'coffee.png');
const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
/** A training takes seconds; on a machine that is slow and busy, more. */
const LONG = { timeout: 240_000 };
/** More than the page deletes at once. */
const MANY = 48;

type Dataset = AnswerOf<typeof datasetAnswer>;
type Training = AnswerOf<typeof training>;

describe('the pages where people train', { skip: withoutChromium() }, () => {
  let pictures: string;
  let cats: readonly string[];
  let coffees: readonly string[];
  const site = sharedSite({
    settings: async (t) => ({ home: await temporaryFolder(t) }),
    flags: async (t) => {
      const film = path.join(await temporaryFolder(t), 'film.mjpeg');
      await makeFilm({ file: film, pictures: [cat], seconds: 1 });
      return filmArguments(film);
    },
  });
  const t = suite();
  before(async () => {
    pictures = await temporaryFolder(t);
    cats = await variationsOf(cat, path.join(pictures, 'Cat'), 12);
    coffees = await variationsOf(coffee, path.join(pictures, 'Coffee'), 12);
  });

  const inPage = (hash: string, use: (page: Page) => Promise<void>, visit?: Visit) =>
    site.visit(
      async (page) => {
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        await use(page);
      },
      { hash, ...visit },
    );
  const ask = async <Answer>(page: Page, route: string): Promise<Answer> =>
    (await page.request.get(new URL(`api/v1/${route}`, page.url()).href)).json() as Promise<Answer>;
  /** Until the service says so of a data set. */
  async function until(page: Page, name: string, fits: (dataset: Dataset) => boolean): Promise<Dataset> {
    for (let left = 100; ; left -= 1) {
      const dataset = await ask<Dataset>(page, `datasets/${name}`);
      if (fits(dataset)) return dataset;
      assert.ok(left > 0, JSON.stringify(dataset));
      await page.waitForTimeout(100);
    }
  }
  const countsOf = ({ classes }: Dataset) => classes.map(({ label, pictures: count }) => [label, count]);
  const card = (page: Page, label: string) => page.getByRole('region', { name: new RegExp(`^${label}`) });

  test('from two names to a model that answers', async () => {
    await inPage('#/train', async (page) => {
      await page.getByRole('heading', { name: 'Name two things that you want it to tell apart' }).waitFor();
      await requireAccessible(page);
      await page.getByLabel('One thing').fill('x'.repeat(200));
      await page.getByText('at most 200 characters').waitFor();
      await page.getByLabel('One thing').fill('Cat');
      assert.equal(await page.getByText('at most 200 characters').count(), 0);
      await page.getByLabel('Another thing').fill(' Cat ');
      await page.keyboard.press('Enter');
      await page.getByText('These are the same.').waitFor();
      await page.getByLabel('Another thing').fill('Coffee');
      await page.getByRole('button', { name: 'Begin' }).click();
      await page.getByRole('heading', { level: 1, name: 'Cat, Coffee' }).waitFor();
      await page.getByText('cat-coffee', { exact: true }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Train now' }).isDisabled(), true);
      await page.getByText('It needs two classes with two pictures each').waitFor();

      await page.getByLabel('Choose pictures of Cat').setInputFiles([...cats]);
      const noPicture = path.join(pictures, 'no-picture.jpg');
      await writeFile(noPicture, 'This is none.');
      await page.getByLabel('Choose pictures of Coffee').setInputFiles([...coffees, noPicture]);
      await card(page, 'Coffee').getByText('12 pictures').waitFor();
      await page.getByText('One picture was not taken:').waitFor();
      await page.getByText('no-picture.jpg').waitFor();
      assert.deepEqual(countsOf(await ask<Dataset>(page, 'datasets/cat-coffee')), [
        ['Cat', 12],
        ['Coffee', 12],
      ]);
      await page.getByRole('button', { name: 'Picture 12 of Cat' }).waitFor();
      await requireAccessible(page);

      assert.equal(await page.getByLabel('Name of the new model').inputValue(), 'cat-coffee');
      await page.getByLabel('Name of the new model').fill('cups');
      // Who clicks twice wants it once, here and below.
      const sent: string[] = [];
      page.on('request', (one) => one.method() === 'POST' && sent.push(new URL(one.url()).pathname));
      await page.getByRole('button', { name: 'Train now' }).dblclick();
      await page.getByRole('heading', { level: 1, name: 'Training cups' }).waitFor();
      // What goes on is followed again after a reload.
      await page.reload();
      await page.getByRole('heading', { name: 'The result' }).waitFor(LONG);
      const id = page.url().split('/').at(-1) ?? '';
      const { result } = await ask<Training>(page, `trainings/${id}`);
      assert.ok(result);
      const right = Math.round(result.validation.top1 * result.validation.pictures);
      await page.getByText(`Right for ${right} of ${result.validation.pictures} pictures`).waitFor();
      const [first] = result.validation.perClass ?? [];
      assert.ok(first);
      const eachClass = page.getByRole('listitem').filter({ hasText: first.label }).first();
      assert.match((await eachClass.textContent()) ?? '', new RegExp(`${first.right} of ${first.pictures}`));
      await requireAccessible(page);

      const asked = page.waitForRequest((one) => one.url().includes('api/v1/classify'));
      await page.getByLabel('Choose a picture').setInputFiles(coffee);
      assert.equal(new URL((await asked).url()).searchParams.get('model'), result.model);
      await page.getByAltText('Your picture').waitFor();
      await page
        .getByText(/^Coffee/)
        .first()
        .waitFor();
      await dropFiles(page, [cat]);
      await page.getByText(/^Cat/).first().waitFor();
      await page.getByRole('button', { name: 'Camera', exact: true }).click();
      await page.getByLabel('Answer').getByText(/^Cat/).first().waitFor();
      await page.getByRole('button', { name: 'Close the camera' }).click();

      const report = page.context().waitForEvent('page');
      await page.getByRole('link', { name: 'See the report' }).click();
      await (await report).getByText('Coffee').first().waitFor();
      const downloadOf = async (name: string) => {
        const download = page.waitForEvent('download');
        await page.getByRole('button', { name }).click();
        return download;
      };
      const file = `${result.model.replace('@', '-')}.zip`;
      const fromLink = await downloadOf('Download the model');
      assert.equal(fromLink.suggestedFilename(), file);
      assert.match(fromLink.url(), /^http:/);
      // A key cannot be sent by a link: what it opens is fetched, and kept.
      await page.evaluate("sessionStorage.setItem('kaiyan.key', 'the key')");
      await page.reload();
      for (const [name, ending, fetched] of [
        ['Download the model', '/archive', file],
        ['Save the report', '/report?lang=en', `report-${id}.html`],
      ] as const) {
        const asked = page.waitForRequest((request) => request.url().endsWith(ending));
        const kept = await downloadOf(name);
        assert.equal((await asked).headers().authorization, 'Bearer the key');
        assert.equal(kept.suggestedFilename(), fetched);
        assert.match(kept.url(), /^blob:/);
      }
      await page.evaluate("sessionStorage.removeItem('kaiyan.key')");
      await page.reload();

      await page.getByText('The present one stays installed').waitFor();
      await page.getByRole('button', { name: 'Use it from now on' }).dblclick();
      await page.getByText(`${result.model} answers now.`).first().waitFor();
      await page.getByRole('button', { name: /^Go back to efficientnet-lite0@/ }).waitFor();
      await page.getByRole('link', { name: 'Try it on your pictures' }).click();
      await page.getByLabel('Choose pictures').setInputFiles(cat);
      await page.getByRole('region', { name: 'Answer' }).getByText('Cat', { exact: false }).first().waitFor();

      // In one click all is as it was.
      await page.goto(`${site.service.address}#/train/corrections`);
      await page.getByText(`${result.model} took over from`).waitFor();
      await page.getByRole('button', { name: /^Go back to / }).dblclick();
      await page.getByText('answers again.').waitFor();
      await page.getByText(/^Back to /).waitFor();
      for (const route of ['trainings', 'promotions', 'promotions/rollback'])
        assert.equal(sent.filter((one) => one.endsWith(`api/v1/${route}`)).length, 1, route);
    });
  });

  test('pictures are chosen, moved, deleted and had back; classes are renamed, named in Chinese, added and deleted', async () => {
    await request('datasets', { name: 'cups' });
    for (const label of ['Cat', 'Coffee']) await request('datasets/cups/classes', { label });
    await inPage('#/train/data/cups', async (page) => {
      const asked = page.waitForRequest((one) => one.method() === 'POST');
      const letThrough = await holdBack(page, '**/api/v1/datasets/cups/pictures?**');
      await page.getByLabel('Choose pictures of Cat').setInputFiles(cats.slice(0, 4));
      await asked;
      const arrived = page.getByRole('status').getByText('All pictures have arrived.');
      assert.equal(await arrived.count(), 0);
      letThrough();
      await arrived.waitFor();
      await card(page, 'Cat').getByText('4 pictures').waitFor();
      await card(page, 'Cat').getByText('6 more would make it reliable.').waitFor();
      // From the keyboard.
      await page.getByRole('button', { name: 'Picture 1 of Cat' }).focus();
      await page.keyboard.press('Space');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Space');
      await card(page, 'Cat').getByText('2 chosen').waitFor();
      await requireAccessible(page);
      await page.keyboard.press('Delete');
      await page.getByText('2 pictures deleted.').waitFor();
      await card(page, 'Cat').getByText('2 pictures', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await card(page, 'Cat').getByText('4 pictures').waitFor();
      await card(page, 'Cat').getByText('2 chosen').waitFor();
      // With Shift, all that are between the one that was chosen last and this one.
      await card(page, 'Cat').getByRole('button', { name: 'Choose none' }).click();
      await page.getByRole('button', { name: 'Picture 1 of Cat' }).click();
      await page.getByRole('button', { name: 'Picture 3 of Cat' }).click({ modifiers: ['Shift'] });
      await card(page, 'Cat').getByText('3 chosen').waitFor();
      await page.getByRole('button', { name: 'Choose all' }).click();
      await card(page, 'Cat').getByText('4 chosen').waitFor();
      for (const one of [3, 4]) await page.getByRole('button', { name: `Picture ${one} of Cat` }).click();
      await card(page, 'Cat').getByText('2 chosen').waitFor();
      assert.deepEqual(countsOf(await ask<Dataset>(page, 'datasets/cups')), [
        ['Cat', 4],
        ['Coffee', 0],
      ]);

      await page.getByRole('button', { name: 'Move to…' }).click();
      await page.getByRole('menuitem', { name: 'Coffee' }).click();
      await until(page, 'cups', ({ classes }) => classes[1]?.pictures === 2);
      await card(page, 'Coffee').getByText('2 pictures').waitFor();

      await page.getByRole('button', { name: 'Picture 1 of Coffee' }).click();
      await page.getByRole('button', { name: 'Look at it' }).click();
      const dialog = page.getByRole('dialog', { name: 'Coffee' });
      await requireAccessible(page);
      await dialog.getByRole('button', { name: 'Delete' }).click();
      await page.getByText('One picture deleted.').waitFor();
      // Leaving is what makes it final.
      await page.getByRole('link', { name: 'All data sets' }).click();
      await until(page, 'cups', ({ classes }) => classes[1]?.pictures === 1);
      await page.getByRole('link', { name: 'cups' }).first().click();

      await page.getByRole('button', { name: 'Coffee', exact: true }).click();
      await page.getByLabel('Name', { exact: true }).fill('Espresso');
      await page.keyboard.press('Enter');
      await card(page, 'Espresso').waitFor();
      // Who renames with the keyboard goes on where they were.
      await page.waitForFunction("document.activeElement.textContent.trim() === 'Espresso'");
      await page.getByRole('button', { name: 'Chinese name of Espresso' }).click();
      await page.getByLabel('Chinese name', { exact: true }).fill('浓缩咖啡');
      await page.keyboard.press('Enter');
      await card(page, 'Espresso').getByText('浓缩咖啡').waitFor();
      const chinese = page.getByRole('button', { name: 'Chinese name of Espresso' });
      await chinese.click();
      await page.keyboard.press('Escape');
      await page.waitForFunction("document.activeElement.ariaLabel === 'Chinese name of Espresso'");
      await page.getByRole('button', { name: 'Add a class' }).click();
      await page.getByLabel('Name of the class').fill('Cat');
      await page.keyboard.press('Enter');
      await page.getByText('There is a class of that name already.').waitFor();
      await page.getByLabel('Name of the class').fill('🐕/狗');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Delete 🐕/狗' }).click();
      const sure = page.getByRole('dialog', { name: 'Delete the class' });
      await sure.getByRole('button', { name: 'Delete' }).click();
      await sure.waitFor({ state: 'detached' });
      assert.deepEqual((await ask<Dataset>(page, 'datasets/cups')).classes, [
        { label: 'Cat', zh: 'Cat', pictures: 2 },
        { label: 'Espresso', zh: '浓缩咖啡', pictures: 1 },
      ]);
    });
  });

  test('of many pictures all that can be deleted are, also when the page is closed at once', async () => {
    await request('datasets', { name: 'many' });
    await request('datasets/many/classes', { label: 'Cat' });
    const body = new FormData();
    for (let shade = 0; shade < MANY; shade += 1)
      body.append('image', new Blob([await plainOf(shade)]), `${shade}.png`);
    const { added } = (await send('datasets/many/pictures?label=Cat', body)) as { readonly added: readonly string[] };
    assert.equal(added.length, MANY);
    await inPage('#/train/data/many', async (page) => {
      await card(page, 'Cat').getByText(`${MANY} pictures`).waitFor();
      const kept = await page.getByRole('button', { name: 'Picture 1 of Cat' }).getAttribute('data-picture');
      await page.route(`**/${kept}`, (route) =>
        route.fulfill({ status: 500, json: { error: 'No.', code: 'INTERNAL' } }),
      );
      for (const one of [1, 2]) await page.getByRole('button', { name: `Picture ${one} of Cat` }).click();
      await page.keyboard.press('Delete');
      await card(page, 'Cat')
        .getByText(`${MANY - 2} pictures`)
        .waitFor();
      // The next one makes it final; what was kept back is to be seen again, and that one alone.
      await page.getByRole('button', { name: 'Picture 3 of Cat' }).click();
      await page.keyboard.press('Delete');
      await until(page, 'many', ({ pictures: count }) => count === MANY - 1);
      await card(page, 'Cat')
        .getByText(`${MANY - 2} pictures`)
        .waitFor();
      await page.locator(`[data-picture="${kept}"]`).waitFor();
      await page.unroute(`**/${kept}`);
      const first = page.getByRole('button', { name: 'Picture 1 of Cat' });
      await first.press('Control+a');
      await first.press('Delete');
      await card(page, 'Cat').getByText('No pictures yet').waitFor();
      await page.reload();
      await until(page, 'many', ({ pictures: count }) => count === 0);
    });
  });

  test('the camera takes pictures for as long as it is told to; what is pasted and dropped finds its class', async () => {
    await request('datasets', { name: 'film' });
    for (const label of ['Held', 'Folder']) await request('datasets/film/classes', { label });
    await inPage('#/train/data/film', async (page) => {
      await page.getByRole('button', { name: 'Take pictures of Held with the camera' }).click();
      await page.getByRole('button', { name: 'Hold to take pictures' }).waitFor();
      await page.waitForFunction('document.querySelector("video").videoWidth > 0');
      await page.keyboard.down('Space');
      await page.getByRole('button', { name: 'Taking pictures…' }).waitFor();
      await card(page, 'Held').getByRole('button', { name: 'Picture 1 of Held' }).waitFor();
      await page.keyboard.up('Space');
      await page.getByRole('button', { name: 'Hold to take pictures' }).waitFor();
      await card(page, 'Held')
        .getByText(/^\d+ taken$/)
        .waitFor({ state: 'attached' });
      await requireAccessible(page);
      await page.getByRole('button', { name: 'Close the camera' }).click();

      await paste(page, { png: await pngOf(coffee) });
      await page
        .getByText(/^Which class is it\?|^\d+ pictures?$/)
        .first()
        .waitFor();
      const before = countsOf(await ask<Dataset>(page, 'datasets/film'));
      await page.getByRole('button', { name: 'Folder', exact: true }).focus();
      await paste(page, { png: await pngOf(cat) });
      await until(page, 'film', ({ classes }) => classes[1]?.pictures === Number(before[1]?.[1]) + 1);

      // Folders that are dropped beside the classes are classes; on a class they are part of it.
      await page.goto(`${site.service.address}#/train`);
      await page.getByRole('heading', { level: 1, name: 'Train' }).waitFor();
      // What failed in a dialog is closed with it.
      const refused = '**/api/v1/datasets/*/classes';
      await page.route(refused, (route) => route.fulfill({ status: 500, json: { error: 'No.' } }));
      const kept = await ask(page, 'datasets');
      await page.getByRole('button', { name: 'New data set' }).click();
      await page.getByLabel('One thing').fill('Cat');
      await page.getByLabel('Another thing').fill('Coffee');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText('No.').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      assert.equal(await page.getByRole('alert').count(), 0);
      await page.unroute(refused);
      // Nothing half made is left of it.
      assert.deepEqual(await ask(page, 'datasets'), kept);
      await dropFiles(page, [path.join(pictures, 'Cat'), path.join(pictures, 'Coffee')]);
      await page.getByRole('heading', { level: 1, name: /^(Cat, Coffee|Coffee, Cat)$/ }).waitFor();
      const name = decodeURIComponent(page.url().split('/').at(-1) ?? '');
      const filled = await until(page, name, ({ pictures: count }) => count === 24);
      assert.deepEqual(countsOf(filled).sort(), [
        ['Cat', 12],
        ['Coffee', 12],
      ]);
      await card(page, 'Coffee').getByText('12 pictures').waitFor();
    });
  });

  test('what was not sent is sent after a reload', async () => {
    await request('datasets', { name: 'later' });
    await request('datasets/later/classes', { label: 'Cat' });
    await inPage('#/train/data/later', async (page) => {
      await page.route('**/api/v1/datasets/later/pictures?**', (route) =>
        route.request().method() === 'POST' ? route.abort() : route.continue(),
      );
      await page.getByLabel('Choose pictures of Cat').setInputFiles([...cats]);
      await page.getByRole('heading', { name: 'The service does not answer' }).first().waitFor();
      await page.unroute('**/api/v1/datasets/later/pictures?**');
      await page.reload();
      await until(page, 'later', ({ pictures: count }) => count === 12);
      await card(page, 'Cat').getByText('12 pictures').waitFor();
    });
  });

  test('in Chinese on a phone, and in the dark, nothing is missing and axe minds nothing', async () => {
    for (const options of [{ ...phone, locale: 'zh-CN' }, { colorScheme: 'dark' as const }])
      for (const hash of ['#/train', '#/train/data/cat-coffee', `#/train/runs/${(await trainingsOf())[0]}`])
        await inPage(
          hash,
          async (page) => {
            await page
              .getByText(/训练|Train/)
              .first()
              .waitFor();
            await page.getByRole('heading', { level: 2 }).first().waitFor();
            await requireAccessible(page);
            await requireFit(page);
          },
          options,
        );
  });

  test('a training whose stages learn too shows its curves as they grow, and is stopped with the best so far', async () => {
    const asked = { dataset: 'cat-coffee', unfreeze: 1, epochs: 200, augment: 0 };
    await inPage('#/train/data/cat-coffee', async (page) => {
      const underWay = page.getByText('A training with these pictures is under way.');
      await page.getByRole('button', { name: 'Train now' }).waitFor();
      const { id } = (await request('trainings', asked)) as Training;
      assert.equal(await underWay.count(), 0);
      // It was begun elsewhere: whoever comes back to this window is told.
      await page.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))");
      await underWay.getByRole('link', { name: 'Watch it' }).click();
      await page.getByRole('heading', { name: 'How it learns' }).waitFor(LONG);
      await page.getByRole('img', { name: /^Right answers: from/ }).waitFor();
      await page.getByText('As a table').click();
      await page.getByRole('rowheader', { name: '0', exact: true }).waitFor();
      await requireAccessible(page);
      // While nothing is heard, nobody knows whether it goes on.
      await page.getByText('the service goes on').waitFor();
      await page.context().setOffline(true);
      site.service.http.server.closeAllConnections();
      await page.getByText('The service does not answer.', { exact: false }).first().waitFor();
      assert.equal(await page.getByText('the service goes on').count(), 0);
      await page.context().setOffline(false);
      await page.getByText('the service goes on').waitFor();
      await page.getByRole('button', { name: 'Stop', exact: true }).click();
      await page.getByRole('heading', { name: 'It was stopped' }).waitFor(LONG);
      await page.getByText('This is the best it had by then').waitFor();
      const { state, curve, result } = await ask<Training>(page, `trainings/${id}`);
      assert.equal(state, 'stopped');
      assert.ok(result);
      await page.getByText('Right for').waitFor();
      // A row for each point, and one of headings.
      assert.equal(await page.getByRole('row').count(), curve.length + 1);
    });
  });

  test('a training that ran when the service was killed says so after the next start, and goes on', async (t) => {
    const [first = ''] = await trainingsOf();
    const known = (await (await fetch(`${site.service.address}api/v1/trainings/${first}`)).json()) as Training;
    const home = await temporaryFolder(t);
    const folder = path.join(home, 'trainings', first);
    await mkdir(folder, { recursive: true });
    const left = { ...known, state: 'running', ended: null, result: null, resume: false, points: [] };
    await writeFile(path.join(folder, 'training.json'), JSON.stringify(left));
    const other = await listeningServiceFor(t, { home });
    await inPage(
      '#/train',
      async (page) => {
        await page.getByText('Interrupted', { exact: true }).waitFor();
        await page.getByRole('link', { name: known.options.output }).click();
        await page.getByRole('heading', { name: 'It was interrupted' }).waitFor();
        await page.getByText('The service ended while it learned.').waitFor();
        await requireAccessible(page);
        const asked = page.waitForResponse((response) => response.url().endsWith(`${first}/resume`));
        await page.getByRole('button', { name: 'Go on' }).click();
        assert.equal((await asked).ok(), true);
        // Its data set is not here; so it has failed by now, and is not interrupted any more.
        await page.getByRole('heading', { name: 'It did not work' }).waitFor(LONG);
      },
      { at: other.address },
    );
  });

  test('what was found is put right where it is shown; what is deleted there stays away', async () => {
    await request('datasets', { name: 'twins' });
    for (const [label, files] of [
      ['Cat', [...cats.slice(0, 3), ...(await copiesOf(cats[0] ?? '', 3))]],
      ['Coffee', coffees.slice(0, 4)],
    ] as const) {
      await request('datasets/twins/classes', { label });
      const body = new FormData();
      for (const file of files) body.append('image', new Blob([await readFile(file)]), path.basename(file));
      await send(`datasets/twins/pictures?label=${label}`, body);
    }
    const { id } = (await request('trainings', { dataset: 'twins', augment: 0 })) as Training;
    await inPage(`#/train/runs/${id}`, async (page) => {
      await page.getByRole('heading', { name: 'The result' }).waitFor(LONG);
      const twins = page.getByRole('listitem').filter({ hasText: 'nearly the same' }).getByRole('button');
      await twins.first().waitFor();
      const found = await twins.count();
      assert.ok(found >= 3);
      // What is looked at is looked up: if that fails it says so, and can be tried again.
      const listed = /datasets\/twins\/pictures\?/;
      await page.route(listed, (route) =>
        route.fulfill({ status: 500, json: { error: 'No list.', code: 'INTERNAL' } }),
      );
      await page.reload();
      await twins.first().click();
      await page.getByRole('alert').getByText('No list.').waitFor();
      await page.unroute(listed);
      await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      const deleteFirst = async (left: number) => {
        await twins.first().click();
        await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
        await twins.nth(left).waitFor({ state: 'detached' });
      };
      await deleteFirst(found - 1);
      await page.getByText('One picture deleted.').waitFor();
      // The first one is gone for good when the second one goes; it is not to be seen again when all are looked up.
      const lookedUp = page.waitForResponse((one) => one.url().includes('datasets/twins/pictures?'));
      await deleteFirst(found - 2);
      await (await lookedUp).finished();
      assert.equal((await ask<Dataset>(page, 'datasets/twins')).pictures, 9);
      await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))');
      assert.equal(await twins.count(), found - 2);
    });
  });

  test('a training that fails says why, and is deleted', async () => {
    await request('datasets', { name: 'broken' });
    for (const label of ['a', 'b']) await request('datasets/broken/classes', { label });
    const { id } = (await request('trainings', { dataset: 'broken' })) as Training;
    await inPage(`#/train/runs/${id}`, async (page) => {
      await page.getByRole('heading', { name: 'It did not work' }).waitFor(LONG);
      await page.getByText('DATASET_INVALID').waitFor();
      await page.getByText('Put that right, then try again').waitFor();
      await requireAccessible(page);
      await page.getByRole('button', { name: 'Delete this training' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('heading', { level: 1, name: 'Train' }).waitFor();
      assert.equal((await trainingsOf()).includes(id), false);
      await page.goto(`${site.service.address}#/train/runs/${id}`);
      await page.getByText('There is no such training.').waitFor();
    });
  });

  test('who may not manage the service is told so, and asked for the token where there is one', async (t) => {
    const inPageOf = async (settings: Partial<Settings>, use: (page: Page) => Promise<void>) => {
      const other = await listeningServiceFor(t, { home: await temporaryFolder(t), ...settings });
      await inPage('#/train', use, { at: other.address });
    };
    await inPageOf({ host: '0.0.0.0' }, async (page) => {
      await page.getByRole('heading', { name: 'This cannot be done from here' }).waitFor();
      await page.getByText('kaiyan train --data-path').waitFor();
      await requireAccessible(page);
    });
    await inPageOf({ host: '0.0.0.0', adminToken: 'open it' }, async (page) => {
      await page.getByRole('heading', { name: 'The admin token is wanted' }).waitFor();
      await page.getByLabel('Admin token', { exact: true }).fill('open it');
      await page.getByRole('button', { name: 'Use this token' }).click();
      await page.getByLabel('One thing').fill('猫');
      await page.getByLabel('Another thing').fill('咖啡');
      await page.getByRole('button', { name: 'Begin' }).click();
      await page.getByRole('heading', { level: 1, name: '猫, 咖啡' }).waitFor();
      await page.getByText('my-pictures', { exact: true }).waitFor();
      await page.getByLabel('Choose pictures of 猫').setInputFiles(cats.slice(0, 2));
      // An image cannot show a token; it is there all the same.
      await page.locator('img[src^="blob:"]').first().waitFor();
    });
  });

  const request = (route: string, json: unknown): Promise<unknown> =>
    send(route, new Blob([JSON.stringify(json)], { type: 'application/json' }));

  async function send(route: string, body: FormData | Blob): Promise<unknown> {
    const response = await fetch(`${site.service.address}api/v1/${route}`, { method: 'POST', body });
    assert.ok(response.ok, await response.clone().text());
    return response.json();
  }

  async function trainingsOf(): Promise<readonly string[]> {
    const response = await fetch(`${site.service.address}api/v1/trainings`);
    const { trainings } = (await response.json()) as { readonly trainings: readonly Training[] };
    return trainings.map(({ id }) => id);
  }
});

/** Holds what is sent there back until it is told otherwise. */
async function holdBack(page: Page, url: string): Promise<() => void> {
  let letThrough = () => {};
  const told = new Promise<void>((resolve) => {
    letThrough = resolve;
  });
  await page.route(url, async (route) => {
    if (route.request().method() === 'POST') await told;
    await route.continue();
  });
  return () => letThrough();
}

/** Nearly the same picture, in other files. */
const copiesOf = (picture: string, count: number): Promise<readonly string[]> =>
  Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const file = `${picture}-${at}.jpg`;
      await sharp(picture)
        .jpeg({ quality: 60 + 10 * at })
        .toFile(file);
      return file;
    }),
  );

const plainOf = (shade: number): Promise<Buffer> =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: { r: 4 * shade, g: 90, b: 90 } } })
    .png()
    .toBuffer();

const pngOf = (picture: string): Promise<Buffer> => sharp(picture).resize(200).png().toBuffer();
