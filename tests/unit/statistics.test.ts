import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { threadCounts } from '#kaiyan/benchmark/precisions.js';
import { mean, median, medians } from '#kaiyan/statistics.js';

describe('statistics', () => {
  test('the median is the middle value, or the mean of the two in the middle', () => {
    assert.equal(median([10, 2, 30]), 10);
    assert.equal(median([4, 1, 100, 2]), 3);
    assert.ok(Number.isNaN(median([])));
  });

  test('medians are taken figure by figure', () => {
    const rounds = [
      { decodeMs: 1, ratio: 9 },
      { decodeMs: 5, ratio: 7 },
      { decodeMs: 3, ratio: 8 },
    ];
    assert.deepEqual(medians(rounds), { decodeMs: 3, ratio: 8 });
    assert.equal(mean([1, 2, 6]), 3);
  });

  test('numbers of threads go from one to all cores, without all steps on large machines', () => {
    assert.deepEqual(threadCounts(1), [1]);
    assert.deepEqual(threadCounts(2), [1, 2]);
    assert.deepEqual(threadCounts(4), [1, 2, 3, 4]);
    assert.deepEqual(threadCounts(6), [1, 2, 3, 4, 6]);
    assert.deepEqual(threadCounts(48), [1, 2, 3, 4, 8, 16, 32, 48]);
  });
});
