import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import * as v from 'valibot';
import { sha256Of } from '#kaiyan/hashes.js';
import {
  addedAnswer,
  datasetAnswer,
  datasetPicture,
  datasetPicturesAnswer,
  datasetSummary,
  datasetsAnswer,
  ownClass,
} from '#kaiyan/server/training-contract.js';
import { picture } from '../../support/datasets.js';
import { temporaryFolder } from '../../support/folders.js';
import { image, multipart, type Part, uploadHead } from '../../support/http.js';
import { serviceFor, sharedService } from '../../support/service.js';
import { until } from '../../support/timing.js';

const cat = await picture('chelsea.png');
const crab = await picture('crab.jpg');

const DATASETS = '/api/v1/datasets';
const service = sharedService({ maxJobPictures: 10, uploadTimeoutSeconds: 2 });

interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
  readonly url: string;
  readonly payload?: object | Buffer | string;
  readonly headers?: Record<string, string>;
}

async function call(given: Call, { http } = service()) {
  const { statusCode: status, headers, rawPayload, body } = await http.inject({ ...given });
  const isJson = String(headers['content-type']).startsWith('application/json');
  return { status, headers, bytes: rawPayload, json: isJson && body !== '' ? JSON.parse(body) : undefined };
}

const get = (url: string) => call({ method: 'GET', url });
const post = (url: string, payload: object) => call({ method: 'POST', url, payload });
const upload = (name: string, label: string, ...parts: readonly Part[]) =>
  call({
    method: 'POST',
    url: `${DATASETS}/${name}/pictures?label=${encodeURIComponent(label)}`,
    ...multipart(...parts),
  });

/** What came is what the schema says, and no more. */
function assertIs<Schema extends v.GenericSchema>(schema: Schema, json: unknown): v.InferOutput<Schema> {
  const parsed = v.parse(schema, json);
  assert.deepEqual(parsed, json);
  return parsed;
}

let count = 0;
async function datasetWith(...labels: readonly string[]): Promise<string> {
  const name = `set-${count++}`;
  assert.equal((await post(DATASETS, { name })).status, 201);
  for (const label of labels) assert.equal((await post(`${DATASETS}/${name}/classes`, { label })).status, 201);
  return name;
}

describe('data sets over HTTP', () => {
  test('are made, filled, shown, changed and deleted', async () => {
    const made = await post(DATASETS, { name: 'pets' });
    assert.deepEqual([made.status, made.headers.location], [201, `${DATASETS}/pets`]);
    assertIs(datasetSummary, made.json);
    const added = await post(`${DATASETS}/pets/classes`, { label: '猫/🐱', zh: '猫' });
    assert.deepEqual([added.status, assertIs(ownClass, added.json)], [201, { label: '猫/🐱', zh: '猫', pictures: 0 }]);
    await post(`${DATASETS}/pets/classes`, { label: 'crab' });
    const sent = await upload('pets', '猫/🐱', image(cat, 'a.png'), image('x', 'b.png'), image(cat, 'c.png'));
    assert.equal(sent.status, 200);
    const { failed, ...rest } = assertIs(addedAnswer, sent.json);
    assert.deepEqual(rest, { added: [sha256Of(cat)], repeated: 1 });
    assert.deepEqual(
      failed.map(({ name, code }) => [name, code]),
      [['b.png', 'IMAGE_UNSUPPORTED']],
    );
    const bare = await call({
      ...{ method: 'POST', url: `${DATASETS}/pets/pictures?label=crab`, payload: crab },
      headers: { 'content-type': 'image/jpeg' },
    });
    assert.deepEqual(assertIs(addedAnswer, bare.json).added, [sha256Of(crab)]);
    const shown = assertIs(datasetAnswer, (await get(`${DATASETS}/pets`)).json);
    assert.deepEqual(
      [shown.pictures, shown.bytes, shown.classes.map(({ pictures }) => pictures)],
      [2, cat.length + crab.length, [1, 1]],
    );
    assert.deepEqual(
      assertIs(datasetsAnswer, (await get(DATASETS)).json).datasets.find(({ name }) => name === 'pets')?.classes,
      2,
    );
    const one = `${DATASETS}/pets/pictures/${sha256Of(cat)}`;
    const thumbnail = await get(`${one}/thumbnail`);
    assert.deepEqual([thumbnail.status, thumbnail.headers['content-type']], [200, 'image/jpeg']);
    assert.deepEqual([...thumbnail.bytes.subarray(0, 3)], [0xff, 0xd8, 0xff]);
    const moved = await call({ method: 'PATCH', url: one, payload: { label: 'crab' } });
    assert.equal(assertIs(datasetPicture, moved.json).label, 'crab');
    const renamed = await call({
      method: 'PATCH',
      url: `${DATASETS}/pets/classes`,
      payload: { label: 'crab', newLabel: '螃蟹' },
    });
    assert.deepEqual(assertIs(ownClass, renamed.json), { label: '螃蟹', zh: '螃蟹', pictures: 2 });
    assert.equal((await call({ method: 'DELETE', url: one })).status, 204);
    assert.equal((await get(`${one}/thumbnail`)).json.code, 'PICTURE_NOT_FOUND');
    assert.equal(
      (await call({ method: 'DELETE', url: `${DATASETS}/pets/classes?label=${encodeURIComponent('螃蟹')}` })).status,
      204,
    );
    assert.equal((await get(`${DATASETS}/pets`)).json.pictures, 0);
    assert.equal((await call({ method: 'DELETE', url: `${DATASETS}/pets` })).status, 204);
    assert.equal((await get(`${DATASETS}/pets`)).json.code, 'DATASET_NOT_FOUND');
  });

  test('give their pictures page by page', async () => {
    const name = await datasetWith('a');
    await upload(name, 'a', image(cat), image(crab));
    const first = assertIs(datasetPicturesAnswer, (await get(`${DATASETS}/${name}/pictures?limit=1`)).json);
    assert.equal(typeof first.next, 'string');
    const second = assertIs(
      datasetPicturesAnswer,
      (await get(`${DATASETS}/${name}/pictures?label=a&limit=1&after=${first.next}`)).json,
    );
    assert.deepEqual(
      [...first.pictures, ...second.pictures].map(({ id }) => id),
      [sha256Of(cat), sha256Of(crab)],
    );
    assert.equal(second.next, null);
  });

  const refused: readonly [what: string, given: Call, status: number, code: string][] = [
    ['a name that is a path', { method: 'POST', url: DATASETS, payload: { name: '../x' } }, 400, 'REQUEST_INVALID'],
    ['a name in the address that is a path', { method: 'GET', url: `${DATASETS}/..%2fx` }, 400, 'REQUEST_INVALID'],
    ['an id that is a path', { method: 'DELETE', url: `${DATASETS}/x/pictures/..%2fx` }, 400, 'REQUEST_INVALID'],
    [
      'an empty label',
      { method: 'POST', url: `${DATASETS}/x/classes`, payload: { label: '' } },
      400,
      'REQUEST_INVALID',
    ],
    [
      'a label that is too long',
      { method: 'POST', url: `${DATASETS}/x/classes`, payload: { label: 'x'.repeat(501) } },
      400,
      'REQUEST_INVALID',
    ],
    [
      'a body that is too large',
      { method: 'POST', url: DATASETS, payload: { name: 'x'.repeat(20_000) } },
      400,
      'REQUEST_INVALID',
    ],
    [
      'no such data set',
      { method: 'POST', url: `${DATASETS}/x/classes`, payload: { label: 'a' } },
      404,
      'DATASET_NOT_FOUND',
    ],
    ['no picture', { method: 'POST', url: `${DATASETS}/x/pictures?label=a` }, 400, 'IMAGE_MISSING'],
    ['no label', { method: 'POST', url: `${DATASETS}/x/pictures`, ...multipart(image(cat)) }, 400, 'REQUEST_INVALID'],
    [
      'a text',
      {
        method: 'POST',
        url: `${DATASETS}/x/pictures?label=a`,
        payload: 'x',
        headers: { 'content-type': 'text/plain' },
      },
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    ],
    [
      'another page',
      { method: 'POST', url: DATASETS, payload: { name: 'x' }, headers: { origin: 'https://evil.example' } },
      403,
      'ORIGIN_REFUSED',
    ],
  ];
  for (const [what, given, status, code] of refused) {
    test(`refuse ${what}`, async () => {
      const answer = await call(given);
      assert.deepEqual([answer.status, answer.json.code], [status, code], JSON.stringify(answer.json));
    });
  }

  test('refuse a form without pictures, and one with too many', async () => {
    const name = await datasetWith('a');
    assert.equal((await upload(name, 'a', { field: 'other', content: 'x' })).json.code, 'IMAGE_MISSING');
    const many = Array.from({ length: 11 }, () => image(cat));
    assert.equal((await upload(name, 'a', ...many)).json.code, 'REQUEST_TOO_LARGE');
    // What had come before is there.
    assert.equal((await get(`${DATASETS}/${name}`)).json.pictures, 1);
  });

  test('keep nothing of a picture whose sender is too slow', async () => {
    const name = await datasetWith('a');
    const connection = await service().connect();
    connection.send(
      uploadHead(cat.length, `${DATASETS}/${name}/pictures?label=a`, 'image/png'),
      cat.subarray(0, 1_000),
    );
    const { status, body } = await connection.answer(20_000);
    assert.deepEqual([status, JSON.parse(body).code], [408, 'UPLOAD_TIMEOUT']);
    connection.leave();
    assert.equal((await get(`${DATASETS}/${name}`)).json.pictures, 0);
  });
});

describe('who may see and change data sets', () => {
  test('is who manages the service, and nobody else', async (t) => {
    const home = await temporaryFolder(t);
    const guarded = await serviceFor(t, { home, apiKey: 'key', adminToken: 'token' });
    const calls: Call[] = [
      { method: 'GET', url: DATASETS },
      { method: 'POST', url: DATASETS, payload: { name: 'pets' } },
      { method: 'GET', url: `${DATASETS}/pets` },
      { method: 'GET', url: `${DATASETS}/pets/pictures` },
      { method: 'GET', url: `${DATASETS}/pets/pictures/${sha256Of(cat)}/thumbnail` },
      { method: 'POST', url: `${DATASETS}/pets/pictures?label=a`, ...multipart(image(cat)) },
      { method: 'POST', url: `${DATASETS}/pets/classes`, payload: { label: 'a' } },
      { method: 'DELETE', url: `${DATASETS}/pets` },
      { method: 'GET', url: '/api/v1/trainings' },
      { method: 'POST', url: '/api/v1/trainings', payload: { dataset: 'pets' } },
    ];
    for (const given of calls) {
      const keyed = { ...given, headers: { ...given.headers, 'x-api-key': 'key' } };
      assert.equal(
        (await call(keyed, { ...service(), http: guarded.http })).json.code,
        'MANAGEMENT_REFUSED',
        given.url,
      );
    }
    assert.deepEqual(await readdir(home), []);
    const managed = {
      method: 'POST',
      url: DATASETS,
      payload: { name: 'pets' },
      headers: { authorization: 'Bearer token' },
    } as const;
    assert.equal((await call(managed, { ...service(), http: guarded.http })).status, 201);
    await until('the data set', async () => (await readdir(path.join(home, 'datasets'))).includes('pets'));
  });
});
