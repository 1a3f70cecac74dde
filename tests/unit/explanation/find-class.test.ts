import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findClass } from '#kaiyan/explanation/find-class.js';
import { imagenet1k } from '#kaiyan/labels/imagenet-1k/index.js';
import { createLabelSet } from '#kaiyan/labels/label-set.js';

/** Probable classes, all others are not. */
const probable = (...classes: readonly [index: number, probability: number][]) => {
  const probabilities = new Float64Array(1000);
  for (const [index, probability] of classes) probabilities[index] = probability;
  return probabilities;
};
const find = (wanted: number | string | undefined, probabilities = probable([5, 1])) =>
  findClass(wanted, imagenet1k, probabilities);
const [wnid, english, chinese] = imagenet1k.classes[281] ?? [];

describe('a class to explain', () => {
  test('is the most probable one if nothing is said', () => {
    assert.equal(find(undefined), 5);
    assert.equal(find(undefined, probable([7, 0.2], [900, 0.8])), 900);
  });

  test('is found by its index, its WordNet id, and its name in both languages', () => {
    for (const wanted of [281, '281', wnid ?? '', english ?? '', (english ?? '').toUpperCase(), chinese ?? ''])
      assert.equal(find(wanted), 281, `${wanted}`);
  });

  test('is the more probable one of two with the same name', () => {
    const own = createLabelSet('own', [
      [null, 'crane', '鹤'],
      [null, 'dog', '狗'],
      [null, 'crane', '起重机'],
    ]);
    assert.equal(findClass('crane', own, Float64Array.of(0.1, 0.6, 0.3)), 2);
    assert.equal(findClass('crane', own, Float64Array.of(0.3, 0.6, 0.1)), 0);
    assert.equal(findClass('起重机', own, Float64Array.of(0.3, 0.6, 0.1)), 2);
  });

  test('is none for what no class is called', () => {
    for (const wanted of [1000, -1, 0.5, Number.NaN, '1000', '', 'no such thing', '__proto__'])
      assert.equal(find(wanted), undefined, `${wanted}`);
  });
});
