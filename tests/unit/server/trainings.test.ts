import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import * as v from 'valibot';
import { training, trainingsAnswer } from '#kaiyan/server/training-contract.js';
import { temporaryFolder } from '../../support/folders.js';
import { image, multipart } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { childrenOf } from '../../support/processes.js';
import { type ListeningService, listeningServiceFor, serviceFor } from '../../support/service.js';
import { until } from '../../support/timing.js';

const TRAININGS = '/api/v1/trainings';
type Training = v.InferOutput<typeof training>;

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PATCH';
  readonly url: string;
  readonly payload?: object;
}

async function call({ http: app }: ListeningService, given: Call) {
  const { statusCode: status, headers, body } = await app.inject({ ...given });
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

async function serviceWithPictures(t: TestContext) {
  const home = await temporaryFolder(t);
  const service = await listeningServiceFor(t, { home });
  await service.datasets.create('sorts');
  for (const [label, names] of Object.entries(CLASSES)) {
    await service.datasets.addClass('sorts', label, label === 'animals' ? '动物' : undefined);
    const parts = await Promise.all(names.map(async (name) => image(await readFile(path.join(examples, name)), name)));
    const url = `/api/v1/datasets/sorts/pictures?label=${label}`;
    const { statusCode } = await service.http.inject({ method: 'POST', url, ...multipart(...parts) });
    assert.equal(statusCode, 200);
  }
  return { service, home };
}

interface Event {
  readonly event: string;
  readonly data: unknown;
}

/** All events of a training, until its stream ends. */
async function eventsOf(t: TestContext, { port }: ListeningService, id: string): Promise<Event[]> {
  const request = http.get({ port, host: '127.0.0.1', path: `${TRAININGS}/${id}/events` });
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
    const { service, home } = await serviceWithPictures(t);
    const options = { dataset: 'sorts', augment: 1, validation: 0.3, int8: 'never', seed: 7 };
    const made = await call(service, { method: 'POST', url: TRAININGS, payload: options });
    assert.equal(made.status, 202, made.body);
    const { id, source, ...rest } = asTraining(made.json);
    assert.equal(made.headers.location, `${TRAININGS}/${id}`);
    assert.deepEqual(
      [source, rest.options.output, rest.options.seed],
      [{ dataset: 'sorts', fromCorrections: false }, 'sorts', 7],
    );
    const events = await eventsOf(t, service, id);
    assert.deepEqual([events[0]?.event, events.at(-1)?.event], ['training', 'end']);
    assert.ok(events.some(({ event }) => event === 'progress'));
    const last = asTraining(events.findLast(({ event }) => event === 'training')?.data);
    assert.equal(last.state, 'done', JSON.stringify(last.error));
    assert.deepEqual([last.result?.model, last.result?.pictures, last.result?.classes], ['sorts@1', 6, 2]);
    assert.deepEqual(asTraining((await call(service, { method: 'GET', url: `${TRAININGS}/${id}` })).json), last);
    const listed = (await call(service, { method: 'GET', url: TRAININGS })).json;
    assert.deepEqual(v.parse(trainingsAnswer, listed), { trainings: [last] });

    const answer = await service.http.inject({
      ...{ method: 'POST', url: '/api/v1/classify?model=sorts&lang=zh' },
      ...multipart(image(await readFile(path.join(examples, 'red-panda.jpg')))),
    });
    assert.equal(JSON.parse(answer.body).predictions[0].label, '动物');

    const report = await call(service, { method: 'GET', url: `${TRAININGS}/${id}/report` });
    assert.deepEqual([report.status, report.headers['content-type']], [200, 'text/html; charset=utf-8']);
    assert.match(
      String(report.headers['content-security-policy']),
      /default-src 'none'; style-src 'unsafe-inline'; img-src data:/,
    );
    assert.match(report.body, /^<!doctype html>/i);

    const again = await call(service, { method: 'POST', url: `${TRAININGS}/${id}/resume` });
    assert.deepEqual([again.status, again.json.code], [409, 'TRAINING_NOT_RESUMABLE']);
    assert.equal((await call(service, { method: 'DELETE', url: `${TRAININGS}/${id}` })).status, 204);
    assert.deepEqual(await readdir(path.join(home, 'trainings')), []);
    assert.equal(
      (await call(service, { method: 'GET', url: `${TRAININGS}/${id}/report` })).json.code,
      'TRAINING_NOT_FOUND',
    );
    assert.equal((await call(service, { method: 'GET', url: '/api/v1/models/sorts' })).status, 200);
  });

  test('of a data set that cannot be learned says so', async (t) => {
    const { service } = await serviceWithPictures(t);
    await service.datasets.removeClass('sorts', 'things');
    const { json } = await call(service, { method: 'POST', url: TRAININGS, payload: { dataset: 'sorts' } });
    const events = await eventsOf(t, service, json.id);
    const last = asTraining(events.findLast(({ event }) => event === 'training')?.data);
    assert.deepEqual([last.state, last.error?.code], ['failed', 'DATASET_INVALID']);
  });
});

describe('what is asked of a training', () => {
  test('is checked before it is taken', async (t) => {
    const home = await temporaryFolder(t);
    const service = (await serviceFor(t, { home })) as ListeningService;
    await service.datasets.create('sorts');
    const refused: readonly [payload: object, status: number, code: string][] = [
      [{}, 400, 'REQUEST_INVALID'],
      [{ dataset: 'sorts', fromCorrections: true }, 400, 'REQUEST_INVALID'],
      [{ dataset: '../x' }, 400, 'REQUEST_INVALID'],
      [{ dataset: 'other' }, 404, 'DATASET_NOT_FOUND'],
      [{ dataset: 'sorts', model: 'nothing' }, 404, 'MODEL_NOT_FOUND'],
      [{ dataset: 'sorts', output: 'efficientnet-lite0@1' }, 409, 'MODEL_EXISTS'],
      [{ dataset: 'sorts', epochs: 0 }, 400, 'REQUEST_INVALID'],
      [{ dataset: 'sorts', validation: 1 }, 400, 'REQUEST_INVALID'],
      [{ dataset: 'sorts', augment: 1.5 }, 400, 'REQUEST_INVALID'],
    ];
    for (const [payload, status, code] of refused) {
      const answer = await call(service, { method: 'POST', url: TRAININGS, payload });
      assert.deepEqual([answer.status, answer.json.code], [status, code], JSON.stringify(payload));
    }
    assert.deepEqual((await call(service, { method: 'GET', url: TRAININGS })).json, { trainings: [] });
    for (const [method, what] of [
      ['GET', ''],
      ['GET', '/events'],
      ['GET', '/report'],
      ['POST', '/stop'],
      ['POST', '/resume'],
      ['DELETE', ''],
    ] as const) {
      const answer = await call(service, { method, url: `${TRAININGS}/nothing${what}` });
      assert.deepEqual([answer.status, answer.json.code], [404, 'TRAINING_NOT_FOUND'], what);
    }
  });

  test('is stopped with the service, and nothing is left running', {
    skip: process.platform !== 'linux',
  }, async (t) => {
    const { service } = await serviceWithPictures(t);
    const { json } = await call(service, {
      method: 'POST',
      url: TRAININGS,
      payload: { dataset: 'sorts', augment: 32 },
    });
    const running = async () => (await childrenOf(process.pid, 'training/runs/process.js')).length;
    await until('it runs', async () => (await running()) > 0, 30_000);
    await service.trainings.close();
    assert.equal((await service.trainings.get(json.id)).record.state, 'stopped');
    assert.equal(await running(), 0);
  });
});
