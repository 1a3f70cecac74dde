import assert from 'node:assert/strict';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { createRegistry } from '#kaiyan/models/registry.js';
import { customBundle, ownLabels } from '../../support/bundles.js';
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

  test('does not let the data directory replace an embedded model', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'efficientnet-lite0', { version: '666' });
    assert.equal((await createRegistry(home).open('efficientnet-lite0')).manifest.version, '1');
  });
});
