import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import * as v from 'valibot';
import { training, trainingsAnswer } from '#kaiyan/server/training-contract.js';
import { image, multipart } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { sharedService } from '../../support/service.js';

const TRAININGS = '/api/v1/trainings';
type Training = v.InferOutput<typeof training>;

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PATCH';
  readonly url: string;
  readonly payload?: object;
}

const home = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-test-'));
const service = sharedService({ home });
after(() => rm(home, { recursive: true, force: true, maxRetries: 10 }));

async function call(given: Call) {
  const { statusCode: status, headers, body } = await service().http.inject({ ...given });
  return { status, headers, body, json: body.startsWith('{') ? JSON.parse(body) : undefined };
}

/** What came is what the schema says, and no more. */
function asTraining(json: unknown): Training {
  const parsed = v.parse(training, json);
  assert.deepEqual(parsed, json);
  return parsed;
}

/** Animals and other things: few, but pictures of two classes. */
const CLASSES = {
  animals: ['chelsea.png', 'crab.jpg', 'red-panda.jpg'],
  things: ['alps.jpg', 'coffee.png', 'rocket.jpg'],
};

async function makeDataset(): Promise<void> {
  const { datasets, http: app } = service();
  await datasets.create('sorts');
  for (const [label, names] of Object.entries(CLASSES)) {
    await datasets.addClass('sorts', label, label === 'animals' ? '动物' : undefined);
    const parts = await Promise.all(names.map(async (name) => image(await readFile(path.join(examples, name)), name)));
    const url = `/api/v1/datasets/sorts/pictures?label=${label}`;
    assert.equal((await app.inject({ method: 'POST', url, ...multipart(...parts) })).statusCode, 200);
  }
}

interface Event {
  readonly event: string;
  readonly data: unknown;
}

/** All events of a training, until its stream ends. */
async function eventsOf(t: TestContext, id: string): Promise<Event[]> {
  const request = http.get({ port: service().port, host: '127.0.0.1', path: `${TRAININGS}/${id}/events` });
  t.after(() => request.destroy());
  let text = '';
  await new Promise((resolve, reject) => {
    request.once('error', reject).once('response', (response) => {
      assert.match(response.headers['content-type'] ?? '', /^text\/event-stream/);
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.once('end', resolve);
    });
  });
  return text
    .split('\n\n')
    .filter((block) => block !== '' && !block.startsWith(':'))
    .map((block) => {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
      return { event: fields.event, data: JSON.parse(fields.data) };
    });
}

describe('a training over HTTP', () => {
  test('makes a model that answers, and tells how it goes', async (t) => {
    await makeDataset();
    const options = { dataset: 'sorts', augment: 1, validation: 0.3, int8: 'never', seed: 7 };
    const made = await call({ method: 'POST', url: TRAININGS, payload: options });
    assert.equal(made.status, 202, made.body);
    const { id, source, ...rest } = asTraining(made.json);
    assert.equal(made.headers.location, `${TRAININGS}/${id}`);
    assert.deepEqual(
      [source, rest.options.output, rest.options.seed],
      [{ dataset: 'sorts', fromCorrections: false }, 'sorts', 7],
    );
    const events = await eventsOf(t, id);
    assert.deepEqual([events[0]?.event, events.at(-1)?.event], ['training', 'end']);
    assert.ok(events.some(({ event }) => event === 'progress'));
    const last = asTraining(events.findLast(({ event }) => event === 'training')?.data);
    assert.equal(last.state, 'done', JSON.stringify(last.error));
    assert.deepEqual([last.result?.model, last.result?.pictures, last.result?.classes], ['sorts@1', 6, 2]);
    assert.deepEqual(asTraining((await call({ method: 'GET', url: `${TRAININGS}/${id}` })).json), last);
    const listed = (await call({ method: 'GET', url: TRAININGS })).json;
    const { curve, findings, result, ...summary } = last;
    assert.ok(findings.length > 0 && result?.validation.perClass);
    const { perClass, ...validation } = result.validation;
    assert.deepEqual(v.parse(trainingsAnswer, listed), listed);
    assert.deepEqual(
      listed,
      { trainings: [{ ...summary, result: { ...result, validation } }] },
      'without what is many',
    );

    const answer = await service().http.inject({
      ...{ method: 'POST', url: '/api/v1/classify?model=sorts&lang=zh' },
      ...multipart(image(await readFile(path.join(examples, 'red-panda.jpg')))),
    });
    assert.equal(JSON.parse(answer.body).predictions[0].label, '动物');

    const report = await call({ method: 'GET', url: `${TRAININGS}/${id}/report` });
    assert.deepEqual([report.status, report.headers['content-type']], [200, 'text/html; charset=utf-8']);
    const policy = String(report.headers['content-security-policy']).split('; ').sort();
    assert.deepEqual(policy, [
      ...["base-uri 'none'", "default-src 'none'", "form-action 'none'", "frame-ancestors 'none'"],
      ...['img-src data:', "style-src 'unsafe-inline'"],
    ]);
    assert.match(report.body, /^<!doctype html>/i);
    for (const [lang, language] of [
      ['en', 'en'],
      ['zh', 'zh-Hans'],
    ]) {
      const translated = await call({ method: 'GET', url: `${TRAININGS}/${id}/report?lang=${lang}` });
      assert.match(translated.body, new RegExp(`<html lang="${language}">`));
    }

    const again = await call({ method: 'POST', url: `${TRAININGS}/${id}/resume` });
    assert.deepEqual([again.status, again.json.code], [409, 'TRAINING_NOT_RESUMABLE']);
    assert.equal((await call({ method: 'DELETE', url: `${TRAININGS}/${id}` })).status, 204);
    assert.deepEqual(await readdir(path.join(home, 'trainings')), []);
    assert.equal((await call({ method: 'GET', url: `${TRAININGS}/${id}/report` })).json.code, 'TRAINING_NOT_FOUND');
    assert.equal((await call({ method: 'GET', url: '/api/v1/models/sorts' })).status, 200);
  });

  test('of a data set that cannot be learned says so', async (t) => {
    await service().datasets.create('empty');
    const { json } = await call({ method: 'POST', url: TRAININGS, payload: { dataset: 'empty' } });
    const events = await eventsOf(t, json.id);
    const last = asTraining(events.findLast(({ event }) => event === 'training')?.data);
    assert.deepEqual([last.state, last.error?.code], ['failed', 'DATASET_INVALID']);
  });
});

describe('a training from corrections', () => {
  test('is compared with the model that answers', async (t) => {
    for (const [name, label] of [
      ['chelsea.png', 'our cat'],
      ['red-panda.jpg', 'our panda'],
      ['coffee.png', 'espresso'],
      ['crab.jpg', 'our cat'],
    ] as const) {
      const url = `/api/v1/corrections?label=${encodeURIComponent(label)}&model=efficientnet-lite0@1`;
      const picture = image(await readFile(path.join(examples, name)));
      assert.equal((await service().http.inject({ method: 'POST', url, ...multipart(picture) })).statusCode, 201);
    }
    const payload = { fromCorrections: true, augment: 0, int8: 'never' };
    const { json } = await call({ method: 'POST', url: TRAININGS, payload });
    const { id, source, options } = asTraining(json);
    assert.deepEqual(source, { dataset: null, fromCorrections: true });
    assert.deepEqual([options.model, options.output], ['efficientnet-lite0@1', 'efficientnet-lite0-corrected']);
    const events = await eventsOf(t, id);
    const last = asTraining(events.findLast(({ event }) => event === 'training')?.data);
    assert.equal(last.state, 'done', JSON.stringify(last.error));
    const { present, candidate, pictures } = last.comparison as NonNullable<typeof last.comparison>;
    assert.deepEqual(
      [present.model, candidate.model, pictures],
      ['efficientnet-lite0@1', 'efficientnet-lite0-corrected@1', 4],
    );
    assert.ok(candidate.top1 >= present.top1);
  });
});

describe('what is asked of a training', () => {
  test('is checked before it is taken', async () => {
    await service().datasets.create('asked');
    const before = await call({ method: 'GET', url: TRAININGS });
    const refused: readonly [payload: object, status: number, code: string][] = [
      [{}, 400, 'REQUEST_INVALID'],
      [{ dataset: 'asked', fromCorrections: true }, 400, 'REQUEST_INVALID'],
      [{ fromCorrections: true, unfreeze: 1 }, 400, 'REQUEST_INVALID'],
      [{ dataset: '../x' }, 400, 'REQUEST_INVALID'],
      [{ dataset: 'other' }, 404, 'DATASET_NOT_FOUND'],
      [{ dataset: 'asked', model: 'nothing' }, 404, 'MODEL_NOT_FOUND'],
      [{ dataset: 'asked', output: 'efficientnet-lite0@1' }, 409, 'MODEL_EXISTS'],
      [{ dataset: 'asked', epochs: 0 }, 400, 'REQUEST_INVALID'],
      [{ dataset: 'asked', validation: 1 }, 400, 'REQUEST_INVALID'],
      [{ dataset: 'asked', augment: 1.5 }, 400, 'REQUEST_INVALID'],
    ];
    for (const [payload, status, code] of refused) {
      const answer = await call({ method: 'POST', url: TRAININGS, payload });
      assert.deepEqual([answer.status, answer.json.code], [status, code], JSON.stringify(payload));
    }
    assert.deepEqual((await call({ method: 'GET', url: TRAININGS })).json, before.json);
    for (const [method, what] of [
      ['GET', ''],
      ['GET', '/events'],
      ['GET', '/report'],
      ['POST', '/stop'],
      ['POST', '/resume'],
      ['DELETE', ''],
    ] as const) {
      const answer = await call({ method, url: `${TRAININGS}/nothing${what}` });
      assert.deepEqual([answer.status, answer.json.code], [404, 'TRAINING_NOT_FOUND'], what);
    }
  });
});
