import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { customBundle, embeddedManifest, type ManifestJson, ownLabels } from '../../support/bundles.js';
import { temporaryFolder } from '../../support/folders.js';
import { image, multipart } from '../../support/http.js';
import { installCopy } from '../../support/installing.js';
import { examples } from '../../support/paths.js';
import { serviceFor, sharedService } from '../../support/service.js';

const cat = await readFile(path.join(examples, 'chelsea.png'));
const LITE0 = 'efficientnet-lite0';
const LITE2 = 'efficientnet-lite2';

const service = sharedService();

async function get(url: string) {
  const { statusCode, body } = await service().http.inject(url);
  return { status: statusCode, json: JSON.parse(body) };
}

async function activate(payload: unknown, type = 'application/json') {
  const { statusCode, headers, body } = await service().http.inject({
    ...{ method: 'PUT', url: '/api/v1/models/active', headers: { 'content-type': type } },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
  return { status: statusCode, headers, json: JSON.parse(body) };
}

interface Summary {
  readonly name: string;
  readonly active: boolean;
  readonly loaded: readonly string[];
}

describe('GET /api/v1/models', () => {
  test('lists what is installed, with what is in memory and what answers', async () => {
    const { status, json } = await get('/api/v1/models');
    assert.equal(status, 200);
    const [first, second] = json.models;
    const manifest = await embeddedManifest();
    const [int8] = (manifest.files as { precision: string; bytes: number; sha256: string }[]).filter(
      ({ precision }) => precision === 'int8',
    );
    assert.deepEqual([first.name, first.version, first.license], [LITE0, manifest.version, manifest.license]);
    assert.deepEqual([first.input, first.classes], [{ width: 224, height: 224 }, 1000]);
    assert.deepEqual(
      first.files.find(({ precision }: { precision: string }) => precision === 'int8'),
      { precision: 'int8', bytes: int8?.bytes, digest: int8?.sha256.slice(0, 12) },
    );
    assert.deepEqual([first.active, first.loaded], [true, ['int8']]);
    assert.deepEqual([second.name, second.active, second.loaded], [LITE2, false, []]);
    assert.equal(json.models.length, 2);
  });

  test('lists models of your own, and passes over one that is broken', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'mine', { labels: ownLabels });
    await customBundle(home, 'broken', { temperature: -1 });
    const { http, lines } = await serviceFor(t, { home });
    const { models } = JSON.parse((await http.inject('/api/v1/models')).body) as { models: Summary[] };
    assert.deepEqual(
      models.map(({ name }) => name),
      [LITE0, LITE2, 'mine'],
    );
    const broken = await http.inject('/api/v1/models/broken');
    assert.deepEqual([broken.statusCode, JSON.parse(broken.body).code], [500, 'INTERNAL']);
    assert.doesNotMatch(broken.body, /tmp|temperature/, 'paths and reasons are for the operator');
    const told = lines.filter(({ level }) => level === 'error');
    assert.deepEqual([told.length, told[0]?.route, told[0]?.code], [1, 'GET /api/v1/models/:name', 'MODEL_INVALID']);
  });
});

describe('several versions of a model', () => {
  test('are listed, shown, used and activated by NAME@VERSION', async (t) => {
    const home = await temporaryFolder(t);
    for (const version of ['1', '2']) await installCopy(home, 'mine', version);
    const { http, serving } = await serviceFor(t, { home, model: 'mine' });
    const json = async (url: string) => JSON.parse((await http.inject(url)).body);
    const listed = (await json('/api/v1/models')).models as (Summary & { reference: string; version: string })[];
    assert.deepEqual(
      listed.slice(2).map(({ reference, version, active, loaded }) => [reference, version, active, loaded]),
      [
        ['mine', '2', true, ['int8']],
        ['mine@1', '1', false, []],
      ],
    );
    assert.deepEqual(
      [(await json('/api/v1/models/mine')).version, (await json('/api/v1/models/mine@1')).version],
      ['2', '1'],
    );
    assert.equal((await json('/api/v1/labels?model=mine@1')).model, 'mine');
    const { headers } = await http.inject({
      ...{
        method: 'POST',
        url: '/api/v1/classify?model=mine@1',
        headers: { 'content-type': 'image/png' },
        payload: cat,
      },
    });
    assert.match(headers['kaiyan-model'] as string, /^mine@1\+/);
    const swapped = await http.inject({
      ...{ method: 'PUT', url: '/api/v1/models/active', headers: { 'content-type': 'application/json' } },
      payload: JSON.stringify({ model: 'mine@1' }),
    });
    assert.equal(JSON.parse(swapped.body).version, '1');
    assert.equal(serving.active().version, '1');
  });

  test('in memory are told with what they take and have done, removed ones too', async (t) => {
    const home = await temporaryFolder(t);
    await installCopy(home, 'mine', '1');
    const { http, serving } = await serviceFor(t, { home, model: 'mine', modelMemory: 500_000_000, loadedModels: 5 });
    await http.inject({ ...{ method: 'POST', url: '/predict' }, ...multipart(image(cat)) });
    await serving.registry.remove('mine');
    const { models, loaded, memory } = JSON.parse((await http.inject('/api/v1/models')).body);
    assert.equal(models.length, 2);
    const [{ lastUsed, ...only }] = loaded;
    assert.ok(Math.abs(Date.parse(lastUsed) - Date.now()) < 60_000);
    const { digest, memoryBytes, ...rest } = only;
    assert.deepEqual(rest, { name: 'mine', version: '1', precision: 'int8', active: true, requests: 1 });
    assert.equal(digest, serving.active().digest);
    assert.deepEqual(memory, { usedBytes: memoryBytes, limitBytes: 500_000_000, limitModels: 5 });
  });
});

describe('GET /api/v1/models/:name', () => {
  test('says where a model comes from and how good it is', async () => {
    const manifest = (await embeddedManifest()) as ManifestJson & { source: unknown; metrics: unknown };
    const { status, json } = await get(`/api/v1/models/${LITE0}`);
    assert.equal(status, 200);
    const { source, metrics, parameters } = json;
    assert.deepEqual([source, metrics, parameters], [manifest.source, manifest.metrics, manifest.parameters]);
  });

  test('says of which network it is, and how its INT8 was made', async (t) => {
    const home = await temporaryFolder(t);
    const quantization = {
      samples: 128,
      percentile: 99.999,
      weightBits: 8,
      excluded: [],
      pictures: 75,
      heldOut: true,
      agreement: 0.987,
      speedup: 3.1,
    };
    await customBundle(home, 'mine', { architecture: 'efficientnet-lite0', quantization });
    const { http } = await serviceFor(t, { home });
    const json = JSON.parse((await http.inject('/api/v1/models/mine')).body);
    assert.deepEqual([json.architecture, json.quantization], ['efficientnet-lite0', quantization]);
  });

  test('knows no other, and takes nothing for a name that is none', async () => {
    assert.deepEqual((await get('/api/v1/models/nothing')).json.code, 'MODEL_NOT_FOUND');
    for (const name of ['..%2f..%2fetc', 'A', 'constructor%00', '__proto__', 'x'.repeat(70)]) {
      const { status, json } = await get(`/api/v1/models/${name}`);
      assert.deepEqual([status, json.code], [400, 'REQUEST_INVALID'], name);
      assert.match(json.error, /name in the address.*the name of a model/);
    }
  });
});

describe('GET /api/v1/models/:name/archive', () => {
  test('sends a model with all its files, as large as it says', async () => {
    const { statusCode, headers, rawPayload } = await service().http.inject(`/api/v1/models/${LITE2}/archive`);
    assert.equal(statusCode, 200);
    assert.deepEqual(
      [headers['content-type'], headers['content-disposition'], headers['content-length']],
      ['application/zip', `attachment; filename="${LITE2}-1.zip"`, String(rawPayload.length)],
    );
    const { json } = await get(`/api/v1/models/${LITE2}`);
    for (const { bytes } of json.files as { bytes: number }[]) assert.ok(rawPayload.length > bytes);
    assert.ok(rawPayload.includes(`${LITE2}/1/model.json`));
    const head = await service().http.inject({ method: 'HEAD', url: `/api/v1/models/${LITE2}/archive` });
    assert.deepEqual([head.headers['content-length'], head.body], [headers['content-length'], '']);
  });

  test('knows no other', async () => {
    assert.equal((await get('/api/v1/models/nothing/archive')).json.code, 'MODEL_NOT_FOUND');
  });
});

describe('GET /api/v1/labels', () => {
  test('gives the words of the active model in both languages, by index', async () => {
    const { status, json } = await get('/api/v1/labels');
    assert.equal(status, 200);
    assert.equal(json.model, LITE0);
    assert.equal(json.classes.length, 1000);
    assert.deepEqual(
      json.classes.map(({ index }: { index: number }) => index),
      Array.from({ length: 1000 }, (_, i) => i),
    );
    const { wnid, en, zh } = json.classes[967];
    assert.deepEqual([wnid, en], ['n07920052', 'espresso']);
    assert.match(zh, /\p{Script=Han}/u);
    const cats = json.groups.find(({ key }: { key: string }) => key === 'cat');
    assert.deepEqual([cats.en, cats.zh], ['cat', '猫']);
    assert.ok(cats.members.includes(281));
    assert.ok(json.categories.some(({ key }: { key: string }) => key === 'animal'));
  });

  test('gives those of a model that is named, without loading it', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'mine', { labels: ownLabels });
    const { http, serving } = await serviceFor(t, { home });
    const { model, classes, categories, groups } = JSON.parse((await http.inject('/api/v1/labels?model=mine')).body);
    assert.deepEqual(
      [model, classes[7], categories, groups],
      ['mine', { index: 7, wnid: null, en: 'thing 7', zh: '东西7' }, [], []],
    );
    assert.equal(serving.loaded().length, 1);
  });

  test('knows no others', async () => {
    assert.equal((await get('/api/v1/labels?model=nothing')).status, 404);
    assert.equal((await get('/api/v1/labels?model=..')).status, 400);
    assert.equal((await get('/api/v1/labels?name=x')).status, 400);
  });
});

describe('PUT /api/v1/models/active', () => {
  const answering = async () => {
    const { headers } = await service().http.inject({
      ...{ method: 'POST', url: '/predict' },
      ...multipart(image(cat)),
    });
    return (headers['kaiyan-model'] as string).split('@')[0];
  };

  test('lets another model answer, and says which', async () => {
    const { status, headers, json } = await activate({ model: LITE2 });
    assert.equal(status, 200);
    const { name, version, digest } = json;
    assert.equal(name, LITE2);
    assert.equal(headers['kaiyan-model'], `${name}@${version}+${digest}`);
    assert.equal(await answering(), LITE2);
    assert.equal((await get('/api/v1/labels')).json.model, LITE2);
    const { models } = (await get('/api/v1/models')).json as { models: Summary[] };
    assert.deepEqual(
      models.map(({ active }) => active),
      [false, true],
    );
    assert.equal((await activate({ model: LITE0, precision: 'fp32' })).json.precision, 'fp32');
    assert.equal(await answering(), LITE0);
  });

  const refused: readonly [what: string, payload: unknown, status: number, code: string, says: RegExp][] = [
    ['no such model', { model: 'nothing' }, 404, 'MODEL_NOT_FOUND', /nothing/],
    ['a version that there is not', { model: `${LITE2}@7` }, 404, 'MODEL_NOT_FOUND', /@7/],
    ['a version that is a path', { model: `${LITE2}@../x` }, 400, 'REQUEST_INVALID', /name of a model/],
    ['a precision that it lacks', { model: LITE2, precision: 'fp32' }, 400, 'PRECISION_UNAVAILABLE', /int8/],
    ['no model', {}, 400, 'REQUEST_INVALID', /model in the body/],
    ['a number', { model: 1 }, 400, 'REQUEST_INVALID', /model in the body.*1/],
    ['a path', { model: '../x' }, 400, 'REQUEST_INVALID', /name of a model/],
    ['another precision', { model: LITE0, precision: 'int4' }, 400, 'REQUEST_INVALID', /auto, int8 or fp32/],
    ['another key', { model: LITE0, now: true }, 400, 'REQUEST_INVALID', /now in the body.*known/],
    ['the prototype', `{"model":"${LITE0}","__proto__":{"x":1}}`, 400, 'REQUEST_INVALID', /./],
    ['null', null, 400, 'REQUEST_INVALID', /the body/],
    ['a list', [], 400, 'REQUEST_INVALID', /the body/],
    ['broken JSON', '{"model":', 400, 'REQUEST_INVALID', /./],
    ['nothing', '', 400, 'REQUEST_INVALID', /./],
    ['too much', { model: 'x'.repeat(20_000) }, 400, 'REQUEST_INVALID', /./],
  ];
  for (const [what, payload, status, code, says] of refused) {
    test(`refuses ${what} and changes nothing`, async () => {
      const before = service().serving.active();
      const answer = await activate(payload);
      assert.deepEqual([answer.status, answer.json.code], [status, code], JSON.stringify(answer.json));
      assert.match(answer.json.error, says);
      assert.match(answer.json.error, /\. [A-Z].*\.$/, 'it says what to do');
      assert.doesNotMatch(answer.json.error, /picture|\/predict/, 'it is about this call');
      assert.deepEqual(service().serving.active(), before);
    });
  }

  test('refuses what is not said to be JSON', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const { status, json } = await activate({ model: LITE0 }, type);
      assert.ok(status >= 400 && status < 500 && json.code, type);
    }
  });
});
