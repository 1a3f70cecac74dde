import assert from 'node:assert/strict';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { createRegistry } from '#kaiyan/models/registry.js';
import { customBundle, embeddedManifest, ownLabels } from '../../support/bundles.js';
import { appError } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';

describe('the registry', () => {
  test('has the embedded models first, then those of the data directory', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'a-model-of-mine', { labels: ownLabels });
    const registry = createRegistry(home);
    assert.deepEqual(await registry.names(), ['efficientnet-lite0', 'efficientnet-lite2', 'a-model-of-mine']);
    assert.equal((await registry.open('a-model-of-mine')).labels.name, 'a-model-of-mine');
  });

  test('does without a data directory', async () => {
    assert.deepEqual(await createRegistry('/no/such/home').names(), ['efficientnet-lite0', 'efficientnet-lite2']);
  });

  test('ignores files and hidden folders', async (t) => {
    const home = await temporaryFolder(t);
    await mkdir(path.join(home, 'models/.partial'), { recursive: true });
    await writeFile(path.join(home, 'models/notes.txt'), 'no model');
    assert.equal((await createRegistry(home).names()).length, 2);
  });

  test('follows a link to a folder elsewhere', async (t) => {
    const home = await temporaryFolder(t);
    const elsewhere = await customBundle(await temporaryFolder(t), 'linked');
    await mkdir(path.join(home, 'models'));
    await symlink(elsewhere, path.join(home, 'models/linked'));
    await symlink('/no/such/folder', path.join(home, 'models/broken-link'));
    const registry = createRegistry(home);
    assert.deepEqual((await registry.names()).slice(2), ['linked']);
    assert.equal((await registry.open('linked')).manifest.name, 'linked');
  });

  test('finds a model that was installed after it was made', async (t) => {
    const home = await temporaryFolder(t);
    const registry = createRegistry(home);
    await customBundle(home, 'later');
    assert.equal((await registry.open('later')).manifest.name, 'later');
  });

  test('lists the known models where it does not know one', async (t) => {
    const registry = createRegistry(await temporaryFolder(t));
    for (const name of ['resnet18', '', '..', '../models/efficientnet-lite0', 'constructor'])
      await assert.rejects(
        registry.open(name),
        appError('MODEL_NOT_FOUND', `"${name}"`, 'efficientnet-lite0', 'efficientnet-lite2'),
      );
  });

  test('refuses a folder whose manifest has another name', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'one');
    await rename(path.join(home, 'models/one'), path.join(home, 'models/two'));
    await assert.rejects(createRegistry(home).open('two'), appError('MODEL_INVALID', '"one"'));
  });

  test('takes a higher version of an embedded model, but does not let an equal one replace it', async (t) => {
    const home = await temporaryFolder(t);
    const folder = await customBundle(home, 'efficientnet-lite0', { version: '1' });
    const registry = createRegistry(home);
    assert.notEqual((await registry.open('efficientnet-lite0')).folder, folder);
    assert.equal((await registry.names()).length, 2);
    const manifest = path.join(folder, 'model.json');
    await writeFile(manifest, JSON.stringify({ ...(await embeddedManifest()), version: '2' }));
    assert.equal((await registry.open('efficientnet-lite0')).folder, folder);
    assert.notEqual((await registry.open('efficientnet-lite0@1')).folder, folder);
    assert.deepEqual((await registry.names()).slice(0, 2), ['efficientnet-lite0', 'efficientnet-lite0@1']);
    assert.deepEqual(
      (await registry.list()).slice(0, 2).map(({ embedded }) => embedded),
      [false, true],
    );
  });

  test('a bare name is the highest version in natural order; each reference opens what it names', async (t) => {
    const home = await temporaryFolder(t);
    for (const version of ['1.9', '1.10', '0'])
      await rename(await customBundle(home, 'mine', { version }), path.join(home, `models/${version}`));
    for (const version of ['1.9', '1.10', '0']) await moveInto(home, version);
    const registry = createRegistry(home);
    const names = (await registry.names()).filter((name) => name.startsWith('mine'));
    assert.deepEqual(names, ['mine', 'mine@1.9', 'mine@0']);
    const versions = await Promise.all(names.map(async (name) => (await registry.open(name)).manifest.version));
    assert.deepEqual(versions, ['1.10', '1.9', '0']);
    await assert.rejects(registry.open('mine@3'), appError('MODEL_NOT_FOUND', 'mine@3', 'mine@1.9'));
  });

  test('a folder with files but no manifest is broken, an empty one is no model', async (t) => {
    const home = await temporaryFolder(t);
    await mkdir(path.join(home, 'models/empty'), { recursive: true });
    await mkdir(path.join(home, 'models/half'));
    await writeFile(path.join(home, 'models/half/model.onnx'), 'x');
    const registry = createRegistry(home);
    assert.deepEqual((await registry.names()).slice(2), ['half']);
    await assert.rejects(registry.open('half'), appError('MODEL_INVALID', 'half/model.json'));
  });

  test('a broken manifest is below every version, and hides none', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'mine', { version: '1' });
    await moveInto(home, '1', 'mine');
    await mkdir(path.join(home, 'models/mine'), { recursive: true });
    await writeFile(path.join(home, 'models/mine/model.json'), '{');
    const registry = createRegistry(home);
    assert.deepEqual((await registry.names()).slice(2), ['mine', 'mine@?']);
    assert.equal((await registry.open('mine')).manifest.version, '1');
    await assert.rejects(registry.open('mine@?'), appError('MODEL_INVALID', 'model.json'));
  });
});

/** Makes what lies in `models/FROM` a version of `mine`. */
async function moveInto(home: string, version: string, from = version): Promise<void> {
  const models = path.join(home, 'models');
  await rename(path.join(models, from), path.join(models, '.moving'));
  await mkdir(path.join(models, 'mine'), { recursive: true });
  await rename(path.join(models, '.moving'), path.join(models, 'mine', version));
}
