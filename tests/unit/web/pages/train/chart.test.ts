import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chartOf } from '#page/pages/train/chart.js';

const size = { width: 360, height: 200, left: 40, right: 20, top: 10, bottom: 30 };

test('points stand where their epochs and values are on the axes', () => {
  const chart = chartOf([{ values: [0, 0.5, 1] }], [0, 5, 10], { lastEpoch: 10, most: 1, size });
  assert.deepEqual(chart.paths, ['M40 170L190 90L340 10']);
  assert.deepEqual(chart.ends, [{ x: 340, y: 10 }]);
  assert.deepEqual(
    chart.y.map(({ value, at }) => [value, at]),
    [
      [0, 170],
      [0.25, 130],
      [0.5, 90],
      [0.75, 50],
      [1, 10],
    ],
  );
});

test('the axis of what is still to come is there already', () => {
  const { paths, x } = chartOf([{ values: [1, 1] }], [0, 1], { lastEpoch: 10, size });
  assert.equal(paths[0], 'M40 10L70 10');
  assert.deepEqual(x.at(-1), { value: 10, at: 340 });
  assert.ok(x.every(({ value }) => Number.isInteger(value)));
});

test('an axis ends at a round number that no value is above', () => {
  for (const most of [0.037, 0.9, 1.31, 4.6, 7, 123]) {
    const { y } = chartOf([{ values: [most] }], [0], { lastEpoch: 1, size });
    const last = y.at(-1)?.value ?? 0;
    assert.ok(last >= most && last < 2 * most, `${most}: ${last}`);
    assert.ok(y.length >= 3 && y.length <= 6, `${most}: ${y.length}`);
  }
});

test('nothing, one point, and what is no number draw no nonsense', () => {
  assert.deepEqual(chartOf([{ values: [] }], [], { lastEpoch: 0, size }).paths, ['']);
  assert.deepEqual(chartOf([{ values: [1] }], [0], { lastEpoch: 0, size }).paths, ['M40 10']);
  const gaps = chartOf([{ values: [1, null, Number.NaN, 1] }], [0, 1, 2, 3], { lastEpoch: 3, size });
  assert.deepEqual(gaps.paths, ['M40 10L340 10']);
});
