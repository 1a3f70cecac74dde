import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesBetween } from '#page/explanation/changes.js';

const answer = (...shares: readonly (readonly [index: number, probability: number])[]) =>
  shares.map(([index, probability]) => ({ index, probability, wnid: null, label: `class ${index}` }));

test('changes keep the order of the first answer, then name who is new among the first', () => {
  const before = answer([1, 0.6], [2, 0.3], [3, 0.09], [4, 0.01]);
  const after = answer([4, 0.7], [1, 0.2], [3, 0.06], [2, 0.04]);
  assert.deepEqual(
    changesBetween(before, after, 2).map(({ index, before: was, after: is }) => [index, was, is]),
    [
      [1, 0.6, 0.2],
      [2, 0.3, 0.04],
      [4, 0.01, 0.7],
    ],
  );
});
