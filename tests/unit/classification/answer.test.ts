import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { honestAnswer } from '#kaiyan/classification/answer.js';
import { createLabelSet } from '#kaiyan/labels/label-set.js';
import { fewLabels } from '../../support/labels.js';

function answer(probabilities: readonly number[], threshold = 0.7, labels = fewLabels) {
  const best = probabilities.indexOf(Math.max(...probabilities));
  const { probability, ...rest } = honestAnswer(Float64Array.from(probabilities), best, labels, threshold);
  const named = 'group' in rest ? { level: rest.level, group: rest.group.key } : rest;
  return { ...named, probability: Math.round(probability * 1e9) / 1e9 };
}

describe('the honest answer', () => {
  test('is the class that is sure enough', () => {
    assert.deepEqual(answer([0.05, 0.8, 0.05, 0.05, 0.05, 0, 0]), { level: 'class', index: 1, probability: 0.8 });
  });

  test('is the class at the very threshold', () => {
    assert.deepEqual(answer([0.7, 0.1, 0.1, 0.1, 0, 0, 0]), { level: 'class', index: 0, probability: 0.7 });
  });

  test('is else the smallest group that is sure enough', () => {
    assert.deepEqual(answer([0.4, 0.4, 0.1, 0.1, 0, 0, 0]), { level: 'group', group: 'cat', probability: 0.8 });
    assert.deepEqual(answer([0.3, 0.2, 0.3, 0.1, 0.1, 0, 0]), { level: 'group', group: 'animal', probability: 0.9 });
  });

  test('of two groups of the same size is the more probable one', () => {
    const labels = createLabelSet(
      'x',
      fewLabels.classes,
      [],
      [
        { key: 'first', en: 'first', zh: '一', classes: '0 1' },
        { key: 'second', en: 'second', zh: '二', classes: '1 2' },
      ],
    );
    assert.deepEqual(answer([0.3, 0.35, 0.35, 0, 0, 0, 0], 0.6, labels), {
      level: 'group',
      group: 'second',
      probability: 0.7,
    });
  });

  test('may be a group without the best class, if only that is sure enough', () => {
    const labels = createLabelSet(
      'x',
      fewLabels.classes,
      [],
      [{ key: 'rest', en: 'rest', zh: '其余', classes: '1-6' }],
    );
    assert.deepEqual(answer([0.28, 0.12, 0.12, 0.12, 0.12, 0.12, 0.12], 0.7, labels).level, 'group');
  });

  test('is else "unsure", with the probability of the best class', () => {
    assert.deepEqual(answer([0.2, 0.1, 0.1, 0.1, 0.2, 0.1, 0.2]), { level: 'unsure', probability: 0.2 });
    assert.deepEqual(answer([0, 0, 0, 0, 0.3, 0.1, 0.6]), { level: 'unsure', probability: 0.6 });
  });

  test('follows the threshold: 0 always names the class, 1 hardly ever does', () => {
    assert.equal(answer([0.2, 0.1, 0.1, 0.1, 0.2, 0.1, 0.2], 0).level, 'class');
    assert.equal(answer([0.98, 0.01, 0.01, 0, 0, 0, 0], 1).level, 'group');
  });

  test('without groups is a class or unsure', () => {
    const bare = createLabelSet('bare', fewLabels.classes);
    assert.equal(answer([0.4, 0.4, 0.1, 0.1, 0, 0, 0], 0.7, bare).level, 'unsure');
  });
});
