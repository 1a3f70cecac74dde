import assert from 'node:assert/strict';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Classifier } from '#kaiyan/classification/classifier.js';
import { choosePrecision } from '#kaiyan/classification/precision.js';
import { type Settings, settingsWith } from '#kaiyan/config.js';
import { estimateMemory } from '#kaiyan/serving/memory.js';
import { createServing, type Serving } from '#kaiyan/serving/serving.js';
import { customBundle, ownLabels } from '../../support/bundles.js';
import { appError, rejectionOf } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { installCopy } from '../../support/installing.js';
import { examples } from '../../support/paths.js';
import { threadCount } from '../../support/threads.js';
import { isSettled, until, within } from '../../support/timing.js';

const cat = await readFile(path.join(examples, 'chelsea.png'));
const LITE0 = 'efficientnet-lite0';
const LITE2 = 'efficientnet-lite2';

async function servingFor(t: TestContext, changes: Partial<Settings> = {}): Promise<Serving> {
  const settings = settingsWith({ workers: 1, threads: 1, precision: 'int8', home: '/dev/null/kaiyan', ...changes });
  const serving = await createServing({ settings, onNotice: () => undefined });
  t.after(serving.close);
  return serving;
}

/** A service with the models `a`, `b` and `c` of one's own, of one precision each. */
async function servingOfThree(t: TestContext, changes: Partial<Settings> = {}): Promise<Serving> {
  const home = await temporaryFolder(t);
  const { files } = JSON.parse(await readFile(`models/${LITE0}/model.json`, 'utf8')) as {
    files: { precision: string }[];
  };
  const int8 = files.filter(({ precision }) => precision === 'int8');
  for (const name of ['a', 'b', 'c']) await customBundle(home, name, { labels: ownLabels, files: int8 });
  return servingFor(t, { home, model: 'a', precision: 'auto', ...changes });
}

const names = (serving: Serving) =>
  serving
    .loaded()
    .map(({ name }) => name)
    .sort()
    .join();
const visit = (serving: Serving, model: string) => serving.use({ model }, async (classifier) => classifier.model());
const classify = (classifier: Classifier) => classifier.classify(cat);

/** Uses a model until it is told to leave. */
function stay(serving: Serving, model: string) {
  let leave: () => void = () => undefined;
  const done = serving.use({ model }, (classifier) => {
    const waiting = new Promise<void>((resolve) => {
      leave = resolve;
    });
    return waiting.then(() => classifier.model());
  });
  return { leave: () => leave(), done };
}

describe('models of a service', () => {
  test('are loaded when they are asked for, once for all who ask at once', async (t) => {
    const serving = await servingFor(t);
    assert.equal(names(serving), LITE0);
    const classifiers = await Promise.all([1, 2, 3, 4].map(() => serving.use({ model: LITE2 }, async (it) => it)));
    assert.equal(new Set(classifiers).size, 1);
    assert.equal(names(serving), `${LITE0},${LITE2}`);
    assert.equal(await serving.use({ model: LITE2 }, async (it) => it), classifiers[0]);
    assert.equal((await serving.use({ model: LITE2 }, classify)).model.name, LITE2);
    assert.equal((await serving.use({}, classify)).model.name, LITE0);
  });

  test('answer in the precision of the settings, or in another that is asked for', async (t) => {
    const serving = await servingFor(t);
    assert.equal((await serving.use({}, classify)).model.precision, 'int8');
    assert.equal((await serving.use({ precision: 'fp32' }, classify)).model.precision, 'fp32');
    assert.deepEqual(
      serving.loaded().map(({ precision, active }) => `${precision} ${active}`),
      ['int8 true', 'fp32 false'],
    );
  });

  test('are not loaded again for a precision that was chosen automatically', async (t) => {
    const serving = await servingFor(t, { precision: 'auto' });
    const { precision } = serving.active();
    const automatic = await serving.use({}, async (it) => it);
    assert.equal(await serving.use({ precision }, async (it) => it), automatic);
    assert.equal(await serving.use({ model: LITE0, precision: 'auto' }, async (it) => it), automatic);
    assert.equal(serving.loaded().length, 1);
  });

  test('that cannot be loaded are refused with what is wrong, and loaded when it is mended', async (t) => {
    const home = await temporaryFolder(t);
    const folder = await customBundle(home, 'mine');
    const file = path.join(folder, 'model.json');
    const serving = await servingFor(t, { home });
    await rename(file, `${file}.away`);
    const refusals = await Promise.all([1, 2].map(() => rejectionOf(visit(serving, 'mine'))));
    for (const refusal of refusals) assert.ok(appError('MODEL_INVALID', 'model.json')(refusal));
    await assert.rejects(visit(serving, 'nothing'), appError('MODEL_NOT_FOUND', LITE0));
    await assert.rejects(
      serving.use({ model: LITE2, precision: 'fp32' }, classify),
      appError('PRECISION_UNAVAILABLE', 'int8'),
    );
    assert.equal(names(serving), LITE0);
    await rename(`${file}.away`, file);
    assert.equal((await visit(serving, 'mine')).name, 'mine');
  });

  test('that fail at their work stay loaded', async (t) => {
    const serving = await servingFor(t);
    await assert.rejects(
      serving.use({}, (classifier) => classifier.classify(Buffer.from('x'))),
      appError('IMAGE_UNSUPPORTED'),
    );
    assert.equal((await serving.use({}, classify)).model.name, LITE0);
  });

  test('share one queue', async (t) => {
    const serving = await servingFor(t, { queueRequests: 1 });
    await visit(serving, LITE2);
    const place = serving.admit();
    place.arrive();
    assert.throws(() => serving.admit(), appError('QUEUE_FULL'));
    for (const model of [LITE0, LITE2])
      await assert.rejects(serving.use({ model }, classify), appError('QUEUE_FULL'), model);
    assert.equal(serving.load().pictures, 1);
    place.leave();
    assert.equal((await serving.use({ model: LITE2 }, classify)).model.name, LITE2);
    assert.deepEqual([serving.load().pictures, serving.load().bytes], [0, 0]);
  });
});

describe('more models than there is room for', () => {
  test('make way in the order in which they were used last, but never the active one', async (t) => {
    const serving = await servingOfThree(t, { loadedModels: 3 });
    for (const model of ['b', 'c', 'b']) await visit(serving, model);
    assert.equal(names(serving), 'a,b,c');
    await visit(serving, LITE2);
    assert.equal(names(serving), `a,b,${LITE2}`);
    await visit(serving, 'c');
    assert.equal(names(serving), `a,c,${LITE2}`);
  });

  test('are refused while others are in use, and asked to come back', async (t) => {
    const serving = await servingOfThree(t, { loadedModels: 2 });
    const staying = stay(serving, 'b');
    await until('b is loaded', () => names(serving) === 'a,b');
    await assert.rejects(serving.use({ model: 'c' }, classify), appError('MODELS_BUSY', 'c@1', 'in 2 s'));
    assert.equal(names(serving), 'a,b');
    assert.equal((await serving.use({ model: 'b' }, classify)).model.name, 'b');
    staying.leave();
    await staying.done;
    await visit(serving, 'c');
    assert.equal(names(serving), 'a,c');
  });

  test('are waited for no longer than an answer may take, nor by one who has left', async (t) => {
    const serving = await servingOfThree(t, { loadedModels: 3, deadlineMs: 1 });
    await assert.rejects(serving.use({ model: 'b' }, classify), appError('DEADLINE_EXCEEDED'));
    await until('b is loaded all the same', () => names(serving) === 'a,b');
    const left = AbortSignal.abort();
    await assert.rejects(serving.use({ model: 'c' }, classify, left), appError('ABORTED'));
  });

  test('may turn out to be damaged after who asked has left and they had to make way, which ends nothing', async (t) => {
    const serving = await servingOfThree(t, { loadedModels: 1 });
    const file = path.join(serving.settings.home, 'models/b/model.int8.onnx');
    await rm(file);
    await writeFile(file, 'not any more');
    await assert.rejects(serving.use({ model: 'b' }, classify, AbortSignal.abort()), appError('ABORTED'));
    await assert.rejects(visit(serving, 'b'), appError('MODEL_DAMAGED'));
    assert.equal((await serving.use({}, classify)).model.name, 'a');
  });

  test('leave no threads behind', async (t) => {
    const serving = await servingOfThree(t, { loadedModels: 1 });
    await serving.use({ model: 'b' }, classify);
    await until('b is gone', () => names(serving) === 'a');
    const before = threadCount();
    for (const model of ['b', 'c', 'b', 'c']) await serving.use({ model }, classify);
    await until('as many threads as before', () => threadCount() <= before);
    assert.equal((await serving.use({}, classify)).model.name, 'a');
  });
});

describe('a budget of memory', () => {
  const MODEL = estimateMemory(5_065_707, 1);

  test('lets models make way before there are too many of them', async (t) => {
    const serving = await servingOfThree(t, { loadedModels: 9, modelMemory: Math.ceil(MODEL * 2.5) });
    await visit(serving, 'b');
    assert.equal(names(serving), 'a,b');
    await visit(serving, 'c');
    assert.equal(names(serving), 'a,c');
    const sum = serving.loaded().reduce((bytes, { memoryBytes }) => bytes + memoryBytes, 0);
    assert.equal(sum, 2 * MODEL);
  });

  test('refuses what does not fit beside the active model, but lets it take over', async (t) => {
    const serving = await servingOfThree(t, { modelMemory: Math.ceil(MODEL * 1.5) });
    await assert.rejects(visit(serving, 'b'), appError('MODEL_TOO_LARGE', 'b@1', '29 MB', '15 MB', 'modelMemory'));
    assert.equal(names(serving), 'a');
    await serving.activate({ model: 'b' });
    assert.equal(names(serving), 'b');
  });

  test('refuses what could not fit alone, whoever asks', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'large');
    const serving = await servingFor(t, { home, modelMemory: Math.ceil(MODEL * 1.1) });
    const large = { model: 'large', precision: 'fp32' } as const;
    await assert.rejects(serving.activate(large), appError('MODEL_TOO_LARGE', 'large@1', '47 MB', '32 MB'));
    await assert.rejects(serving.use(large, classify), appError('MODEL_TOO_LARGE'));
    assert.equal(serving.active().name, LITE0);
  });

  test('does not keep a service from starting, but the operator is told', async (t) => {
    const notices: string[] = [];
    const settings = settingsWith({ workers: 1, precision: 'int8', home: '/dev/null/kaiyan', modelMemory: 1 });
    const serving = await createServing({ settings, onNotice: (notice) => notices.push(notice) });
    t.after(serving.close);
    assert.equal((await serving.use({}, classify)).model.name, LITE0);
    assert.match(notices.join(), /efficientnet-lite0@1 takes about 29 MB.*modelMemory/);
  });
});

describe('versions', () => {
  test('are models of their own, and a bare name is the highest', async (t) => {
    const home = await temporaryFolder(t);
    for (const version of ['9', '10']) await installCopy(home, 'mine', version);
    const serving = await servingFor(t, { home, model: 'mine@9' });
    const answering = async (model?: string) =>
      (await serving.use(model === undefined ? {} : { model }, classify)).model.version;
    assert.deepEqual([await answering(), await answering('mine'), await answering('mine@9')], ['9', '10', '9']);
    assert.equal(serving.loaded().length, 2);
    await serving.activate({ model: 'mine' });
    assert.equal(await answering(), '10');
    await assert.rejects(
      serving.activate({ model: 'mine@11' }),
      appError('MODEL_NOT_FOUND', 'mine@11', 'mine, mine@9'),
    );
  });

  test('that were removed go on answering until another model takes over', async (t) => {
    const home = await temporaryFolder(t);
    await installCopy(home, 'mine', '1');
    const serving = await servingFor(t, { home, model: 'mine', loadedModels: 1 });
    await serving.registry.remove('mine');
    assert.equal((await serving.use({}, classify)).model.name, 'mine');
    assert.equal(serving.activeBundle().manifest.name, 'mine');
    assert.equal(await serving.outdatedBy(), undefined);
    await serving.activate({ model: LITE0 });
    assert.equal(names(serving), LITE0);
    await assert.rejects(serving.use({ model: 'mine' }, classify), appError('MODEL_NOT_FOUND'));
  });

  test('that were replaced are loaded anew when they are activated again', async (t) => {
    const home = await temporaryFolder(t);
    await installCopy(home, 'mine', '1');
    const serving = await servingFor(t, { home, model: 'mine' });
    assert.equal(await serving.outdatedBy(), undefined);
    await installCopy(home, 'mine', '1', { temperature: 1.2 });
    assert.equal(typeof (await serving.outdatedBy()), 'string');
    const before = (await serving.use({}, classify)).predictions[0]?.probability ?? 0;
    await serving.activate({ model: 'mine' });
    const after = (await serving.use({}, classify)).predictions[0]?.probability ?? 1;
    assert.ok(after < before * 0.8, `${before} → ${after}`);
    assert.equal(await serving.outdatedBy(), undefined);
  });
});

describe('activating', () => {
  test('another model lets it answer those who name none, once it is loaded', async (t) => {
    const serving = await servingFor(t);
    const activated = serving.activate({ model: LITE2 });
    assert.equal(serving.active().name, LITE0);
    assert.equal((await serving.use({}, classify)).model.name, LITE0);
    assert.deepEqual(await activated, serving.active());
    assert.equal(serving.active().name, LITE2);
    assert.equal((await serving.use({}, classify)).model.name, LITE2);
    assert.equal((await serving.use({ model: LITE0 }, classify)).model.name, LITE0);
    assert.deepEqual(
      serving.loaded().map(({ name, active }) => `${name} ${active}`),
      [`${LITE0} false`, `${LITE2} true`, `${LITE0} false`].slice(0, serving.loaded().length),
    );
  });

  test('lets those finish who are at work with the other one', async (t) => {
    const serving = await servingFor(t, { loadedModels: 1 });
    const staying = stay(serving, LITE0);
    await isSettled(staying.done);
    await serving.activate({ model: LITE2 });
    assert.equal(names(serving), `${LITE0},${LITE2}`);
    staying.leave();
    assert.equal((await staying.done).name, LITE0);
    assert.equal(names(serving), LITE2);
  });

  test('what cannot be loaded changes nothing', async (t) => {
    const serving = await servingFor(t);
    await assert.rejects(serving.activate({ model: 'nothing' }), appError('MODEL_NOT_FOUND'));
    await assert.rejects(serving.activate({ model: LITE2, precision: 'fp32' }), appError('PRECISION_UNAVAILABLE'));
    assert.deepEqual([serving.active().name, serving.active().precision], [LITE0, 'int8']);
    assert.equal((await serving.use({}, classify)).model.name, LITE0);
  });

  test('the precision that was chosen automatically keeps the model that is loaded, and its place', async (t) => {
    const serving = await servingFor(t, { precision: 'auto', loadedModels: 1 });
    const identity = serving.active();
    const other = identity.precision === 'int8' ? 'fp32' : 'int8';
    assert.deepEqual(await serving.activate({ precision: identity.precision }), identity);
    assert.deepEqual(serving.active(), identity);
    const inMemory = () => serving.loaded().map(({ digest, active }) => ({ digest, active }));
    assert.deepEqual(inMemory(), [{ digest: identity.digest, active: true }]);
    await serving.use({ precision: other }, classify);
    assert.deepEqual(inMemory(), [{ digest: identity.digest, active: true }]);
    assert.deepEqual((await serving.use({}, classify)).model, identity);
  });

  test('says at which step it failed, and the model that answered before still does', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'wrong', { check: { picture: 'coffee.png', class: 1 } });
    await customBundle(home, 'unreadable', { temperature: 'hot' });
    const damaged = await customBundle(home, 'damaged');
    await rm(path.join(damaged, 'model.int8.onnx'));
    await writeFile(path.join(damaged, 'model.int8.onnx'), 'not a model');
    const serving = await servingFor(t, { home });
    const before = threadCount();
    for (const [model, step, why] of [
      ['wrong', 'it was checked', 'goldfish'],
      ['damaged', 'it was loaded', 'SHA-256'],
      ['unreadable', 'it was looked for', 'temperature'],
    ] as const) {
      const refused = serving.activate({ model, precision: 'int8' });
      await assert.rejects(refused, appError('ACTIVATION_FAILED', `while ${step}`, why));
      assert.equal((await serving.use({}, classify)).model.name, LITE0);
      assert.equal(names(serving), LITE0);
    }
    await until('nothing of them is left', () => threadCount() <= before);
  });

  test('one after the other: the last one that was asked for answers', async (t) => {
    const serving = await servingFor(t);
    const choices = [LITE2, LITE0, LITE2].map((model) => ({ model, precision: 'int8' }) as const);
    const identities = await Promise.all(choices.map(serving.activate));
    assert.deepEqual(
      identities.map(({ name }) => name),
      [LITE2, LITE0, LITE2],
    );
    assert.equal(serving.active().name, LITE2);
  });

  test('loads one copy where auto and the precision that it means are asked for at once', async (t) => {
    const serving = await servingFor(t, { model: LITE2 });
    const { precision } = await choosePrecision(await serving.registry.open(LITE0), 'auto', serving.settings.home);
    const copies = await Promise.all(
      (['auto', precision] as const).map((wanted) =>
        serving.use({ model: LITE0, precision: wanted }, async (classifier) => classifier),
      ),
    );
    assert.equal(copies[0], copies[1]);
    assert.equal(serving.loaded().length, 2);
  });

  test('counts the requests that a model answered', async (t) => {
    const serving = await servingFor(t);
    assert.deepEqual(
      serving.loaded().map(({ requests, lastUsed }) => [requests, lastUsed]),
      [[0, undefined]],
    );
    const begun = Date.now();
    for (let i = 0; i < 3; i++) await serving.use({}, classify);
    await assert.rejects(serving.use({}, (classifier) => classifier.classify(Buffer.from('x'))));
    const [only] = serving.loaded();
    assert.equal(only?.requests, 3);
    assert.ok((only?.lastUsed?.getTime() ?? 0) >= begun);
  });

  test('another precision of the same model lets it answer', async (t) => {
    const serving = await servingFor(t);
    await serving.activate({ model: LITE0, precision: 'fp32' });
    assert.equal(serving.active().precision, 'fp32');
    assert.equal((await serving.use({}, classify)).model.precision, 'fp32');
    assert.equal((await serving.use({ model: LITE0 }, classify)).model.precision, 'fp32');
  });
});

describe('a service of models that closes', () => {
  test('finishes what is in work, and refuses what comes', async (t) => {
    const serving = await servingFor(t);
    const working = serving.use({}, classify);
    await new Promise(setImmediate);
    assert.equal(serving.load().pictures, 1);
    const closing = serving.close();
    assert.equal((await working).predictions.length, 3);
    await within(5000, 'the end', closing);
    await assert.rejects(serving.use({}, classify), appError('CLOSED'));
    await assert.rejects(serving.activate({ model: LITE2 }), appError('CLOSED'));
    assert.throws(serving.admit, appError('CLOSED'));
  });

  test('does not start what was waiting to be loaded, and ends what is being loaded', async (t) => {
    const before = threadCount();
    const serving = await servingOfThree(t);
    const loading = ['b', 'c'].map((model) => rejectionOf(serving.use({ model }, classify)));
    await within(5000, 'the end', serving.close());
    for (const rejection of await Promise.all(loading)) assert.ok(appError('CLOSED')(rejection));
    await until('no threads left', () => threadCount() <= before);
  });

  test('waits for a model that makes way', async (t) => {
    const serving = await servingOfThree(t, { loadedModels: 1 });
    let work: Promise<unknown> = Promise.resolve();
    await serving.use({ model: 'b' }, async (classifier) => {
      work = Promise.all(Array.from({ length: 20 }, () => classify(classifier)));
    });
    assert.equal(names(serving), 'a');
    await within(5000, 'the end', serving.close());
    assert.ok(await isSettled(work));
    await work;
  });

  test('has nothing running when its own model cannot be loaded', async (t) => {
    const before = threadCount();
    await assert.rejects(servingFor(t, { model: 'nothing' }), appError('MODEL_NOT_FOUND'));
    assert.ok(threadCount() <= before);
  });
});
