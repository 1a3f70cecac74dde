import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import sharp from 'sharp';
import * as v from 'valibot';
import type { Correction } from '#kaiyan/corrections/correction.js';
import { correctionsAnswer, keptAnswer } from '#kaiyan/server/correction-contract.js';
import { temporaryFolder } from '../../support/folders.js';
import { sha256 } from '../../support/goldens.js';
import { image, multipart } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { type Service, serviceFor } from '../../support/service.js';
import { suite } from '../../support/suite.js';

const cat = await readFile(path.join(examples, 'chelsea.png'));
const crab = await readFile(path.join(examples, 'crab.jpg'));
const URL = '/api/v1/corrections';

interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly headers?: Record<string, string>;
  readonly payload?: Buffer | object;
}

function callsOf({ http }: Service) {
  const call = async (url: string, given: Call = {}) => {
    const { statusCode: status, body, rawPayload, headers } = await http.inject({ method: 'GET', url, ...given });
    const isJson = String(headers['content-type']).startsWith('application/json');
    return { status, json: isJson ? JSON.parse(body) : undefined, bytes: rawPayload, headers };
  };
  const correct = (label: string, picture: Buffer = cat, query = '') =>
    call(`${URL}?label=${encodeURIComponent(label)}${query}`, {
      ...{ method: 'POST', headers: { 'content-type': 'image/*' }, payload: picture },
    });
  const list = async (query = '') => {
    const { status, json } = await call(`${URL}${query}`);
    assert.equal(status, 200);
    assert.deepEqual(v.parse(correctionsAnswer, json), json);
    return json as v.InferOutput<typeof correctionsAnswer>;
  };
  return { call, correct, list };
}

test('a picture is kept with what it really shows, and with nothing else is one kept', async (t) => {
  const home = await temporaryFolder(t);
  const service = await serviceFor(t, { home });
  const { call, correct, list } = callsOf(service);
  assert.deepEqual(await list(), { corrections: [], next: null, total: 0, sufficient: false });
  await call('/predict', { method: 'POST', ...multipart(image(cat)) });
  await call('/api/v1/classify', { method: 'POST', ...multipart(image(cat)) });
  assert.ok(!(await readdir(home)).includes('corrections'));
  const { status, json } = await correct(' 我的猫 ', cat, '&predicted=tabby&probability=0.25&model=resnet18@2');
  assert.equal(status, 201);
  assert.deepEqual(v.parse(keptAnswer, json), json);
  const { created } = json;
  assert.deepEqual(json, { id: sha256(cat), label: '我的猫', bytes: cat.length, created });
  const kept = { ...json, predicted: 'tabby', probability: 0.25, model: 'resnet18@2' };
  assert.deepEqual(await list(), { corrections: [kept], next: null, total: 1, sufficient: false });
  const form = { method: 'POST', ...multipart(image(crab)) } as const;
  const second = await call(`${URL}?label=crab`, form);
  assert.equal(second.status, 201);
  const { corrections, sufficient } = await list();
  const { predicted, probability, model } = corrections[0] as Correction;
  assert.deepEqual([predicted, probability, model, sufficient], [null, null, 'efficientnet-lite0@1', true]);
  assert.doesNotMatch(JSON.stringify(service.lines), new RegExp(`猫|${kept.id.slice(0, 8)}|crab|tabby`));
});

describe('corrections that are kept', () => {
  let calls: ReturnType<typeof callsOf>;
  const pictures: Buffer[] = [];
  const t = suite();
  before(async () => {
    calls = callsOf(await serviceFor(t, { home: await temporaryFolder(t) }));
    for (let i = 0; i < 5; i++) {
      const picture = await sharp({
        create: { width: 400, height: 300, channels: 3, background: { r: i, g: 9, b: 9 } },
      });
      pictures.push(await picture.png().toBuffer());
      assert.equal((await calls.correct(`class ${i}`, pictures[i])).status, 201);
    }
  });

  test('are listed page by page, the newest first', async () => {
    const first = await calls.list('?limit=3');
    assert.deepEqual([first.corrections.length, first.total, first.sufficient], [3, 5, true]);
    const second = await calls.list(`?limit=3&after=${first.next}`);
    assert.equal(second.next, null);
    const all = [...first.corrections, ...second.corrections];
    assert.deepEqual(all, (await calls.list()).corrections);
    const times = all.map(({ created }) => created);
    assert.deepEqual(times, times.toSorted().reverse());
  });

  test('are listed on from where a page ended, also if what it ended with is gone', async () => {
    const first = await calls.list('?limit=2');
    const { id, label } = first.corrections[1] as Correction;
    assert.equal((await calls.call(`${URL}/${id}`, { method: 'DELETE' })).status, 204);
    const second = await calls.list(`?limit=2&after=${first.next}`);
    assert.deepEqual([first, second].flatMap(({ corrections }) => corrections).length, 4);
    assert.ok(second.corrections.every(({ created }) => created <= (first.corrections[1] as Correction).created));
    assert.ok(!second.corrections.some((one) => first.corrections.some((known) => known.id === one.id)));
    const picture = pictures[Number(label.slice(-1))] as Buffer;
    assert.equal((await calls.correct(label, picture)).status, 201);
  });

  test('are shown as small pictures', async () => {
    const id = sha256(pictures[0] as Buffer);
    const { status, bytes, headers } = await calls.call(`${URL}/${id}/thumbnail`);
    assert.deepEqual([status, headers['content-type']], [200, 'image/jpeg']);
    assert.match(String(headers['cache-control']), /private/);
    const { width, height, format } = await sharp(bytes).metadata();
    assert.deepEqual([width, height, format], [256, 192, 'jpeg']);
  });

  test('can be changed and deleted', async () => {
    const id = sha256(pictures[1] as Buffer);
    const change = { method: 'PATCH', payload: { label: 'another' } } as const;
    const { status, json } = await calls.call(`${URL}/${id}`, change);
    assert.deepEqual([status, json.id, json.label], [200, id, 'another']);
    assert.equal((await calls.call(`${URL}/${id}`, { method: 'DELETE' })).status, 204);
    for (const again of [change, { method: 'DELETE' } as const]) {
      const refused = await calls.call(`${URL}/${id}`, again);
      assert.deepEqual([refused.status, refused.json.code], [404, 'CORRECTION_NOT_FOUND']);
    }
    assert.equal((await calls.call(`${URL}/${id}/thumbnail`)).json.code, 'CORRECTION_NOT_FOUND');
    assert.equal((await calls.list()).total, 4);
    assert.equal((await calls.call(URL, { method: 'DELETE' })).status, 204);
    assert.equal((await calls.list()).total, 0);
  });
});

describe('a correction is refused', () => {
  test('without a picture that can be decoded, or a label', async (t) => {
    const { call, correct, list } = callsOf(await serviceFor(t, { home: await temporaryFolder(t) }));
    for (const [answer, status, code] of [
      [await correct('cat', Buffer.from('text')), 415, 'IMAGE_UNSUPPORTED'],
      [await correct('cat', crab.subarray(0, 5000)), 422, 'IMAGE_CORRUPT'],
      [await correct('  '), 400, 'REQUEST_INVALID'],
      [await correct('x'.repeat(501)), 400, 'REQUEST_INVALID'],
      [await correct('cat', cat, '&probability=2'), 400, 'REQUEST_INVALID'],
      [await call(URL, { method: 'POST', ...multipart(image(cat)) }), 400, 'REQUEST_INVALID'],
      [await call(`${URL}?label=cat`, { method: 'POST' }), 400, 'IMAGE_MISSING'],
      [await call(`${URL}/..%2F..`, { method: 'DELETE' }), 400, 'REQUEST_INVALID'],
    ] as const)
      assert.deepEqual([answer.status, answer.json.code], [status, code]);
    assert.equal((await list()).total, 0);
  });

  test('when there is no room for it', async (t) => {
    const { correct } = callsOf(await serviceFor(t, { home: await temporaryFolder(t), correctionBytes: 1000 }));
    const { status, json } = await correct('cat');
    assert.deepEqual([status, json.code], [507, 'CORRECTIONS_FULL']);
  });

  test('to nobody who may classify, but what is kept is for who manages the service alone', async (t) => {
    const home = await temporaryFolder(t);
    const { call, correct } = callsOf(await serviceFor(t, { home, adminToken: 'secret' }));
    assert.equal((await correct('cat')).status, 201);
    const id = sha256(cat);
    const headers = { authorization: 'Bearer secret' };
    const change = { method: 'PATCH', payload: { label: 'dog' } } as const;
    for (const [url, given, allowed] of [
      [URL, {}, 200],
      [`${URL}/${id}/thumbnail`, {}, 200],
      [`${URL}/${id}`, change, 200],
      [`${URL}/${id}`, { method: 'DELETE' }, 204],
      [URL, { method: 'DELETE' }, 204],
    ] as const) {
      assert.equal((await call(url, given)).json.code, 'MANAGEMENT_REFUSED', url);
      assert.equal((await call(url, { ...given, headers })).status, allowed, url);
    }
  });
});
