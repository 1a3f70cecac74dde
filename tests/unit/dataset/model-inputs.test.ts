import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { settingsWith } from '#kaiyan/config.js';
import { modelInputs } from '#kaiyan/dataset/model-inputs.js';
import { createPreprocessor } from '#kaiyan/image/preprocess.js';
import { appError } from '../../support/errors.js';
import { geometries } from '../../support/goldens.js';
import { examples } from '../../support/paths.js';
import { decodePicture } from '../../support/pictures.js';

const spec = geometries.bicubic256crop224;
const settings = settingsWith({});
const names = ['coffee.png', 'none.jpg', 'README.md', 'chelsea.png', 'coffee.png', 'chelsea.png'];

test('pictures come in their order, as the preprocessor makes them, and bad ones with their errors', async () => {
  const pictures = names.map((name) => ({ path: path.join(examples, name === 'README.md' ? '../README.md' : name) }));
  const seen: string[] = [];
  for await (const one of modelInputs(pictures, spec, settings, new AbortController().signal)) {
    if ('error' in one) {
      seen.push(one.error.code);
      continue;
    }
    const { tensor } = await createPreprocessor(spec);
    const expected = tensor(await decodePicture(await readFile(one.picture.path)));
    assert.deepEqual(one.tensor, expected);
    seen.push(path.basename(one.picture.path));
  }
  assert.deepEqual(seen, [
    'coffee.png',
    'FILE_UNREADABLE',
    'IMAGE_UNSUPPORTED',
    'chelsea.png',
    'coffee.png',
    'chelsea.png',
  ]);
});

test('an abort ends them, also while one is decoded', async () => {
  const controller = new AbortController();
  const pictures = Array.from({ length: 20 }, () => ({ path: path.join(examples, 'chelsea.png') }));
  let seen = 0;
  const walk = async () => {
    for await (const _one of modelInputs(pictures, spec, settings, controller.signal)) {
      seen += 1;
      if (seen === 3) controller.abort();
    }
  };
  await assert.rejects(walk(), appError('ABORTED'));
  assert.equal(seen, 3);
});
