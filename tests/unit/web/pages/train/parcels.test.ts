import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rangeOf, stillThere, toggled } from '#page/pages/train/choosing.js';
import { nextParcel } from '#page/pages/train/parcels.js';

const waiting = (label: string, size = 1000, dataset = 'set') => ({ dataset, label, file: { size } });

test('a parcel is of one class, of few pictures, and not heavy, but never empty while something waits', () => {
  const cats = Array.from({ length: 20 }, () => waiting('cat'));
  assert.equal(nextParcel(cats).length, 8);
  assert.equal(nextParcel([waiting('cat'), waiting('dog'), waiting('cat')]).length, 1);
  assert.equal(nextParcel([waiting('cat'), waiting('cat', 1, 'other')]).length, 1);
  assert.equal(nextParcel([waiting('cat', 9e6), waiting('cat', 6e6), waiting('cat', 5e6)]).length, 2);
  assert.equal(nextParcel([waiting('cat', 9e9), waiting('cat')]).length, 1);
  assert.deepEqual(nextParcel([]), []);
});

test('pictures are chosen one by one or as a range, and what is gone is chosen no more', () => {
  const ids = ['a', 'b', 'c', 'd'];
  assert.deepEqual([...toggled(new Set(['a']), 'b')], ['a', 'b']);
  assert.deepEqual([...toggled(new Set(['a', 'b']), 'a')], ['b']);
  assert.deepEqual([...rangeOf(ids, new Set(['a']), 'd', 1)].sort(), ids);
  // What arrived since then stands before it.
  assert.deepEqual([...rangeOf(['new', ...ids], new Set(), 'b', 3)], ['b', 'c']);
  for (const one of [undefined, 'gone']) assert.deepEqual([...rangeOf(ids, new Set(), one, 1)], ['a', 'b']);
  const all = new Set(ids);
  assert.equal(stillThere(all, ids), all);
  assert.deepEqual([...stillThere(all, ['b', 'x'])], ['b']);
});
