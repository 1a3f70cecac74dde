import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseModels } from '#page/pages/train/base-models.js';

const model = (reference: string, bytes: number, classes = 1000) => ({
  ...{ name: reference, version: '1', reference, license: 'MIT', input: { width: 224, height: 224 }, classes },
  files: [
    { precision: 'fp32' as const, bytes: 4 * bytes, digest: '' },
    { precision: 'int8' as const, bytes, digest: '' },
  ],
  active: false,
  loaded: [],
});
const from = (...models: ReturnType<typeof model>[]) =>
  baseModels({ models, loaded: [], memory: { usedBytes: 0, limitBytes: 0, limitModels: 0 } }).map(
    ({ reference, size, bytes }) => [reference, size, bytes],
  );

test('models to begin with are offered from the smallest to the largest', () => {
  assert.deepEqual(from(model('big', 30), model('small', 5), model('mid', 10)), [
    ['small', 'smallest', 5],
    ['mid', 'middle', 10],
    ['big', 'largest', 30],
  ]);
  assert.deepEqual(from(model('alone', 5)), [['alone', 'only', 5]]);
});

test('what somebody has trained themselves is none to begin with', () => {
  assert.deepEqual(from(model('small', 5), model('cats-and-dogs', 5, 2)), [['small', 'only', 5]]);
});

test('what is there in 8 bits alone is none to begin with', () => {
  const { files, ...small } = model('small', 5);
  assert.deepEqual(from({ ...small, files: files.slice(1) }, model('big', 30)), [['big', 'only', 30]]);
});
