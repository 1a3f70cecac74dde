import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { settingsWith } from '#kaiyan/config.js';
import { modelInputs } from '#kaiyan/dataset/model-inputs.js';
import { openSession } from '#kaiyan/inference/session.js';
import { modelFile, openBundle } from '#kaiyan/models/bundle.js';
import { readLabels } from '#kaiyan/models/describe.js';
import { importCheckpoint } from '#kaiyan/models/import-checkpoint.js';
import { createRegistry } from '#kaiyan/models/registry.js';
import { embedded } from '../../support/bundles.js';
import { appError } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { formulaNetwork, safetensorsOf } from '../../support/formula-weights.js';
import { shared, withoutShared } from '../../support/requirements.js';
import { largestDifference, standardDeviation } from '../../support/statistics.js';

const settings = settingsWith({});
const never = new AbortController().signal;

async function newRegistry(t: TestContext) {
  const home = await temporaryFolder(t);
  return { home, registry: createRegistry(home) };
}

/** A small real file of weights. */
async function squeezenetFile(home: string): Promise<string> {
  const file = path.join(home, 'squeeze.safetensors');
  await writeFile(file, safetensorsOf(formulaNetwork('squeezenet1_1')));
  return file;
}

describe('an imported checkpoint', () => {
  test('is a model that says where it came from, and classifies', async (t) => {
    const { home, registry } = await newRegistry(t);
    const { manifest, labels } = await importCheckpoint(await squeezenetFile(home), {}, registry);
    assert.deepEqual(
      [manifest.name, manifest.version, manifest.architecture, manifest.parameters, manifest.labels, manifest.license],
      ['squeezenet1_1', '1', 'squeezenet1_1', 1_235_496, 'imagenet-1k', 'unknown'],
    );
    assert.equal(manifest.source.file, 'squeeze.safetensors');
    assert.equal(labels.classes.length, 1000);
    assert.deepEqual(await registry.names(), ['efficientnet-lite0', 'efficientnet-lite2', 'squeezenet1_1']);
  });

  test('of the same name becomes the next version, unless it has one', async (t) => {
    const { home, registry } = await newRegistry(t);
    const file = await squeezenetFile(home);
    await importCheckpoint(file, { name: 'mine' }, registry);
    assert.equal((await importCheckpoint(file, { name: 'mine' }, registry)).manifest.version, '2');
    const named = { name: 'mine', version: 'best' };
    assert.equal((await importCheckpoint(file, named, registry)).manifest.version, 'best');
    await assert.rejects(importCheckpoint(file, named, registry), appError('MODEL_EXISTS', 'mine@best'));
    assert.equal((await importCheckpoint(file, named, registry, { replace: true })).manifest.version, 'best');
  });

  test('needs the names of its classes, as many as it has', async (t) => {
    const { home, registry } = await newRegistry(t);
    const labels = path.join(home, 'labels.txt');
    await writeFile(labels, 'ant\t蚂蚁\nbee\t蜜蜂\n');
    const given = { labels: await readLabels(labels) };
    assert.deepEqual(given.labels, [
      { en: 'ant', zh: '蚂蚁' },
      { en: 'bee', zh: '蜜蜂' },
    ]);
    const file = await squeezenetFile(home);
    await assert.rejects(
      importCheckpoint(file, given, registry),
      appError('LABELS_MISMATCH', '1000 classes', 'there are 2'),
    );
  });

  test('with weights that are no numbers is refused', async (t) => {
    const { home, registry } = await newRegistry(t);
    const file = path.join(home, 'nan.safetensors');
    const bytes = safetensorsOf(formulaNetwork('squeezenet1_1'));
    bytes.writeFloatLE(Number.NaN, bytes.length - 4);
    await writeFile(file, bytes);
    await assert.rejects(importCheckpoint(file, {}, registry), appError('MODEL_INVALID', 'not made of numbers'));
    assert.deepEqual(await registry.names(), ['efficientnet-lite0', 'efficientnet-lite2']);
  });
});

describe('the real weights', { skip: withoutShared() }, () => {
  test("of a ResNet-18 have the reference's logits from the picture files themselves", async (t) => {
    const { registry } = await newRegistry(t);
    const bundle = await importCheckpoint(path.join(shared, 'models/resnet18-standin.pth'), {}, registry);
    const session = await openSession(modelFile(bundle, 'fp32'), 2);
    t.after(() => session.release());
    for (const set of ['val20', 'samples20']) {
      const list = path.join(shared, `golden/pipeline/resnet18-standin.${set}`);
      const reference = JSON.parse(await readFile(`${list}.json`, 'utf8')) as {
        file: string;
        top5: [number, number][];
      }[];
      const expected = new Float32Array(new Uint8Array(await readFile(`${list}.f32`)).buffer);
      const pictures = reference
        .map(({ file, top5 }) => ({ path: path.join(shared, 'eval', set, file), best: top5[0]?.[0] }))
        .sort((a, b) => (a.path < b.path ? -1 : 1));
      const deviation = standardDeviation(expected);
      let i = 0;
      for await (const one of modelInputs(pictures, bundle.manifest.input, settings, never)) {
        assert.ok('tensor' in one);
        const logits = await session.logits(one.tensor);
        const wanted = expected.subarray(i * 1000, ++i * 1000);
        const worst = largestDifference(wanted, logits);
        assert.ok(worst <= 1e-3 * deviation, `${one.picture.path}: ${worst}`);
        assert.equal(logits.indexOf(Math.max(...logits)), one.picture.best, one.picture.path);
      }
      assert.equal(i, 20);
    }
  });

  test("of EfficientNet-Lite0 make a graph with the embedded model's logits", async (t) => {
    const { registry } = await newRegistry(t);
    const bundle = await importCheckpoint(path.join(shared, 'models/efficientnet-lite0-57934424.pth'), {}, registry);
    assert.equal(bundle.manifest.architecture, 'efficientnet-lite0');
    const sessions = [bundle, await openBundle(embedded('efficientnet-lite0'))].map((one) =>
      openSession(modelFile(one, 'fp32'), 1),
    );
    const [imported, own] = (await Promise.all(sessions)) as [
      Awaited<(typeof sessions)[0]>,
      Awaited<(typeof sessions)[0]>,
    ];
    t.after(() => Promise.all([imported.release(), own.release()]));
    const pictures = [{ path: path.join(shared, 'eval/val20/ILSVRC2012_val_00000011.JPEG') }];
    for await (const one of modelInputs(pictures, bundle.manifest.input, settings, never)) {
      assert.ok('tensor' in one);
      const expected = (await own.logits(one.tensor)).slice();
      const found = await imported.logits(one.tensor);
      const worst = largestDifference(expected, found);
      assert.ok(worst <= 1e-4 * standardDeviation(expected), `${worst}`);
    }
  });
});
