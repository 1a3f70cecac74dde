import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPacing } from '#kaiyan/jobs/pacing.js';

test('a job has all of the machine while nobody waits, and one picture in work while somebody does, or has just done', () => {
  let [waiting, now] = [0, 1000];
  const pacing = createPacing(
    6,
    () => waiting,
    () => now,
  );
  assert.equal(pacing.most(), 6);
  waiting = 2;
  assert.equal(pacing.most(), 1);
  waiting = 0;
  now += 100;
  assert.equal(pacing.most(), 1);
  now += 200;
  assert.equal(pacing.most(), 6);
});
