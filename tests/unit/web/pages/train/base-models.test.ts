import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseModels } from '#page/pages/train/base-models.js';

const model = (reference: string, bytes: number, classes = 1000, trainedFrom?: string) => ({
  ...(trainedFrom !== undefined && { trainedFrom }),
  ...{ name: reference, version: '1', reference, license: 'MIT', input: { width: 224, height: 224 }, classes },
  files: [
    { precision: 'fp32' as const, bytes, digest: '' },
    { precision: 'int8' as const, bytes: bytes / 4, digest: '' },
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

test('one that was made here of a model that is offered is said to be that, whatever its files take', () => {
  const own = model('small-corrected', 5, 1000, 'small@1');
  const { files, ...exact } = own;
  assert.deepEqual(from(own, model('small', 5)), [
    ['small', 'only', 5],
    ['small-corrected', 'own', 5],
  ]);
  assert.deepEqual(from({ ...exact, files: files.slice(0, 1) }, model('small', 5), model('big', 30)), [
    ['small', 'smallest', 5],
    ['big', 'largest', 30],
    ['small-corrected', 'own', 5],
  ]);
});

test('what is there in 8 bits alone is none to begin with', () => {
  const { files, ...small } = model('small', 5);
  assert.deepEqual(from({ ...small, files: files.slice(1) }, model('big', 30)), [['big', 'only', 30]]);
});
