import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { sha256Of } from '#kaiyan/hashes.js';
import type { JobOptions, NewItem } from '#kaiyan/jobs/job.js';
import { job as jobSchema, jobsAnswer, resultsAnswer } from '#kaiyan/server/job-contract.js';
import { answer, type Verdict } from '../../support/job-outcomes.js';
import { listeningServiceFor, type Service, serviceFor } from '../../support/service.js';
import { until, within } from '../../support/timing.js';

/** Nobody works on jobs but the test. */
const BY_HAND = { runJobs: false };

const LATER = Date.now() + 86_400_000;
const picture = (name: string): NewItem => ({ name, sha256: sha256Of(name), bytes: 10 });
const BROKEN = { code: 'IMAGE_CORRUPT', error: 'It is broken.' } as const;
/** What a picture is called is what it shows, but some are broken. */
const byName: Verdict = ({ name }) => (name.startsWith('broken') ? BROKEN : { label: `a ${name}` });

async function submitted({ jobs }: Pick<Service, 'jobs'>, names: readonly string[], options: JobOptions = {}) {
  const { id } = await jobs.store.create({ options, expiresAt: LATER });
  await jobs.store.add(id, names.map(picture));
  await jobs.store.submit(id);
  return id;
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `${i}.jpg`);

/** More in all than the buffers of a connection hold. */
const MANY = numbered(20_000).map((name) => name.padStart(1000, 'x'));

async function get({ http }: Pick<Service, 'http'>, url: string) {
  const { statusCode, headers, body } = await http.inject(url);
  return { statusCode, headers, body, json: () => JSON.parse(body) };
}

describe('GET /api/v1/jobs/{id}', () => {
  test('says how far the job is, and how long it may still take', async (t) => {
    const service = await serviceFor(t, BY_HAND);
    const id = await submitted(service, ['cat', 'broken', 'dog', 'bird']);
    const url = `/api/v1/jobs/${id}`;
    const waiting = (await get(service, url)).json();
    assert.deepEqual(v.parse(jobSchema, waiting), waiting);
    assert.deepEqual([waiting.state, waiting.secondsLeft, waiting.started], ['pending', null, null]);

    await answer(service.jobs.store, byName, 2);
    const half = (await get(service, url)).json();
    assert.deepEqual(half.counts, { total: 4, waiting: 2, answered: 1, failed: 1, canceled: 0 });
    assert.equal(half.state, 'in_progress');
    assert.ok(half.secondsLeft >= 0 && half.secondsLeft < 60, half.secondsLeft);
    assert.ok(Date.parse(half.started) >= Date.parse(half.created));

    await answer(service.jobs.store, byName);
    const { state, secondsLeft, ended } = (await get(service, url)).json();
    assert.deepEqual([state, secondsLeft], ['completed', 0]);
    assert.ok(Date.parse(ended) >= Date.parse(half.started));
  });

  test('is 404 for one that is not there, and 400 for what is no id', async (t) => {
    const service = await serviceFor(t, BY_HAND);
    for (const [id, status, code] of [
      ['6b7e8f8e-2f3c-4d0e-8f55-000000000000', 404, 'JOB_NOT_FOUND'],
      ['..%2f..%2fetc', 400, 'REQUEST_INVALID'],
      ['x'.repeat(65), 400, 'REQUEST_INVALID'],
    ] as const)
      for (const below of ['', '/results', '/results.csv', '/results.jsonl', '/events', '/thumbnails/0']) {
        const { statusCode, json } = await get(service, `/api/v1/jobs/${id}${below}`);
        assert.deepEqual([statusCode, json().code], [status, code], `${id}${below}`);
      }
  });
});

describe('GET /api/v1/jobs', () => {
  test('lists the newest first, page by page, and by state', async (t) => {
    const service = await serviceFor(t, BY_HAND);
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift(await submitted(service, [`${i}`]));
    await service.jobs.store.cancel(ids[2] as string);
    const seen: string[] = [];
    let after = '';
    for (let pages = 1; ; pages++) {
      const page = (await get(service, `/api/v1/jobs?limit=2${after}`)).json();
      assert.deepEqual(v.parse(jobsAnswer, page), page);
      seen.push(...page.jobs.map(({ id }: { id: string }) => id));
      if (page.next === null) break;
      after = `&after=${page.next}`;
      assert.ok(pages < 4);
    }
    assert.deepEqual(seen, ids);
    const canceled = (await get(service, '/api/v1/jobs?state=canceled')).json();
    assert.deepEqual(
      canceled.jobs.map(({ id }: { id: string }) => id),
      [ids[2]],
    );
    assert.equal((await get(service, '/api/v1/jobs?state=lost')).statusCode, 400);
  });
});

describe('GET /api/v1/jobs/{id}/results', () => {
  test('gives what became of each picture in their order, page by page, and by state', async (t) => {
    const service = await serviceFor(t, BY_HAND);
    const id = await submitted(service, ['cat', 'broken', 'dog', 'bird', 'broken too'], { thumbnails: true });
    await answer(service.jobs.store, byName);
    const first = (await get(service, `/api/v1/jobs/${id}/results?limit=3`)).json();
    assert.deepEqual(v.parse(resultsAnswer, first), first);
    assert.equal(first.next, 3);
    const [cat, broken] = first.items;
    assert.deepEqual([cat.item, cat.name, cat.state, cat.result.answer.label], [0, 'cat', 'answered', 'a cat']);
    assert.equal(cat.thumbnail, `/api/v1/jobs/${id}/thumbnails/0`);
    const { sequence, ...failed } = broken;
    assert.deepEqual(failed, { item: 1, name: 'broken', state: 'failed', ...BROKEN });
    const second = (await get(service, `/api/v1/jobs/${id}/results?limit=3&from=3`)).json();
    assert.deepEqual(
      [second.items.map(({ name }: { name: string }) => name), second.next],
      [['bird', 'broken too'], null],
    );
    const onlyFailed = (await get(service, `/api/v1/jobs/${id}/results?state=failed`)).json();
    assert.deepEqual(
      onlyFailed.items.map(({ item }: { item: number }) => item),
      [1, 4],
    );
  });

  test('comes as a line of JSON for each', async (t) => {
    const service = await serviceFor(t, BY_HAND);
    const names = numbered(450);
    const id = await submitted(service, names);
    await answer(service.jobs.store, byName, 200);
    const { statusCode, headers, body } = await get(service, `/api/v1/jobs/${id}/results.jsonl`);
    assert.equal(statusCode, 200);
    assert.match(String(headers['content-type']), /^application\/x-ndjson/);
    assert.equal(headers['content-disposition'], `attachment; filename="job-${id}.jsonl"`);
    const lines = body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ name }) => name),
      names,
    );
    assert.equal(lines.filter(({ result }) => result !== undefined).length, 200);
    const failed = await get(service, `/api/v1/jobs/${id}/results.jsonl?state=failed`);
    assert.equal(failed.body, '');
  });

  test('comes as a table, whose formulas are none', async (t) => {
    const service = await serviceFor(t, BY_HAND);
    const id = await submitted(service, ['=HYPERLINK("http://evil.example")', 'broken', '猫, "big".jpg'], { top: 1 });
    await answer(service.jobs.store, byName);
    const { headers, body } = await get(service, `/api/v1/jobs/${id}/results.csv`);
    assert.match(String(headers['content-type']), /^text\/csv; charset=utf-8/);
    assert.equal(headers['content-disposition'], `attachment; filename="job-${id}.csv"`);
    const [head, formula, broken, quoted] = body.split('\r\n') as [string, string, string, string];
    assert.match(head, /^\ufeffitem,state,file,/);
    assert.ok(formula.startsWith(`0,answered,"'=HYPERLINK(""http://evil.example"")",`), formula);
    assert.match(broken, /^1,failed,broken,.*It is broken\.,IMAGE_CORRUPT$/);
    assert.ok(quoted.startsWith('2,answered,"猫, ""big"".jpg",'), quoted);
    assert.equal(head.split(',').length, broken.split(',').length);
  });

  test('is read from the books no faster than it is taken, and no more once its client has left', async (t) => {
    const service = await listeningServiceFor(t, BY_HAND);
    const id = await submitted(service, MANY);
    let asked = 0;
    const { items } = service.jobs.store;
    Object.assign(service.jobs.store, {
      items: (...values: Parameters<typeof items>) => {
        asked += 1;
        return items(...values);
      },
    });
    const client = net.connect(service.port, '127.0.0.1').pause();
    t.after(() => client.destroy());
    client.write(`GET /api/v1/jobs/${id}/results.jsonl HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await until('its beginning', () => asked > 2);
    let before = -1;
    await until('a pause', async () => {
      const isSame = asked === before;
      before = asked;
      await sleep(300);
      return isSame;
    });
    client.destroy();
    await sleep(1_000);
    assert.ok(asked < 90, `${asked} of 100 pages`);
  });

  const download = (id: string) =>
    `GET /api/v1/jobs/${id}/results.jsonl HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;

  test('is cut if its client takes nothing for as long as an upload may send nothing', async (t) => {
    const service = await listeningServiceFor(t, { ...BY_HAND, uploadTimeoutSeconds: 2 });
    const request = download(await submitted(service, MANY));
    const connected = once(service.http.server, 'connection') as Promise<[net.Socket]>;
    const client = net.connect(service.port, '127.0.0.1').pause();
    t.after(() => client.destroy());
    client.on('error', () => undefined).write(request);
    const [connection] = await connected;
    await within(30_000, 'its end', once(connection, 'close'));
    assert.ok(connection.bytesWritten > 10_000, 'some of it was sent');
  });

  test('is not cut if its client takes its time', async (t) => {
    const service = await listeningServiceFor(t, { ...BY_HAND, uploadTimeoutSeconds: 3 });
    const request = download(await submitted(service, MANY));
    const client = net.connect(service.port, '127.0.0.1');
    t.after(() => client.destroy());
    client.write(request);
    let [received, awaited, last] = [0, 1_000_000, ''];
    const begun = performance.now();
    for await (const piece of client as AsyncIterable<Buffer>) {
      received += piece.length;
      last = piece.subarray(-20).toString();
      if (received < awaited) continue;
      awaited += 1_000_000;
      await sleep(250);
    }
    assert.ok(performance.now() - begun > 5_000, 'longer than one that is taken at once may');
    assert.ok(received > 20_000_000, `${received} bytes`);
    assert.match(last, /\r\n0\r\n\r\n$/);
  });

  test('answers HEAD without a body', async (t) => {
    const service = await serviceFor(t, BY_HAND);
    const id = await submitted(service, ['cat']);
    for (const below of ['', '/results', '/results.csv', '/results.jsonl', '/events']) {
      const { statusCode, body } = await service.http.inject({ method: 'HEAD', url: `/api/v1/jobs/${id}${below}` });
      assert.deepEqual([statusCode, body], [200, ''], below);
    }
  });
});

describe('GET /api/v1/jobs/{id}/thumbnails/{item}', () => {
  test('is a JPEG that may be kept, and 404 for one that is not there', async (t) => {
    const service = await serviceFor(t, BY_HAND);
    const id = await submitted(service, ['cat', 'dog'], { thumbnails: true });
    await service.jobs.pictures.keepThumbnail(id, sha256Of('cat'), Buffer.from('a small cat'));
    const { statusCode, headers, body } = await get(service, `/api/v1/jobs/${id}/thumbnails/0`);
    assert.deepEqual([statusCode, headers['content-type'], body], [200, 'image/jpeg', 'a small cat']);
    assert.match(String(headers['cache-control']), /private.*immutable/);
    for (const item of [1, 2, 999_999_999]) {
      const missing = await get(service, `/api/v1/jobs/${id}/thumbnails/${item}`);
      assert.deepEqual([missing.statusCode, missing.json().code], [404, 'NOT_FOUND']);
    }
    assert.equal((await get(service, `/api/v1/jobs/${id}/thumbnails/x`)).statusCode, 400);
  });
});

describe('a job', () => {
  const change = ({ http }: Service, method: 'POST' | 'DELETE', url: string, headers = {}) =>
    http.inject({ method, url, headers });

  test('is canceled, tried again, and deleted', async (t) => {
    const service = await serviceFor(t, BY_HAND);
    const id = await submitted(service, ['cat', 'broken', 'dog']);
    await answer(service.jobs.store, byName, 2);
    const canceled = await change(service, 'POST', `/api/v1/jobs/${id}/cancel`);
    assert.equal(canceled.statusCode, 200);
    assert.deepEqual([canceled.json().state, canceled.json().counts.canceled], ['canceled', 1]);
    const again = await change(service, 'POST', `/api/v1/jobs/${id}/retry`);
    assert.deepEqual([again.statusCode, again.json().state, again.json().counts.waiting], [200, 'in_progress', 2]);
    const deleted = await change(service, 'DELETE', `/api/v1/jobs/${id}`);
    assert.deepEqual([deleted.statusCode, deleted.body], [204, '']);
    assert.equal((await get(service, `/api/v1/jobs/${id}`)).statusCode, 404);
    assert.equal((await change(service, 'DELETE', `/api/v1/jobs/${id}`)).statusCode, 404);
  });

  test('is not changed by a page of another site, nor without the key', async (t) => {
    const service = await serviceFor(t, { ...BY_HAND, apiKey: 'key' });
    const id = await submitted(service, ['cat']);
    const calls = [
      ['POST', '/cancel'],
      ['POST', '/retry'],
      ['DELETE', ''],
    ] as const;
    for (const [method, below] of calls) {
      const url = `/api/v1/jobs/${id}${below}`;
      const keyless = await change(service, method, url);
      assert.deepEqual([keyless.statusCode, keyless.json().code], [401, 'UNAUTHORIZED']);
      const elsewhere = await change(service, method, url, { 'x-api-key': 'key', origin: 'https://evil.example' });
      assert.deepEqual([elsewhere.statusCode, elsewhere.json().code], [403, 'ORIGIN_REFUSED']);
    }
    for (const below of ['', '/results', '/events', '/results.csv', '/thumbnails/0'])
      assert.equal((await get(service, `/api/v1/jobs/${id}${below}`)).statusCode, 401, below);
    assert.equal((await service.jobs.store.get(id)).state, 'pending');
  });
});
