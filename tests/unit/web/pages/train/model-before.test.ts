import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Promotion, replacedModel } from '#kaiyan/models/promotions.js';
import { modelBefore } from '#page/pages/train/model-before.js';

const answering = (reference: string) => ({ reference, precision: 'auto' as const });
const step = (kind: Promotion['kind'], from: string, to: string): Promotion => ({
  ...{ id: '', at: '', kind, from: answering(from), to: answering(to), training: null, by: 'api' },
});
const promoted = (from: string, to: string) => step('promotion', from, to);
const takenBack = (from: string, to: string) => step('rollback', from, to);

/** In the order in which they happened, and what answers then. */
const HISTORIES: readonly (readonly [readonly Promotion[], string])[] = [
  [[], 'a@1'],
  [[promoted('a@1', 'b@1')], 'b@1'],
  [[promoted('a@1', 'b@1'), takenBack('b@1', 'a@1')], 'a@1'],
  [[promoted('a@1', 'b@1'), promoted('b@1', 'c@1')], 'c@1'],
  [[promoted('a@1', 'b@1'), promoted('b@1', 'c@1'), takenBack('c@1', 'b@1')], 'b@1'],
  [[promoted('a@1', 'b@1'), promoted('b@1', 'c@1'), takenBack('c@1', 'a@1')], 'a@1'],
  [[promoted('a@1', 'b@1'), takenBack('b@1', 'gone@1')], 'gone@1'],
  // Another one was chosen since then.
  [[promoted('a@1', 'b@1')], 'c@1'],
  [[promoted('a@1', 'b@1')], 'a@1'],
];

test('a step back leads to where the service goes, and is not offered where it would refuse', () => {
  for (const [history, present] of HISTORIES) {
    const newestFirst = history.toReversed();
    let expected: string | undefined;
    try {
      expected = replacedModel(newestFirst, answering(present)).reference;
    } catch {
      expected = undefined;
    }
    assert.equal(modelBefore(newestFirst, present), expected, JSON.stringify([history, present]));
  }
});
