import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullPace, type Pace, quicken, slowDown, waitOf } from '#page/camera/pace.js';

const after = (pace: Pace, count: number, step: (pace: Pace) => Pace): Pace =>
  Array.from({ length: count }).reduce<Pace>((now) => step(now), pace);

test('at full pace the next frame comes when the answer is there, but not more than twenty a second', () => {
  assert.equal(waitOf(fullPace, 80), 0);
  assert.equal(waitOf(fullPace, 20), 30);
  assert.deepEqual(after(fullPace, 100, quicken), fullPace);
});

test('after a refusal nothing is sent before the service wants it, and then more slowly', () => {
  const refused = slowDown(fullPace, 3);
  assert.equal(waitOf(refused, 1000), 3000);
  const answered = quicken(refused);
  assert.ok(waitOf(answered, 0) > 4 * waitOf(fullPace, 0));
});

test('each refusal halves the rate, down to one frame in four seconds', () => {
  const twice = slowDown(slowDown(fullPace, null), null);
  assert.ok(twice.gapMs >= 2 * slowDown(fullPace, null).gapMs);
  const long = after(fullPace, 30, (pace) => slowDown(pace, null));
  assert.deepEqual([long.gapMs, waitOf(long, 0)], [4000, 4000]);
});

test('answers bring the full pace back, slowly', () => {
  const refused = slowDown(fullPace, 1);
  assert.ok(after(refused, 10, quicken).gapMs > 2 * fullPace.gapMs);
  assert.deepEqual(after(refused, 200, quicken), fullPace);
});
