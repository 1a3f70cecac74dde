import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { Classification } from '#kaiyan/classification/classification.js';
import type { AnswerOf, compareAnswer } from '#kaiyan/server/contract.js';
import { customBundle, ownLabels } from '../../support/bundles.js';
import { encode, gradient } from '../../support/drawings.js';
import { temporaryFolder } from '../../support/folders.js';
import { image, multipart, uploadHead } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { listeningServiceFor, type Service, serviceFor, sharedService } from '../../support/service.js';
import { until } from '../../support/timing.js';

const cat = await readFile(path.join(examples, 'chelsea.png'));
const coffee = await readFile(path.join(examples, 'coffee.png'));
/** Takes long to decode. */
const slow = await encode(gradient(3000, 3000), 'PNG');

const COMPARE = '/api/v1/compare';
const BOTH = '?models=efficientnet-lite0,efficientnet-lite2';
const service = sharedService();

type Failure = { readonly error: string; readonly code: string };
type Answer = AnswerOf<typeof compareAnswer>;
type Picture = Answer['pictures'][number] & Partial<Failure>;

async function post(query: string, request: ReturnType<typeof multipart>, { http }: Pick<Service, 'http'> = service()) {
  const answer = await http.inject({ method: 'POST', url: `${COMPARE}${query}`, ...request });
  return { status: answer.statusCode, headers: answer.headers, json: JSON.parse(answer.body) as Answer & Failure };
}
const form = (...contents: readonly (Uint8Array | string)[]) => multipart(...contents.map((content) => image(content)));
const bare = (payload: Buffer) => ({ headers: { 'content-type': 'image/png' }, payload });

const answersOf = (picture: Picture | undefined) =>
  (picture && 'answers' in picture ? picture.answers : []) as readonly Classification[];
const withoutTiming = ({ timing: _, ...rest }: Classification) => rest;

function assertRefused({ status, json }: Awaited<ReturnType<typeof post>>, expected: number, code: string): string {
  assert.deepEqual([status, json.code], [expected, code], JSON.stringify(json));
  return json.error;
}

describe('a comparison', () => {
  test('has the answers that each model gives alone, in the order asked for', async () => {
    const { status, json, headers } = await post(`${BOTH}&top=2&lang=zh`, form(cat, coffee));
    assert.equal(status, 200);
    assert.deepEqual(
      json.models.map(({ name, version, precision, bytes }) => [name, version, precision, bytes]),
      [
        ['efficientnet-lite0', '1', 'int8', 5_065_707],
        ['efficientnet-lite2', '1', 'int8', 6_652_758],
      ],
    );
    const named = json.models.map(({ name, version, digest }) => `${name}@${version}+${digest}`);
    assert.equal(headers['kaiyan-model'], named.join(', '));
    for (const [i, picture] of [cat, coffee].entries()) {
      for (const [j, { name }] of json.models.entries()) {
        const alone = await service().http.inject({
          ...{ method: 'POST', url: `/api/v1/classify?model=${name}&top=2&lang=zh` },
          ...bare(picture),
        });
        const together = answersOf(json.pictures[i])[j] as Classification;
        assert.deepEqual(withoutTiming(together), withoutTiming(alone.json() as Classification));
      }
    }
  });

  test('says where the models agree', async () => {
    const { json } = await post(BOTH, form(cat, coffee));
    const labels = json.pictures.map((picture) => answersOf(picture).map(({ predictions }) => predictions[0]?.label));
    assert.deepEqual(labels, [
      ['tiger-striped cat', 'Egyptian Mau'],
      ['espresso', 'espresso'],
    ]);
    assert.deepEqual(
      json.pictures.map((picture) => 'agreed' in picture && picture.agreed),
      [false, true],
    );
    assert.deepEqual(json.agreement, [
      [1, 0.5],
      [0.5, 1],
    ]);
  });

  test('decodes a picture once', async () => {
    const { json } = await post(BOTH, bare(coffee));
    const times = answersOf(json.pictures[0]).map(({ timing }) => timing.decodeMs);
    assert.equal(times.length, 2);
    assert.equal(times[0], times[1]);
  });

  test('is one picture and one answer to the queue, however many models there are', async (t) => {
    const calls = { admitted: 0, answered: 0 };
    const counted = await serviceFor(t, {}, (serving) => ({
      ...serving,
      admit: () => {
        calls.admitted += 1;
        const place = serving.admit();
        const answered = () => {
          calls.answered += 1;
          place.answered();
        };
        return { ...place, answered };
      },
    }));
    assert.equal((await post(BOTH, form(cat, coffee), counted)).status, 200);
    assert.deepEqual(calls, { admitted: 2, answered: 2 });
  });

  test('takes a precision and a version with the name', async () => {
    const models = '?models=efficientnet-lite0@1:fp32,efficientnet-lite0:int8';
    const { status, json } = await post(models, bare(coffee));
    assert.equal(status, 200, json.error);
    assert.deepEqual(
      answersOf(json.pictures[0]).map(({ model }) => `${model.name} ${model.precision}`),
      ['efficientnet-lite0 fp32', 'efficientnet-lite0 int8'],
    );
  });

  test('has the error of a picture in its place, and counts only the others', async () => {
    const { status, json } = await post(BOTH, form(coffee, 'no picture', ''));
    assert.equal(status, 200);
    assert.deepEqual(
      json.pictures.map((picture: Picture) => picture.code ?? 'ok'),
      ['ok', 'IMAGE_UNSUPPORTED', 'IMAGE_EMPTY'],
    );
    assert.deepEqual(json.agreement, [
      [1, 1],
      [1, 1],
    ]);
    const none = await post(BOTH, form('x', 'y'));
    assert.equal(none.status, 200);
    assert.deepEqual(none.json.agreement.flat(), [null, null, null, null]);
    assert.match(none.headers['kaiyan-model'] as string, /^efficientnet-lite0@.*, efficientnet-lite2@/);
  });

  test('compares models with other classes by their names', async (t) => {
    const home = await temporaryFolder(t);
    const labels = ownLabels.map((label, i) => (i === 967 ? { en: 'Espresso', zh: '咖啡' } : label));
    await customBundle(home, 'mine', { labels });
    const own = await serviceFor(t, { home });
    const { json } = await post('?models=efficientnet-lite0,mine:int8', form(coffee, cat), own);
    assert.deepEqual(
      json.pictures.map((picture) => 'agreed' in picture && picture.agreed),
      [true, false],
    );
  });
});

describe('a comparison is refused', () => {
  for (const [query, says] of [
    ['', /models in the query/],
    ['?models=efficientnet-lite0', /2 to 4 models/],
    ['?models=a,b,c,d,e', /2 to 4 models/],
    ['?models=a,b:int4', /2 to 4 models/],
    ['?models=a,..%2fb', /2 to 4 models/],
    [`${BOTH}&top=0`, /top/],
    [`${BOTH}&model=x`, /nothing but .* in the query, but got "model"/],
    ['?models=efficientnet-lite2,efficientnet-lite2', /efficientnet-lite2@1 in int8 is named twice/],
    ['?models=efficientnet-lite2,efficientnet-lite2@1:int8', /named twice/],
  ] as const) {
    test(`with the query "${query}"`, async () => {
      assert.match(assertRefused(await post(query, bare(coffee)), 400, 'REQUEST_INVALID'), says);
    });
  }

  test('without a picture, or if its only picture fails', async () => {
    assertRefused(await post(BOTH, form()), 400, 'IMAGE_MISSING');
    assertRefused(await post(BOTH, multipart({ field: 'note', content: 'x' })), 400, 'IMAGE_MISSING');
    assertRefused(await post(BOTH, form('x')), 415, 'IMAGE_UNSUPPORTED');
    assertRefused(await post(BOTH, bare(cat.subarray(0, 5000))), 422, 'IMAGE_CORRUPT');
  });

  test('if a model is not there, or lacks the precision', async () => {
    assertRefused(await post('?models=efficientnet-lite0,x', bare(coffee)), 404, 'MODEL_NOT_FOUND');
    const lacking = await post('?models=efficientnet-lite0,efficientnet-lite2:fp32', bare(coffee));
    assertRefused(lacking, 400, 'PRECISION_UNAVAILABLE');
  });

  test('if there would be more models in memory than there may be, the active one included', async (t) => {
    const two = await serviceFor(t, { loadedModels: 2 });
    assert.equal((await post(BOTH, bare(coffee), two)).status, 200);
    const others = await post('?models=efficientnet-lite2,efficientnet-lite0:fp32', bare(coffee), two);
    assert.match(assertRefused(others, 400, 'TOO_MANY_MODELS'), /3 with the active one \(limit 2\).*loadedModels/);
    assert.ok(two.serving.loaded().length <= 2);
  });

  test('if the queue is full', async (t) => {
    const one = await serviceFor(t, { queueRequests: 1 });
    assert.equal((await post(BOTH, bare(coffee), one)).status, 200, 'two models have one place');
    const place = one.serving.admit();
    place.arrive();
    assertRefused(await post(BOTH, bare(coffee), one), 429, 'QUEUE_FULL');
    place.leave();
  });
});

describe('through a socket', () => {
  test('a comparison is answered as in memory', async (t) => {
    const { connect } = await listeningServiceFor(t);
    const { payload } = form(cat, coffee);
    const connection = await connect();
    connection.send(uploadHead(payload.length, `${COMPARE}${BOTH}`), payload);
    const { status, headers, body } = await connection.answer(30_000);
    assert.equal(status, 200, body);
    assert.match(headers['kaiyan-model'] ?? '', /^efficientnet-lite0@.*, efficientnet-lite2@/);
    const { json } = await post(BOTH, form(cat, coffee));
    const predictionsOf = ({ pictures }: Answer) =>
      pictures.map((picture) => answersOf(picture).map(({ predictions }) => predictions));
    assert.deepEqual(predictionsOf(JSON.parse(body) as Answer), predictionsOf(json));
    connection.leave();
  });

  test('a client that leaves gives back what it held', async () => {
    const { connect, serving } = service();
    const { payload } = form(slow, slow);
    const connection = await connect();
    connection.send(uploadHead(payload.length, `${COMPARE}${BOTH}`), payload);
    await until('a picture in hand', () => serving.load().pictures > 0);
    connection.leave();
    await until('nothing held', () => serving.load().pictures === 0 && serving.load().bytes === 0);
    assert.equal((await post(BOTH, bare(coffee))).status, 200);
  });
});
