import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canTrain, hintFor } from '#page/pages/train/hints.js';

const classes = (...counts: number[]) =>
  counts.map((pictures, at) => ({ label: String(at), zh: String(at), pictures }));
const hintsFor = (...counts: number[]) => classes(...counts).map((one) => hintFor(one, classes(...counts)));

test('a class with too few pictures is told how many more would do', () => {
  assert.deepEqual(hintsFor(0, 4, 10, 30), [
    { kind: 'empty', more: 10 },
    { kind: 'few', more: 6 },
    { kind: 'none' },
    { kind: 'none' },
  ]);
});

test('a class that is far larger than the smallest is told so, unless the smallest has too few itself', () => {
  assert.deepEqual(hintsFor(10, 39, 45), [{ kind: 'none' }, { kind: 'none' }, { kind: 'large', times: 4 }]);
  assert.deepEqual(hintsFor(5, 500)[1], { kind: 'none' });
});

test('a training needs two classes with two pictures each', () => {
  assert.equal(canTrain(classes(2, 2)), true);
  assert.equal(canTrain(classes(2, 1, 0)), false);
  assert.equal(canTrain(classes(100)), false);
  assert.equal(canTrain([]), false);
});
