import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { encode, gradient } from '../../support/drawings.js';
import { chunk, image, multipart, type Part, uploadHead } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { type Service, serviceFor, sharedService } from '../../support/service.js';
import { until } from '../../support/timing.js';

const cat = await readFile(path.join(examples, 'chelsea.png'));
const slow = await encode(gradient(3000, 3000), 'PNG');

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Reads the text that Prometheus takes.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
function parseExposition(text: string): { samples: Sample[]; types: Map<string, string> } {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  assert.ok(text.endsWith('\n'), 'the last line has an end');
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
    if (comment) {
      const [, kind, name, words] = comment as unknown as [string, string, string, string];
      if (kind === 'TYPE') {
        assert.match(words, /^(counter|gauge|histogram|summary|untyped)$/);
        assert.ok(!types.has(name), `${name} has one type`);
        types.set(name, words);
      }
      continue;
    }
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)$/.exec(line);
    assert.ok(sample, `a sample: ${line}`);
    const [, name, labels = '', value] = sample as unknown as [string, string, string | undefined, string];
    assert.ok(types.has(name) || types.has(name.replace(/_(bucket|sum|count)$/, '')), `${name} has a type`);
    assert.ok(/^([+-]Inf|NaN)$/i.test(value) || Number.isFinite(Number(value)), line);
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((match) => [match[1], match[2]]);
    samples.push({ name, labels: Object.fromEntries(pairs), value: Number(value) });
  }
  return { samples, types };
}

const metricsOf = async ({ http }: Pick<Service, 'http'>) => (await http.inject('/metrics')).body;

/** The sum of the samples with that name and those labels. */
async function count(service: Pick<Service, 'http'>, name: string, labels: Record<string, string> = {}) {
  const { samples } = parseExposition(await metricsOf(service));
  return samples
    .filter((sample) => sample.name === name && Object.entries(labels).every(([key, is]) => sample.labels[key] === is))
    .reduce((sum, { value }) => sum + value, 0);
}

const REQUESTS = 'kaiyan_http_requests_total';
const ANSWERS = 'kaiyan_answers_total';
const CLASSIFY = '/api/v1/classify';

describe('GET /metrics', () => {
  const service = sharedService();
  const post = (url: string, ...parts: readonly Part[]) =>
    service().http.inject({ method: 'POST', url, ...multipart(...parts) });

  /** How much a number grows by what is done. */
  async function growth(name: string, labels: Record<string, string>, work: () => Promise<unknown>): Promise<number> {
    const before = await count(service(), name, labels);
    await work();
    return (await count(service(), name, labels)) - before;
  }

  test('is text as Prometheus reads it', async () => {
    await post('/predict', image(cat));
    const { headers, body } = await service().http.inject('/metrics');
    assert.match(headers['content-type'] as string, /^text\/plain; version=0\.0\.4; charset=utf-8$/);
    const { samples, types } = parseExposition(body);
    assert.equal(types.get(REQUESTS), 'counter');
    assert.equal(types.get('kaiyan_http_request_duration_seconds'), 'histogram');
    assert.equal(types.get('kaiyan_queue_pictures'), 'gauge');
    for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds'])
      assert.ok(
        samples.some((sample) => sample.name === name),
        name,
      );
    const buckets = samples.filter(({ name }) => name === 'kaiyan_inference_seconds_bucket').map(({ value }) => value);
    assert.deepEqual(
      buckets,
      buckets.toSorted((a, b) => a - b),
      'buckets count all that is smaller',
    );
  });

  test('counts pictures that were classified, and how long each stage took', async () => {
    const work = () => Promise.all([post('/predict', image(cat)), post(CLASSIFY, image(cat), image(cat))]);
    assert.equal(await growth(ANSWERS, { code: 'ok' }, work), 3);
    for (const stage of ['queue', 'decode', 'inference'])
      assert.equal(await growth(`kaiyan_${stage}_seconds_count`, {}, work), 3, stage);
    const seconds = await growth('kaiyan_inference_seconds_sum', {}, work);
    assert.ok(seconds > 0.001 && seconds < 10, `${seconds} s`);
  });

  test('counts errors by their code, of requests and of pictures among others', async () => {
    assert.equal(await growth(ANSWERS, { code: 'IMAGE_MISSING' }, () => post('/predict')), 1);
    assert.equal(await growth(ANSWERS, { code: 'NOT_FOUND' }, () => post('/nothing')), 1);
    const mixed = () => post(CLASSIFY, image(cat), image('x'), image(''), image('y'));
    assert.equal(await growth(ANSWERS, { code: 'IMAGE_UNSUPPORTED' }, mixed), 2);
    assert.equal(await growth(ANSWERS, { code: 'IMAGE_EMPTY' }, mixed), 1);
    assert.equal(await growth(ANSWERS, { code: 'ok' }, mixed), 1);
    assert.equal(await growth(ANSWERS, {}, () => post(CLASSIFY, image('x'))), 1);
  });

  test('counts requests by route, method and status, and times them', async () => {
    const cases: readonly [route: string, method: 'GET' | 'POST', status: string, url: string][] = [
      ['/health', 'GET', '200', '/health'],
      ['/predict', 'POST', '400', '/predict?lang=en'],
      ['/predict', 'GET', '405', '/predict'],
      ['/api/v1/models/:name', 'GET', '200', '/api/v1/models/efficientnet-lite0'],
      ['/api/v1/models/:name', 'GET', '404', '/api/v1/models/x'],
      ['none', 'GET', '404', '/some/where?x=y'],
    ];
    for (const [route, method, status, url] of cases) {
      const work = () => service().http.inject({ method, url });
      assert.equal(await growth(REQUESTS, { route, method, status }, work), 1, url);
      assert.equal(await growth('kaiyan_http_request_duration_seconds_count', { route }, work), 1, url);
    }
  });

  test('counts a client that leaves as 499, once, in the middle of its upload and of the work', async () => {
    const labels = { route: CLASSIFY, method: 'POST', status: '499' };
    const leaving = async (pieces: readonly (Uint8Array | string)[], when: 'bytes' | 'pictures') => {
      const connection = await service().connect();
      connection.send(...pieces);
      await until(when, () => service().serving.load()[when] > 0);
      connection.leave();
      await until('nothing held', () => service().serving.load().bytes === 0);
    };
    const head = uploadHead(slow.length, CLASSIFY, 'image/png');
    assert.equal(await growth(REQUESTS, labels, () => leaving([head, cat.subarray(0, 1000)], 'bytes')), 1);
    assert.equal(await growth(REQUESTS, labels, () => leaving([head, slow], 'pictures')), 1);
    assert.equal(await growth(ANSWERS, { code: 'ABORTED' }, () => leaving([head, slow], 'pictures')), 1);
    assert.equal(await growth(ANSWERS, { code: 'ok' }, () => leaving([head, slow], 'pictures')), 0);
  });

  test('counts no picture of a form that turned out to be broken: its work is given up', async () => {
    const { payload } = multipart(image(slow), image(slow));
    const work = async () => {
      const connection = await service().connect();
      connection.send(uploadHead('chunked', CLASSIFY), chunk(payload.subarray(0, slow.length + 1000)));
      await until('a picture in hand', () => service().serving.load().pictures === 1);
      connection.send(chunk(''));
      assert.equal((await connection.answer()).status, 400);
      connection.leave();
      // Long enough for it to have been classified.
      assert.equal((await post(CLASSIFY, image(slow))).statusCode, 200);
      await sleep(200);
    };
    assert.equal(await growth(ANSWERS, { code: 'ok' }, work), 1);
  });

  test('says how full the queue is, and how full it may be', async () => {
    const { serving } = service();
    const { mostPictures, mostBytes } = serving.load();
    const values = () =>
      Promise.all(
        ['pictures', 'pictures_limit', 'bytes', 'bytes_limit'].map((name) => count(service(), `kaiyan_queue_${name}`)),
      );
    assert.deepEqual(await values(), [0, mostPictures, 0, mostBytes]);
    const places = [serving.admit(), serving.admit()];
    for (const place of places) place.grow(1000);
    places[0]?.arrive();
    assert.deepEqual(await values(), [1, mostPictures, 2000, mostBytes]);
    for (const place of places) place.leave();
    assert.deepEqual(await values(), [0, mostPictures, 0, mostBytes]);
  });

  test('names the models in memory, and forgets those that have left it', async (t) => {
    const small = await serviceFor(t, { loadedModels: 1 });
    const models = async () =>
      parseExposition(await metricsOf(small))
        .samples.filter(({ name }) => name === 'kaiyan_model_loaded')
        .map(({ labels, value }) => `${labels.name} ${labels.precision} ${labels.active} ${value}`);
    assert.deepEqual(await models(), ['efficientnet-lite0 int8 true 1']);
    await small.serving.activate({ model: 'efficientnet-lite2' });
    await small.serving.use({}, async () => undefined);
    assert.deepEqual(await models(), ['efficientnet-lite2 int8 true 1']);
  });

  test('holds nothing that came from a client: no name, no address, no query, no id, no method of its own', async () => {
    const secret = 'telltale';
    const { http, connect } = service();
    await post(`/predict?${secret}=1`, image(cat, `${secret}.png`));
    await post('/predict', image('x', `${secret}.png`, `image/${secret}`), { field: secret, content: secret });
    await http.inject({ url: `/${secret}/x?${secret}`, headers: { 'x-request-id': secret, 'user-agent': secret } });
    await http.inject(`/api/v1/models/${secret}`);
    await http.inject(`/docs/${secret}`);
    await post(`${CLASSIFY}?model=${secret}`, image(cat));
    const connection = await connect();
    connection.send(`TELLTALE /${secret} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await connection.answer();
    assert.doesNotMatch(await metricsOf(service()), /telltale/i);
  });

  test('grows by no label for addresses that are not there', async () => {
    const before = (await metricsOf(service())).split('\n').length;
    for (let i = 0; i < 50; i++) {
      await service().http.inject(`/made/up/${i}`);
      await service().http.inject(`/docs/static/${i}`);
      await service().http.inject(`/api/v1/models/x${i}/y`);
    }
    assert.ok((await metricsOf(service())).split('\n').length - before < 60);
  });
});
