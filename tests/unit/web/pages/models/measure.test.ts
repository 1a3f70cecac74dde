import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNTED, measure, median, ROUNDS, UNCOUNTED } from '#page/pages/models/measure.js';

const timing = (inferenceMs: number) => ({
  timing: { decodeMs: 1, inferenceMs, queueMs: 0, totalMs: inferenceMs + 2 },
});

test('the median is the middle of an odd number of values, and between the two of an even one', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([10, 1, 2, 4]), 3);
  assert.equal(median([7]), 7);
  assert.ok(Number.isNaN(median([])));
});

test('a model is asked one time after the other, and its first answers do not count', async () => {
  const counts: number[] = [];
  let asked = 0;
  let inWork = 0;
  const speed = await measure({
    ask: async () => {
      inWork += 1;
      assert.equal(inWork, 1);
      await new Promise((resolve) => setImmediate(resolve));
      inWork -= 1;
      asked += 1;
      return timing(asked <= UNCOUNTED ? 1000 : asked - UNCOUNTED);
    },
    signal: new AbortController().signal,
    onAnswer: (count) => counts.push(count),
  });
  assert.deepEqual(speed, { inferenceMs: (COUNTED + 1) / 2, totalMs: (COUNTED + 1) / 2 + 2 });
  assert.deepEqual(
    counts,
    Array.from({ length: ROUNDS }, (_, at) => at + 1),
  );
});

test('a measurement ends when it is canceled, or when a request fails', async () => {
  const ending = new AbortController();
  let asked = 0;
  const canceled = measure({
    ask: async () => {
      asked += 1;
      if (asked === 5) ending.abort();
      return timing(1);
    },
    signal: ending.signal,
    onAnswer: () => undefined,
  });
  await assert.rejects(canceled, { name: 'AbortError' });
  assert.equal(asked, 5);
  const failing = measure({
    ask: () => Promise.reject(new Error('no')),
    signal: new AbortController().signal,
    onAnswer: () => undefined,
  });
  await assert.rejects(failing, /no/);
});
