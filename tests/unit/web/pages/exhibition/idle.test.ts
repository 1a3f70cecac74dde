import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secondsLeft } from '#page/pages/exhibition/idle.js';

test('nobody has to hurry: the seconds that are left are counted from the last touch, and never below none', () => {
  assert.deepEqual(
    [0, 1, 1000, 50_000, 59_001, 60_000, 90_000].map((passed) => secondsLeft(5_000, 5_000 + passed)),
    [60, 60, 59, 10, 1, 0, 0],
  );
});
