import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import * as v from 'valibot';
import { errorTable } from '#kaiyan/errors.js';
import {
  activeModelAnswer,
  classification,
  classifyAnswer,
  compareAnswer,
  labelsAnswer,
  modelAnswer,
  modelsAnswer,
  predictAnswer,
  refusal,
  serviceAnswer,
  statusAnswer,
} from '#kaiyan/server/contract.js';
import { correctionsAnswer, promotionsAnswer } from '#kaiyan/server/correction-contract.js';
import { explainAnswer } from '#kaiyan/server/explain-contract.js';
import { version } from '#kaiyan/version.js';
import { image, multipart } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { serviceFor, sharedService } from '../../support/service.js';

const cat = await readFile(path.join(examples, 'chelsea.png'));
const service = sharedService({ rules: [{ name: 'felines', category: 'cat', minProbability: 0.1 }] });

type Json = { readonly [key: string]: Json } & { readonly $ref?: string; readonly description?: string };
interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly description?: string;
  }[];
  readonly requestBody?: { readonly content: Json };
  readonly security: readonly Json[];
  readonly responses: Readonly<Record<string, Json>>;
}
interface Description {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Json;
}

const description = async () => (await service().http.inject('/api/v1/openapi.json')).json() as Description;

const operationsOf = ({ paths }: Description) =>
  Object.entries(paths).flatMap(([url, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${url}`, url, operation })),
  );

/** Every value in a document that has this key. */
function valuesOf(key: string, value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...valuesOf(key, inner)]);
}

/** They change what their address says, and need to be told no more. */
const CHANGES = /\/(cancel|retry|rollback|stop|resume)$/;

describe('the description of the service', () => {
  test('is an OpenAPI document of this version, for everyone to read', async () => {
    const { statusCode, headers } = await service().http.inject('/api/v1/openapi.json');
    assert.equal(statusCode, 200);
    assert.match(headers['content-type'] as string, /^application\/json/);
    const { openapi, info } = await description();
    assert.match(openapi, /^3\.1\./);
    assert.equal(info.version, version);
  });

  test('refers to nothing that it does not have', async () => {
    const document = await description();
    const references = valuesOf('$ref', document) as string[];
    assert.ok(references.length > 10);
    for (const reference of new Set(references)) {
      const target = reference
        .replace(/^#\//, '')
        .split('/')
        .reduce<Json | undefined>((at, key) => at?.[key], document as unknown as Json);
      assert.ok(target, reference);
    }
    const ids = operationsOf(document).flatMap(({ operation }) => operation.operationId ?? []);
    assert.equal(new Set(ids).size, ids.length);
  });

  test('has every address of the service with every method that it answers, and no others', async () => {
    const listed = service().http.printRoutes({ commonPrefix: false });
    const stack: string[] = [];
    const answered: string[] = [];
    for (const [, indent = '', segment = '', methods = ''] of listed.matchAll(/^([│ ]*)[├└]── (\S+) \((.+)\)$/gm)) {
      stack.length = indent.length / 4;
      stack.push(segment);
      const url = stack.join('');
      // Those are for people, or the description itself.
      if (/^\/($|assets\/|[\w-]+\.(svg|png|js|md|webmanifest)$|docs$|api\/v1\/openapi\.json$)/.test(url)) continue;
      for (const method of methods.split(', ')) {
        const { statusCode } = await service().http.inject({ method: method as 'GET', url: url.replace(/:\w+/g, 'x') });
        if (method !== 'HEAD' && statusCode !== 405) answered.push(`${method} ${url.replace(/:(\w+)/g, '{$1}')}`);
      }
    }
    assert.ok(answered.includes('PUT /api/v1/models/active'));
    const described = operationsOf(await description()).map(({ name }) => name);
    assert.deepEqual(described.sort(), answered.sort());
  });

  test('says of every operation what it does, what it takes and what it may be refused with', async () => {
    for (const { name, url, operation } of operationsOf(await description())) {
      const { summary, parameters = [], responses, requestBody } = operation;
      assert.match(summary ?? '', /\.$/, name);
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name);
      assert.deepEqual(
        inPath,
        [...url.matchAll(/\{(\w+)\}/g)].map((match) => match[1]),
        name,
      );
      assert.equal(requestBody !== undefined, /^(POST|PUT|PATCH)/.test(name) && !CHANGES.test(name), name);
      assert.ok(['200', '201', '202', '204'].some((status) => responses[status]?.content) || responses['204'], name);
      assert.equal(responses['500']?.description, 'INTERNAL', 'of which no client is told more');
      for (const [status, { description: codes = '' }] of Object.entries(responses).filter(([is]) => !/^2/.test(is))) {
        for (const code of codes.split(', '))
          assert.equal(String(errorTable[code as keyof typeof errorTable]?.http), status, `${name} ${code}`);
      }
    }
  });

  test('says which operations need no key', async () => {
    const open = operationsOf(await description()).filter(({ operation }) => operation.security.length === 0);
    assert.deepEqual(open.map(({ name }) => name).sort(), [
      ...['GET /api/v1/service', 'GET /health', 'GET /livez', 'GET /readyz'],
    ]);
    for (const { operation } of open) assert.equal(operation.responses['401'], undefined);
  });

  test('says what may be sent to be classified', async () => {
    const { paths } = await description();
    const content = (url: string) => Object.keys(paths[url]?.post?.requestBody?.content ?? {});
    assert.deepEqual(content('/predict'), ['multipart/form-data']);
    assert.deepEqual(content('/api/v1/jobs'), [
      ...['multipart/form-data', 'image/*', 'application/octet-stream'],
      ...['application/zip', 'application/x-tar', 'application/gzip', 'application/json'],
    ]);
    const pictures = ['classify', 'compare', 'corrections', 'explain', 'preview'];
    for (const url of pictures.map((name) => `/api/v1/${name}`))
      assert.deepEqual(content(url), ['multipart/form-data', 'image/*', 'application/octet-stream']);
    const names = paths['/api/v1/classify']?.post?.parameters?.map(({ name }) => name);
    assert.deepEqual(names, ['top', 'model', 'precision', 'lang', 'threshold', 'Prefer', 'Idempotency-Key']);
  });

  test('says which headers mean something to a call', async () => {
    const described = operationsOf(await description()).flatMap(({ name, operation: { parameters = [] } }) =>
      parameters.filter((parameter) => parameter.in === 'header').map((parameter) => [name, parameter] as const),
    );
    assert.deepEqual(described.map(([call, header]) => `${call} ${header.name}`).sort(), [
      'GET /api/v1/jobs/{id}/events Last-Event-ID',
      'GET /api/v1/trainings/{id}/events Last-Event-ID',
      'POST /api/v1/classify Idempotency-Key',
      'POST /api/v1/classify Prefer',
      'POST /api/v1/jobs Idempotency-Key',
      'POST /predict Idempotency-Key',
      'POST /predict Prefer',
    ]);
    for (const [call, { required, description = '' }] of described)
      assert.ok(required !== true && description.endsWith('.'), call);
  });

  test('says in which forms an explanation and a preview come', async () => {
    const { paths } = await description();
    const types = (url: string) => Object.keys((paths[url]?.post?.responses['200']?.content as Json | undefined) ?? {});
    assert.deepEqual(types('/api/v1/explain'), ['application/json', 'image/png']);
    assert.deepEqual(types('/api/v1/preview'), ['image/jpeg']);
    const names = (url: string) => paths[url]?.post?.parameters?.map(({ name }) => name).sort();
    assert.deepEqual(names('/api/v1/explain'), ['class', 'format', 'lang', 'model', 'opacity', 'precision', 'top']);
    assert.deepEqual(names('/api/v1/preview'), ['size']);
  });
});

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly payload?: Buffer | object;
}

const CLASSIFY = '/api/v1/classify';
const EXPLAIN = '/api/v1/explain';
const COMPARE = '/api/v1/compare?models=efficientnet-lite0,efficientnet-lite2';
const post = (url: string, ...contents: readonly (Uint8Array | string)[]): Call => ({
  ...{ method: 'POST', url },
  ...multipart(...contents.map((content) => image(content))),
});
const get = (url: string): Call => ({ method: 'GET', url });
const activate = (payload: object): Call => ({ method: 'PUT', url: '/api/v1/models/active', payload });

const answers: readonly [call: Call, path: string, schema: v.GenericSchema][] = [
  [post('/predict', cat), '/predict', predictAnswer],
  [post(CLASSIFY, cat), CLASSIFY, classification],
  [post(`${CLASSIFY}?top=1000&lang=zh`, cat), CLASSIFY, classification],
  [post(CLASSIFY, cat, 'x', ''), CLASSIFY, classifyAnswer],
  [post(`${COMPARE}&top=5&lang=zh`, cat), '/api/v1/compare', compareAnswer],
  [post(COMPARE, cat, 'x', ''), '/api/v1/compare', compareAnswer],
  [post(EXPLAIN, cat), EXPLAIN, explainAnswer],
  [post(`${EXPLAIN}?class=281&top=5&lang=zh`, cat), EXPLAIN, explainAnswer],
  [get('/api/v1/models'), '/api/v1/models', modelsAnswer],
  [get('/api/v1/models/efficientnet-lite0'), '/api/v1/models/{name}', modelAnswer],
  [get('/api/v1/models/efficientnet-lite2'), '/api/v1/models/{name}', modelAnswer],
  [get('/api/v1/labels'), '/api/v1/labels', labelsAnswer],
  [get('/api/v1/corrections'), '/api/v1/corrections', correctionsAnswer],
  [get('/api/v1/promotions'), '/api/v1/promotions', promotionsAnswer],
  [activate({ model: 'efficientnet-lite0', precision: 'int8' }), '/api/v1/models/active', activeModelAnswer],
  [get('/api/v1/service'), '/api/v1/service', serviceAnswer],
  [get('/health'), '/health', statusAnswer],
  [get('/livez'), '/livez', statusAnswer],
  [get('/readyz'), '/readyz', statusAnswer],
];

const bare = (type: string, payload: Buffer): Call => ({
  ...{ method: 'POST', url: CLASSIFY, headers: { 'content-type': type }, payload },
});

const refusals: readonly [call: Call, path: string, code: string][] = [
  [post('/predict'), '/predict', 'IMAGE_MISSING'],
  [post('/predict', ''), '/predict', 'IMAGE_EMPTY'],
  [post('/predict', 'x'), '/predict', 'IMAGE_UNSUPPORTED'],
  [post('/predict', cat.subarray(0, 5000)), '/predict', 'IMAGE_CORRUPT'],
  [post('/predict', Buffer.alloc(21_000_000)), '/predict', 'IMAGE_TOO_LARGE'],
  [post('/predict?x=y', cat), '/predict', 'REQUEST_INVALID'],
  [bare('text/plain', cat), CLASSIFY, 'MEDIA_TYPE_UNSUPPORTED'],
  [post(CLASSIFY, ...Array.from({ length: 33 }, () => 'x')), CLASSIFY, 'REQUEST_TOO_LARGE'],
  [post(`${CLASSIFY}?model=x`, cat), CLASSIFY, 'MODEL_NOT_FOUND'],
  [post(`${CLASSIFY}?model=efficientnet-lite2&precision=fp32`, cat), CLASSIFY, 'PRECISION_UNAVAILABLE'],
  [{ ...post(CLASSIFY, cat), headers: { origin: 'https://evil.example' } }, CLASSIFY, 'ORIGIN_REFUSED'],
  [post(`${EXPLAIN}?class=1000`, cat), EXPLAIN, 'CLASS_NOT_FOUND'],
  [post(EXPLAIN, cat, cat), EXPLAIN, 'REQUEST_TOO_LARGE'],
  [post('/api/v1/preview', 'x'), '/api/v1/preview', 'IMAGE_UNSUPPORTED'],
  [post('/api/v1/preview?size=1', cat), '/api/v1/preview', 'REQUEST_INVALID'],
  [post('/api/v1/corrections', cat), '/api/v1/corrections', 'REQUEST_INVALID'],
  [post('/api/v1/corrections?label=cat', 'x'), '/api/v1/corrections', 'IMAGE_UNSUPPORTED'],
  [
    get(`/api/v1/corrections/${'a'.repeat(64)}/thumbnail`),
    '/api/v1/corrections/{id}/thumbnail',
    'CORRECTION_NOT_FOUND',
  ],
  [post('/api/v1/promotions/rollback'), '/api/v1/promotions/rollback', 'NOTHING_TO_ROLL_BACK'],
  [post('/api/v1/compare', cat), '/api/v1/compare', 'REQUEST_INVALID'],
  [post(`${COMPARE},x`, cat), '/api/v1/compare', 'MODEL_NOT_FOUND'],
  [post(`${COMPARE}:int8,efficientnet-lite0:fp32,efficientnet-lite2@1`, cat), '/api/v1/compare', 'TOO_MANY_MODELS'],
  [{ ...get('/health'), headers: { host: 'evil.example' } }, '/health', 'HOST_REFUSED'],
  [get('/api/v1/models/x'), '/api/v1/models/{name}', 'MODEL_NOT_FOUND'],
  [get('/api/v1/labels?model=x'), '/api/v1/labels', 'MODEL_NOT_FOUND'],
  [
    { ...activate({ model: 'x' }), headers: { origin: 'https://evil.example' } },
    '/api/v1/models/active',
    'ORIGIN_REFUSED',
  ],
  [activate({}), '/api/v1/models/active', 'REQUEST_INVALID'],
  [post('/api/v1/jobs'), '/api/v1/jobs', 'JOB_EMPTY'],
  [post('/api/v1/jobs?model=x', cat), '/api/v1/jobs', 'MODEL_NOT_FOUND'],
  [{ ...bare('text/plain', cat), url: '/api/v1/jobs' }, '/api/v1/jobs', 'MEDIA_TYPE_UNSUPPORTED'],
  [{ method: 'POST', url: '/api/v1/jobs', payload: { paths: ['/'] } }, '/api/v1/jobs', 'PATH_REFUSED'],
  [get('/api/v1/jobs/x'), '/api/v1/jobs/{id}', 'JOB_NOT_FOUND'],
  [get('/api/v1/jobs/x/events'), '/api/v1/jobs/{id}/events', 'JOB_NOT_FOUND'],
  [activate({ model: 'x' }), '/api/v1/models/active', 'MODEL_NOT_FOUND'],
];

/** It has all that the schema says, and nothing else. */
function assertExactly(schema: v.GenericSchema, json: unknown): void {
  assert.deepEqual(v.parse(schema, json), json);
}

describe('an answer', () => {
  const methodOf = ({ method }: Call) => method.toLowerCase();

  for (const [call, where, schema] of answers) {
    test(`of ${call.method} ${call.url} is as its schema says`, async () => {
      const { statusCode, headers, body } = await service().http.inject(call);
      assert.equal(statusCode, 200, body);
      assertExactly(schema, JSON.parse(body));
      const described = (await description()).paths[where]?.[methodOf(call)]?.responses['200'];
      assert.ok(described);
      assert.equal('kaiyan-model' in headers, described.headers !== undefined, 'the header Kaiyan-Model');
    });
  }

  test('has flags in it where rules raise them', async () => {
    const { flags } = (await service().http.inject(post(CLASSIFY, cat))).json() as v.InferOutput<typeof classification>;
    assert.deepEqual(
      flags.map(({ name }) => name),
      ['felines'],
    );
  });
});

describe('a refusal', () => {
  async function assertDescribed(call: Call, where: string, code: string, { http } = service()): Promise<void> {
    const { statusCode, body } = await http.inject(call);
    const json = JSON.parse(body) as v.InferOutput<typeof refusal>;
    assert.equal(json.code, code, body);
    assertExactly(refusal, json);
    const described = (await description()).paths[where]?.[call.method.toLowerCase()]?.responses[String(statusCode)];
    assert.ok(described?.description?.split(', ').includes(code), `${statusCode} ${described?.description}`);
  }

  for (const [call, where, code] of refusals) {
    test(`of ${call.method} ${call.url} with ${code} is in the description`, () => assertDescribed(call, where, code));
  }

  test('to manage a service on a public address is in the description of all calls that do, and of no others', async (t) => {
    const { http } = await serviceFor(t, { host: '0.0.0.0' });
    const manages = /^\w+ \/api\/v1\/(datasets|trainings|corrections|promotions|models\/active)\b/;
    for (const { name, url, operation } of operationsOf(await description())) {
      const method = name.split(' ')[0] as Call['method'];
      const { body } = await http.inject({ method, url: url.replace(/\{\w+\}/g, 'x') });
      const isManaged = manages.test(name) && name !== 'POST /api/v1/corrections';
      assert.equal(body.includes('MANAGEMENT_REFUSED'), isManaged, name);
      assert.equal(operation.responses['403']?.description?.includes('MANAGEMENT_REFUSED'), isManaged, name);
    }
  });

  test('for want of a key, of room, of time or by a limit is in the description', async (t) => {
    const limited = await serviceFor(t, { apiKey: 'key', rateLimit: 3, deadlineMs: 1, queueRequests: 1 });
    const keyed = (call: Call): Call => ({ ...call, headers: { ...call.headers, 'x-api-key': 'key' } });
    const listening = { ...service(), http: limited.http };
    await assertDescribed(get('/metrics'), '/metrics', 'UNAUTHORIZED', listening);
    await assertDescribed(keyed(post('/predict', cat)), '/predict', 'DEADLINE_EXCEEDED', listening);
    const place = limited.serving.admit();
    place.arrive();
    await assertDescribed(keyed(post('/predict', cat)), '/predict', 'QUEUE_FULL', listening);
    place.leave();
    await limited.http.inject(keyed(get('/metrics')));
    await assertDescribed(keyed(get('/metrics')), '/metrics', 'RATE_LIMITED', listening);
  });
});
