import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
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
  const mistake = new TypeError('a mistake of ours');
  await assert.rejects(
    inRunFolder(folder, key, () => Promise.reject(mistake)),
    (thrown) => thrown === mistake,
  );
  assert.deepEqual(await readdir(folder), ['recipe.json'], 'no lock is left');
});
