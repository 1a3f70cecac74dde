import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, type TestContext, test } from 'node:test';
import { archiveModel } from '#kaiyan/models/export/archive.js';
import { createRegistry } from '#kaiyan/models/registry.js';
import { rejectsWith } from '../../../support/errors.js';
import { temporaryFolder } from '../../../support/folders.js';
import { installCopy } from '../../../support/installing.js';
import { python, withoutPython } from '../../../support/requirements.js';
import { until } from '../../../support/timing.js';

async function installed(t: TestContext, version: string) {
  const home = await temporaryFolder(t);
  await installCopy(home, 'mine', version);
  return { home, located: await createRegistry(home).locate('mine') };
}

describe('a model as an archive', () => {
  test('is as large as it says, and unpacked elsewhere the same model', {
    skip: withoutPython('zipfile'),
  }, async (t) => {
    const { located } = await installed(t, '2.0+a');
    const elsewhere = await temporaryFolder(t);
    const names = (await readdir(located.folder)).sort();
    await writeFile(path.join(located.folder, '.hidden'), 'x');
    await writeFile(path.join(located.folder, 'trained-with.bin'), 'what it has learned from');
    const { name, bytes, stream } = await archiveModel(located);
    const zip = await buffer(stream);
    assert.deepEqual([name, zip.length], ['mine-2.0+a.zip', bytes]);
    const file = path.join(elsewhere, name);
    await writeFile(file, zip);
    execFileSync(python, ['-m', 'zipfile', '-t', file]);
    execFileSync(python, ['-m', 'zipfile', '-e', file, path.join(elsewhere, 'models')]);
    const { folder } = await createRegistry(elsewhere).open('mine@2.0+a');
    assert.deepEqual((await readdir(folder)).sort(), names);
    for (const one of names)
      assert.deepEqual(await readFile(path.join(folder, one)), await readFile(path.join(located.folder, one)));
  });

  test('that nobody reads to its end holds no file open', { skip: process.platform !== 'linux' }, async (t) => {
    const { home, located } = await installed(t, '1');
    const { stream } = await archiveModel(located);
    const openFiles = async () => {
      const all = await readdir('/proc/self/fd');
      const places = await Promise.all(all.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
      return places.filter((place) => place.startsWith(home)).length;
    };
    await once(stream, 'readable');
    await until('a file is read', async () => (await openFiles()) > 0);
    stream.destroy();
    await until('it is closed', async () => (await openFiles()) === 0);
  });

  test('is refused if the model is gone, and ends early if it changes meanwhile', async (t) => {
    const { home, located } = await installed(t, '1');
    await rejectsWith(archiveModel({ ...located, folder: path.join(home, 'nowhere') }), 'MODEL_INVALID');
    const { stream } = await archiveModel(located);
    await writeFile(path.join(located.folder, 'model.json'), '{}');
    await assert.rejects(buffer(stream));
  });
});
