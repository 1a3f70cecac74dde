import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, before, describe, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import type { Serving } from '#kaiyan/serving/serving.js';
import type { JobItem } from '#page/api/types.js';
import { dropFiles, requireAccessible, requireFit, textOf, textsOf } from '../support/browser.js';
import { temporaryFolder } from '../support/folders.js';
import { untilEnded } from '../support/jobs.js';
import { lineTo } from '../support/line.js';
import { examples, fixtures } from '../support/paths.js';
import { withoutChromium } from '../support/requirements.js';
import { listeningServiceFor } from '../support/service.js';
import { sharedSite, type Visit } from '../support/site.js';
import { suite } from '../support/suite.js';
import { until } from '../support/timing.js';

const PICTURES = 300;
const PATIENCE = 90_000;

describe('the pages for many pictures', { skip: withoutChromium() }, () => {
  let folder: string;
  /** A job that has ended: 40 pictures, one that is broken, one that is empty. */
  let finished: string;
  const gate = createGate();
  const rules = [{ name: 'pets', category: 'pet', minProbability: 0.5 }];
  const site = sharedSite({ settings: { rules, lang: 'en' }, around: gate.around });
  const t = suite();
  before(async () => {
    folder = await temporaryFolder(t);
    await Promise.all([
      makePictures(path.join(folder, 'holiday'), PICTURES),
      makePictures(path.join(folder, 'few'), 40),
    ]);
    finished = await send(path.join(folder, 'few'), ['broken.jpg', 'empty.png']);
  });
  afterEach(() => gate.open());

  const inPage = (use: (page: Page) => Promise<void>, visit?: Visit) => site.visit(use, { hash: '#/batch', ...visit });

  /** Makes a job of the pictures of a folder without a page, and waits until it has ended. */
  async function send(from: string, more: readonly string[] = []): Promise<string> {
    const form = new FormData();
    for (const name of [...picturesIn(40), ...more])
      form.append('image', new Blob([await readFile(path.join(from, name))]), `few/${name}`);
    const response = await fetch(`${site.service.address}api/v1/jobs?thumbnails=true&top=5`, {
      method: 'POST',
      body: form,
    });
    const { id } = (await response.json()) as { id: string };
    await untilEnded(site.service.jobs, id);
    return id;
  }

  const itemsOf = async (id: string, at = site.service.address, headers = {}): Promise<JobItem[]> =>
    ((await (await fetch(`${at}api/v1/jobs/${id}/results?limit=1000`, { headers })).json()) as { items: JobItem[] })
      .items;

  /** Follows a job that takes as long as wanted. */
  async function openJob(page: Page, id: string): Promise<void> {
    await page.goto(`${site.service.address}#/batch/${id}`);
    await page.getByRole('region', { name: 'Results' }).waitFor();
  }

  async function dropAndSend(page: Page, files: readonly string[]): Promise<string> {
    await page.goto(new URL('#/batch', page.url()).href);
    await page.getByRole('heading', { name: 'Batch' }).waitFor();
    await dropFiles(page, files);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    return idIn(page);
  }

  test('a dropped folder is looked through, sent, watched, and its table is what the service has, after a reload too', () =>
    inPage(async (page) => {
      gate.hold(90);
      await page.getByRole('region', { name: 'Batch' }).getByText('Drop a folder or pictures here').waitFor();
      await dropFiles(page, [path.join(folder, 'holiday')]);
      await page.getByRole('heading', { name: 'Ready to send' }).waitFor();
      await page.getByText(/^302 pictures · [\d.]+.[kM]B$/).waitFor();
      await page.getByText('2 files are left out').click();
      assert.deepEqual(await textsOf(page.locator('details li')), ['holiday/.hidden', 'holiday/beach/notes.txt']);
      await requireAccessible(page);
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      const id = await idIn(page);
      await page.getByRole('heading', { level: 1, name: 'holiday' }).waitFor();
      const progress = page.getByRole('progressbar', { name: 'Progress' });
      const share = async () => Number(await progress.getAttribute('aria-valuenow'));
      await until('some progress', async () => (await share()) > 10, PATIENCE);
      assert.ok((await share()) < 50);
      await page.getByText('In progress').waitFor();
      await page.getByRole('radio', { name: /Waiting 2\d\d/ }).waitFor();
      await requireAccessible(page);
      await page.reload();
      await page.getByText('In progress').waitFor();
      await until('the same progress', async () => (await share()) > 10, PATIENCE);
      gate.open();
      await page.getByText('Done', { exact: true }).waitFor({ timeout: PATIENCE });
      await page.getByText('302 of 302 · 2 failed').waitFor();
      const items = await itemsOf(id);
      assert.deepEqual(
        items.map(({ name }) => name),
        [...picturesIn(PICTURES), 'beach/broken.jpg', 'empty.png']
          .map((name) => `holiday/${name}`)
          .sort(BY_NAME.compare),
      );
      assert.deepEqual(await wholeTable(page, 302), items.map(shownOf));
    }));

  test('files, a folder and an archive can be chosen; what is no picture is said, and can be cleared', () =>
    inPage(async (page) => {
      await page.getByRole('heading', { name: 'On this service' }).waitFor();
      const files = (name: string) => page.getByLabel(name, { exact: true });
      await files('Choose pictures').setInputFiles(path.join(fixtures, '../../README.md'));
      await page.getByText('There is no picture among these files.').waitFor();
      await files('Choose a folder').setInputFiles(path.join(folder, 'few'));
      await page.getByText(/^42 pictures · /).waitFor();
      await page.getByText('From few').waitFor();
      await page.getByRole('button', { name: 'Clear' }).click();
      const zip = path.join(folder, 'some.zip');
      spawnSync('zip', ['-q', '-r', zip, 'few/beach'], { cwd: folder });
      await files('Choose pictures').setInputFiles([zip, path.join(examples, 'coffee.png')]);
      await page.getByText(/^1 picture · 1 archive · [\d.]+.[kM]B · sent as 2 jobs$/).waitFor();
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await page.getByText('2 jobs are under way').waitFor();
      const links = page.getByRole('region', { name: 'On this service' }).getByRole('link');
      assert.deepEqual((await textsOf(links)).slice(0, 2), ['few', 'coffee.png']);
    }));

  test('a table is sorted by each column, filtered, and its pictures are opened by keyboard', () =>
    inPage(async (page) => {
      await openJob(page, finished);
      const items = await itemsOf(finished);
      await until('the words of the model', async () => (await tableNow(page)).length > 5, PATIENCE);
      const column = async (name: string, at: number) => {
        await page.getByRole('columnheader', { name }).getByRole('button').click();
        return (await tableNow(page)).slice(0, 5).map((cells) => cells[at]);
      };
      const answered = items.flatMap(({ result }) => result ?? []);
      const ascending = answered.map(({ answer }) => answer.probability).sort((one, other) => one - other);
      const shares = (list: readonly number[]) => list.slice(0, 5).map(percent);
      assert.deepEqual(await column('Probability', 2), shares(ascending));
      assert.equal(
        await page.getByRole('columnheader', { name: 'Probability' }).getAttribute('aria-sort'),
        'ascending',
      );
      assert.deepEqual(await column('Probability', 2), shares(ascending.reverse()));
      assert.equal(
        await page.getByRole('columnheader', { name: 'Probability' }).getAttribute('aria-sort'),
        'descending',
      );
      const names = items.map(({ name }) => name);
      assert.deepEqual(await column('Name', 0), [...names].sort(BY_NAME.compare).slice(0, 5));
      await column('Name', 0);
      assert.deepEqual(await column('Name', 0), names.slice(0, 5));
      assert.deepEqual(await column('State', 5), Array(5).fill('Answered'));
      assert.deepEqual((await column('State', 5)).slice(0, 3), ['Failed', 'Failed', 'Answered']);
      await column('State', 5);

      const found = async () => Number.parseInt(await textOf(page.locator('search [role=status]')), 10);
      const unsure = answered.filter(({ answer }) => answer.level === 'unsure').length;
      await page.getByRole('radio', { name: `Of these, not sure ${unsure}` }).check();
      await until('those that are unsure', async () => (await found()) === unsure);
      await page.getByRole('button', { name: 'Show all' }).click();
      const cats = answered.filter(({ categories }) => probabilityOf(categories, 'cat') >= 0.5).length;
      await page.getByLabel('Category').selectOption({ label: `cat (${cats})` });
      await until('the cats', async () => (await found()) === cats);
      await page.getByRole('button', { name: 'Show all' }).click();
      const pets = answered.filter(({ flags }) => flags.length > 0).length;
      await page.getByLabel('Flag').selectOption({ label: `pets (${pets})` });
      await until('the flagged ones', async () => (await found()) === pets);
      await page.getByRole('button', { name: 'Show all' }).click();
      await page.getByRole('searchbox').fill('chelsea-00');
      await until(
        'those of that name',
        async () => (await found()) === names.filter((name) => /chelsea-00/.test(name)).length,
      );
      await page.getByRole('searchbox').fill('nothing of that name');
      await page.getByText('No picture fits.').waitFor();
      await page.getByRole('button', { name: 'Show all' }).click();

      const first = page.locator('tbody button').first();
      await first.focus();
      await page.keyboard.press('End');
      const focused = () => page.evaluate('document.activeElement.textContent');
      await until('the last row', async () => (await focused()) === names.at(-1));
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowDown');
      await until('the second row', async () => (await focused()) === names[1]);
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: names[1] as string });
      await dialog.waitFor();
      const { result } = items[1] as JobItem;
      await dialog
        .getByText(percent(result?.predictions[0]?.probability ?? 0), { exact: true })
        .first()
        .waitFor();
      assert.deepEqual(
        await textsOf(dialog.locator('ol li')),
        result?.predictions.map(({ label, probability }) => `${label} ${percent(probability)}`),
      );
      await requireAccessible(page);
      await page.keyboard.press('ArrowRight');
      const next = page.getByRole('dialog', { name: names[2] as string });
      await next.waitFor();
      await next.getByRole('button', { name: 'Not right?' }).click();
      const search = page.getByRole('searchbox');
      await search.last().fill('cat');
      await page.keyboard.press('ArrowLeft');
      assert.equal(await search.last().inputValue(), 'cat', 'what is written in a window over it stays');
      await page.keyboard.press('Escape');
      await next.waitFor();
      await page.keyboard.press('Escape');
      await next.waitFor({ state: 'hidden' });
    }));

  test('the wall has a group for each category, the largest first, what is not sure and what failed last', () =>
    inPage(async (page) => {
      await openJob(page, finished);
      await page.getByRole('radio', { name: 'Wall' }).check();
      const items = await itemsOf(finished);
      const answered = items.flatMap(({ result }) => result ?? []);
      const unsure = answered.filter(({ answer }) => answer.level === 'unsure').length;
      const seen = await page.evaluate(`(async () => {
        const seen = new Map();
        const pictures = () => [...seen.values()].reduce((sum, words) => sum + Number(words.match(/\\d+$/)[0]), 0);
        const end = performance.now() + ${PATIENCE};
        while (pictures() < 42 && performance.now() < end)
          for (let y = 0; y < document.body.scrollHeight; y += innerHeight / 2) {
            scrollTo(0, y);
            await new Promise((done) => setTimeout(done, 40));
            for (const heading of document.querySelectorAll('main h2')) seen.set(heading.dataset.group, heading.innerText);
          }
        scrollTo(0, 0);
        return [...seen.values()];
      })()`);
      const groups = (seen as string[]).map(trim);
      assert.deepEqual(groups.slice(-2), [`Not sure ${unsure}`, 'Failed 2']);
      const counts = groups
        .slice(0, -2)
        .filter((group) => !group.startsWith('Other'))
        .map((group) => Number(/\d+$/.exec(group)?.[0]));
      assert.deepEqual(
        counts,
        [...counts].sort((one, other) => other - one),
      );
      assert.equal(
        groups.reduce((sum, group) => sum + Number(/\d+$/.exec(group)?.[0]), 0),
        42,
      );
      assert.ok(
        groups.some((group) => /^cat \d+$/.test(group)),
        groups.join(),
      );
      await until('small pictures', async () => (await page.evaluate(`${IMAGES}.length`)) !== 0);
      await requireAccessible(page);
      const tiles = page.locator('main li button');
      await tiles.first().focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowLeft');
      assert.equal(await page.evaluate(`document.activeElement === document.querySelector('main li button')`), true);
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor();
    }));

  test('the wall prints as a whole', () =>
    inPage(async (page) => {
      await openJob(page, finished);
      await page.getByRole('radio', { name: 'Wall' }).check();
      await page.evaluate(`window.print = () => {
        window.printed = ${IMAGES}.length;
      }`);
      await page.getByRole('button', { name: 'Print' }).click();
      await until('the print', async () => (await page.evaluate('window.printed')) !== undefined, PATIENCE);
      assert.equal(await page.evaluate('window.printed'), 40);
      const pdf = await page.pdf();
      assert.ok(pdf.length > 50_000, `${pdf.length} bytes`);
    }));

  test('a job is canceled in the middle, tried again, and deleted', () =>
    inPage(async (page) => {
      gate.hold(20);
      const id = await dropAndSend(page, [path.join(folder, 'few')]);
      await page.getByRole('radio', { name: /^Answered (1\d|2\d)/ }).waitFor({ timeout: PATIENCE });
      await page.getByRole('button', { name: 'Cancel', exact: true }).click();
      await page.getByText('Cancelled. What was found stays.').waitFor();
      gate.open();
      await page.getByRole('radio', { name: /^Cancelled [12]\d/ }).waitFor();
      assert.equal((await site.service.jobs.store.get(id)).state, 'canceled');
      const { counts } = await site.service.jobs.store.get(id);
      await page.getByRole('radio', { name: `Cancelled ${counts.canceled}` }).waitFor();
      await page.getByRole('button', { name: `Retry ${counts.canceled + counts.failed} pictures` }).click();
      const tried = await textOf(page.getByText(/^Trying \d+ pictures again/));
      // What was empty when it came is not tried; some may be answered already.
      assert.ok(Number(/\d+/.exec(tried)) <= counts.canceled + counts.failed - 1, tried);
      await page.getByText('42 of 42 · 2 failed').waitFor({ timeout: PATIENCE });
      assert.deepEqual(await wholeTable(page, 42), (await itemsOf(id)).map(shownOf));
      const remove = page.getByRole('region', { name: 'Progress' }).getByRole('button', { name: 'Delete' });
      await remove.click();
      await page.getByRole('button', { name: 'Keep it' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await remove.click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('heading', { name: 'On this service' }).waitFor();
      await assert.rejects(site.service.jobs.store.get(id), { code: 'JOB_NOT_FOUND' });
      await page.goto(`${site.service.address}#/batch/${id}`);
      await page.getByText('JOB_NOT_FOUND').waitFor();
    }));

  test('the list shows the jobs of the service, also one that comes meanwhile, and deletes one when that is meant', () =>
    inPage(async (page) => {
      const id = await send(path.join(folder, 'few'));
      const links = page.locator(`a[href$="${id}"]`);
      await links.waitFor();
      await requireAccessible(page);
      const card = page.locator('li', { has: links });
      await card.getByText('Done').waitFor();
      assert.match(await textOf(card), /^few Done .*expires in 7 days 40 of 40$/);
      await card.getByRole('button', { name: 'Delete few' }).click();
      await page.getByRole('dialog', { name: 'Delete this job?' }).waitFor();
      await requireAccessible(page);
      const confirm = page.getByRole('dialog').getByRole('button', { name: 'Delete' });
      await page.route('**/api/v1/jobs/*', (route) => route.abort(), { times: 1 });
      await confirm.click();
      await page.getByRole('dialog').getByText('The service does not answer').waitFor();
      await page.getByRole('button', { name: 'Keep it' }).click();
      await card.getByRole('button', { name: 'Delete few' }).click();
      await confirm.waitFor();
      assert.equal(await page.getByRole('dialog').getByRole('alert').count(), 0, 'what failed before is past');
      await confirm.click();
      await links.waitFor({ state: 'detached' });
      await page.locator('h2:focus', { hasText: 'On this service' }).waitFor();
      await assert.rejects(site.service.jobs.store.get(id), { code: 'JOB_NOT_FOUND' });
    }));

  test('downloads are what the service has, as a table, as lines and as JSON', () =>
    inPage(async (page) => {
      await openJob(page, finished);
      const results = `${site.service.address}api/v1/jobs/${finished}/results`;
      assert.deepEqual(await downloaded(page, 'Table (CSV)'), [`job-${finished}.csv`, await text(`${results}.csv`)]);
      assert.deepEqual(await downloaded(page, 'JSON Lines'), [`job-${finished}.jsonl`, await text(`${results}.jsonl`)]);
      const [name, json] = await downloaded(page, 'JSON');
      assert.equal(name, `job-${finished}.json`);
      assert.deepEqual(JSON.parse(json), await itemsOf(finished));
    }));

  test('a service that asks for a key is given it with everything', async (t) => {
    const { address: at, jobs } = await listeningServiceFor(t, { apiKey: 'sesame' });
    const headers = { Authorization: 'Bearer sesame' };
    await inPage(
      async (page) => {
        await page.getByLabel('Key', { exact: true }).fill('sesame');
        await page.getByRole('button', { name: 'Use this key' }).click();
        await page.getByText('Nothing here yet.').waitFor();
        const id = await dropAndSend(page, [path.join(folder, 'few')]);
        await page.getByText('42 of 42 · 2 failed').waitFor({ timeout: PATIENCE });
        await untilEnded(jobs, id);
        const items = await itemsOf(id, at, headers);
        assert.deepEqual(await wholeTable(page, 42), items.map(shownOf));
        await until(
          'pictures fetched with the key',
          async () =>
            (await page.evaluate(`${IMAGES}.filter(({ src }) => src.startsWith('blob:')).length > 4`)) === true,
        );
        const csv = await text(`${at}api/v1/jobs/${id}/results.csv`, headers);
        assert.deepEqual(await downloaded(page, 'Table (CSV)'), [`job-${id}.csv`, csv]);
        assert.deepEqual(JSON.parse((await downloaded(page, 'JSON'))[1]), items);
      },
      { at },
    );
  });

  test('what the service does not take is said, and can be sent otherwise', async (t) => {
    const settings = { runJobs: false, maxJobPictures: 20, maxJobBytes: 300_000, jobBytes: 400_000 };
    const { address: at, jobs } = await listeningServiceFor(t, settings);
    const large = path.join(folder, 'large.zip');
    await writeFile(large, Buffer.alloc(400_000));
    const crowded = path.join(folder, 'crowded.jpg');
    await writeFile(crowded, Buffer.alloc(250_000, 7));
    await inPage(
      async (page) => {
        await page.getByText('Nothing here yet.').waitFor();
        const sendIt = page.getByRole('button', { name: 'Send', exact: true });
        await dropFiles(page, [large]);
        await sendIt.click();
        await page.getByText('REQUEST_TOO_LARGE').waitFor();
        await page.getByText('Choose fewer pictures at a time, or send them in several goes.').waitFor();
        await requireAccessible(page);
        await page.getByRole('button', { name: 'Clear' }).click();
        await dropFiles(page, [path.join(folder, 'few')]);
        await page.getByText(/^42 pictures · .* · sent as [345] jobs$/).waitFor();
        await sendIt.click();
        await page.getByText(/[345] jobs are under way/).waitFor();
        const accepted = await jobs.store.list({ limit: 10 });
        assert.equal(
          accepted.reduce((sum, { counts }) => sum + counts.total, 0),
          42,
        );
        await dropFiles(page, [crowded]);
        await sendIt.click();
        await page.getByText('JOBS_FULL').waitFor();
        await page.getByRole('radio', { name: '中文' }).check();
        await page.getByText('服务为批量识别保留的空间已满。').waitFor();
        for (const { id } of accepted) await jobs.remove(id);
        await page.getByRole('button', { name: '再试一次' }).click();
        assert.match(await idIn(page), /.+/);
      },
      { at },
    );
  });

  test('an upload is stopped, and nothing of it is kept', async (t) => {
    const { address: at, jobs } = await listeningServiceFor(t, { runJobs: false });
    await inPage(
      async (page) => {
        await page.getByText('Nothing here yet.').waitFor();
        await throttle(page, 100_000);
        await dropFiles(page, [path.join(folder, 'holiday')]);
        await page.getByRole('button', { name: 'Send', exact: true }).click();
        const progress = page.getByRole('progressbar', { name: 'Sending' });
        await until('some of it', async () => Number(await progress.getAttribute('aria-valuenow')) > 2, PATIENCE);
        await requireAccessible(page);
        await page.getByRole('link', { name: 'Classify' }).click();
        await page.getByRole('link', { name: 'Batch' }).click();
        await page.getByRole('button', { name: 'Stop sending' }).click();
        await page.getByText('Stopped. Nothing of it was kept.').waitFor();
        await page.getByRole('heading', { name: 'Ready to send' }).waitFor();
        await until('the end of it', async () => (await jobs.pictures.jobs()).length === 0);
        assert.deepEqual(await jobs.store.list({ limit: 10 }), []);
      },
      { at },
    );
  });

  test('a long name has its lines on a small screen', () =>
    inPage(
      async (page) => {
        const form = new FormData();
        form.append(
          'image',
          new Blob([await readFile(path.join(examples, 'chelsea.png'))]),
          `${'long'.repeat(40)}/1.png`,
        );
        const response = await fetch(`${site.service.address}api/v1/jobs`, { method: 'POST', body: form });
        const { id } = (await response.json()) as { id: string };
        await untilEnded(site.service.jobs, id);
        await openJob(page, id);
        await requireFit(page);
      },
      { viewport: { width: 320, height: 640 } },
    ));

  test('an answer that gets lost makes no second job, and a job goes on where the line was cut', async (t) => {
    const line = await lineTo(t, site.service.port);
    const at = `http://127.0.0.1:${line.port}/`;
    gate.hold(10);
    await inPage(
      async (page) => {
        const before = (await site.service.jobs.store.list({ limit: 100 })).length;
        await page.getByRole('heading', { name: 'On this service' }).waitFor();
        await dropFiles(page, [path.join(folder, 'few')]);
        line.loseAnswers();
        await page.getByRole('button', { name: 'Send', exact: true }).click();
        await page.getByRole('heading', { name: 'The service does not answer' }).waitFor();
        line.mend();
        await page.getByRole('button', { name: 'Try again' }).click();
        const id = await idIn(page);
        assert.equal((await site.service.jobs.store.list({ limit: 100 })).length, before + 1);
        await page.getByText('In progress').waitFor();
        line.cut();
        await page.getByText('The connection was lost. Trying again…').waitFor();
        gate.open();
        await untilEnded(site.service.jobs, id);
        line.mend();
        await page.getByText('42 of 42 · 2 failed').waitFor({ timeout: PATIENCE });
        assert.equal(await page.getByText('The connection was lost.').isVisible(), false);
        assert.deepEqual(await wholeTable(page, 42), (await itemsOf(id)).map(shownOf));
      },
      { at },
    );
  });

  test('in Chinese, a job that was answered in English has Chinese names, and so has why a picture failed', () =>
    inPage(
      async (page) => {
        await page.goto(`${site.service.address}#/batch/${finished}`);
        await page.getByRole('region', { name: '结果' }).waitFor();
        const labels = (await (await fetch(`${site.service.address}api/v1/labels`)).json()) as {
          readonly classes: readonly { readonly index: number; readonly zh: string }[];
          readonly groups: readonly { readonly key: string; readonly zh: string }[];
        };
        const items = await itemsOf(finished);
        const named = (item: JobItem): string => {
          const { answer, predictions } = item.result ?? {};
          const best = labels.classes.find(({ index }) => index === predictions?.[0]?.index)?.zh;
          if (answer?.level === 'unsure') return `不确定，可能是${best}`;
          return (answer?.level === 'group' ? labels.groups.find(({ key }) => key === answer.group)?.zh : best) ?? '';
        };
        const wanted = items.slice(0, 5).map(named);
        await until('the Chinese names', async () => {
          const shown = (await tableNow(page)).slice(0, 5).map((cells) => cells[1]);
          return JSON.stringify(shown) === JSON.stringify(wanted);
        });
        await page.getByRole('radio', { name: '失败 2' }).check();
        await page.getByText('这个文件是空的（0 字节），请重新选择。').waitFor();
        await page.getByRole('button', { name: 'few/broken.jpg' }).click();
        await page.getByRole('dialog').getByText('这不是受支持的图片格式，请先转换成 JPEG 或 PNG。').waitFor();
        assert.doesNotMatch(await textOf(page.locator('main')), /[a-z]{3,} [a-z]{3,}/);
      },
      { locale: 'zh-CN' },
    ));

  const screens: readonly [what: string, options: BrowserContextOptions][] = [
    ['a small phone', { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true }],
    [
      'a phone in the dark, in Chinese',
      { viewport: { width: 390, height: 844 }, colorScheme: 'dark', locale: 'zh-CN' },
    ],
    ['a wall, dark', { viewport: { width: 3840, height: 2160 }, colorScheme: 'dark' }],
  ];
  for (const [what, options] of screens)
    test(`fits ${what}`, () =>
      inPage(async (page) => {
        // In the light they are looked at above.
        const look = async () => {
          await requireFit(page);
          if (options.colorScheme === 'dark') await requireAccessible(page);
        };
        for (const place of ['#/batch', `#/batch/${finished}`]) {
          await page.goto(`${site.service.address}${place}`);
          await page
            .locator(place === '#/batch' ? 'main li a' : 'tbody button')
            .first()
            .waitFor();
          await look();
        }
        await page.getByRole('radio', { name: /Wall|图片墙/ }).check();
        await page.locator('main li button').first().waitFor();
        await look();
        await page.locator('main li button').first().click();
        await page.getByRole('dialog').locator('ol').waitFor();
        await look();
      }, options));
});

/** Lets so many pictures through, and the others when it is opened. */
function createGate() {
  let left = Number.POSITIVE_INFINITY;
  let waiting: (() => void)[] = [];
  const pass = () => {
    left -= 1;
    return left >= 0 ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve));
  };
  return {
    around: (serving: Serving): Serving => ({
      ...serving,
      use: async (choice, work, signal) => {
        await pass();
        return serving.use(choice, work, signal);
      },
    }),
    hold: (after: number) => {
      left = after;
    },
    open: () => {
      left = Number.POSITIVE_INFINITY;
      for (const go of waiting) go();
      waiting = [];
    },
  };
}

const EXAMPLES = ['alps.jpg', 'chelsea.png', 'coffee.png'] as const;
const nameOf = (at: number) =>
  `${at % 4 === 0 ? 'beach/' : at % 16 === 1 ? 'beach/deep/' : ''}${path.parse(EXAMPLES[at % 3] as string).name}-${String(at).padStart(4, '0')}.jpg`;
const picturesIn = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => nameOf(at)).sort(BY_NAME.compare);
const BY_NAME = new Intl.Collator('en', { numeric: true });

/** So many small pictures, made from the examples, with what else lies in folders. */
async function makePictures(folder: string, count: number): Promise<void> {
  await mkdir(path.join(folder, 'beach/deep'), { recursive: true });
  const small = await Promise.all(
    EXAMPLES.map((name) => sharp(path.join(examples, name)).resize(160, 160, { fit: 'cover' }).png().toBuffer()),
  );
  for (let at = 0; at < count; at += 1) {
    const picture = sharp(small[at % 3]).modulate({ brightness: 0.8 + at / 1000 });
    // Some are too little of a picture to be sure.
    if (at % 10 === 9) picture.extract({ left: at % 60, top: 40, width: 50, height: 50 }).blur(3);
    else picture.rotate((at % 24) - 12);
    await picture.jpeg().toFile(path.join(folder, nameOf(at)));
  }
  await writeFile(path.join(folder, 'beach/notes.txt'), 'sunny');
  await writeFile(path.join(folder, '.hidden'), 'x');
  await writeFile(path.join(folder, folder.endsWith('few') ? 'broken.jpg' : 'beach/broken.jpg'), 'no picture');
  await writeFile(path.join(folder, 'empty.png'), '');
}

async function idIn(page: Page): Promise<string> {
  await page.waitForURL(/#\/batch\/[\w-]+$/, { timeout: PATIENCE });
  return page.url().split('/').at(-1) as string;
}

const trim = (text: string): string => text.replace(/\s+/g, ' ').trim();
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const probabilityOf = (entries: readonly { name: string; probability: number }[], wanted: string): number =>
  entries.find(({ name }) => name === wanted)?.probability ?? 0;
const text = async (url: string, headers = {}): Promise<string> =>
  Buffer.from(await (await fetch(url, { headers })).arrayBuffer()).toString();

/** Name, answer and probability as they are to be shown. */
function shownOf({ name, state, result, error }: JobItem): string[] {
  if (!result) return [name, error ?? '', '', state === 'failed' ? 'Failed' : state];
  const { answer, predictions } = result;
  const said = answer.level === 'unsure' ? `Not sure, perhaps ${predictions[0]?.label}` : answer.label;
  return [name, said ?? '', percent(answer.probability), 'Answered'];
}

const IMAGES = `[...document.querySelectorAll('main img')].filter(({ naturalWidth }) => naturalWidth > 0)`;

const CELLS = `[...document.querySelectorAll('tbody tr[aria-rowindex]')].map((row) => [
  Number(row.getAttribute('aria-rowindex')) - 2,
  ...[...row.children].slice(1).map((cell) => cell.textContent.replace(/\\s+/g, ' ').trim()),
])`;

/** Name, answer, probability, category, flags and state of the rows that are drawn, from the top. */
async function tableNow(page: Page): Promise<string[][]> {
  const rows = (await page.evaluate(CELLS)) as [number, ...string[]][];
  return rows.map(([, ...cells]) => cells);
}

/** Name, answer, probability and state of all rows, as one sees them who scrolls down. */
async function wholeTable(page: Page, count: number): Promise<string[][]> {
  assert.equal(await page.getByRole('table').getAttribute('aria-rowcount'), String(count + 1));
  const rows = (await page.evaluate(`(async () => {
    const rows = new Map();
    const end = performance.now() + ${PATIENCE};
    while (rows.size < ${count} && performance.now() < end)
      for (let y = 0; y < document.body.scrollHeight; y += 0.8 * innerHeight) {
        scrollTo(0, y);
        await new Promise((done) => setTimeout(done, 40));
        for (const [at, ...cells] of ${CELLS}) rows.set(at, cells);
      }
    scrollTo(0, 0);
    return [...rows].sort(([one], [other]) => one - other).map(([, cells]) => cells);
  })()`)) as string[][];
  return rows.map(([name, answer, probability, , , state]) => [name, answer, probability, state] as string[]);
}

async function downloaded(page: Page, format: string): Promise<[name: string, content: string]> {
  await page.getByRole('button', { name: 'Download' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: format, exact: true }).click(),
  ]);
  return [download.suggestedFilename(), await readFile(await download.path(), 'utf8')];
}

async function throttle(page: Page, bytesPerSecond: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytesPerSecond },
  });
}
