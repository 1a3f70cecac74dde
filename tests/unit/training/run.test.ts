import assert from 'node:assert/strict';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { inRunFolder } from '#kaiyan/training/run.js';
import { TRAINING_DEFAULTS } from '#kaiyan/training/training.js';
import { rejectsWith } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';

const key = { data: 'data', base: 'base', options: { ...TRAINING_DEFAULTS, output: 'own' } };

test('what the disk says in the middle of a training is told in words, and everything else as it was thrown', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'run');
  await rejectsWith(
    inRunFolder(folder, key, () => writeFile(path.join(folder, 'recipe.json', 'below a file'), '')),
    'DATA_UNWRITABLE',
  );
  const recipe = path.join(folder, 'recipe.json');
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
  await rejectsWith(
    inRunFolder(folder, key, () => Promise.reject(full)),
    'DISK_FULL',
  );
  const tooMany = Object.assign(new Error('EMFILE'), { code: 'EMFILE', syscall: 'open', path: recipe });
  for (const thrown of [new TypeError('a mistake of ours'), tooMany])
    await assert.rejects(
      inRunFolder(folder, key, () => Promise.reject(thrown)),
      (error) => error === thrown,
    );
  for (const work of [
    () => readFile(path.join(folder, '..', 'model.onnx')),
    () => readdir(recipe),
    () => copyFile(recipe, path.join(folder, '..', 'nowhere', 'recipe.json')),
  ])
    await assert.rejects(inRunFolder<unknown>(folder, key, work), ({ code }) => /^(ENOENT|ENOTDIR)$/.test(code));
  assert.deepEqual(await readdir(folder), ['recipe.json'], 'no lock is left');
});
