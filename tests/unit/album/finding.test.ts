import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findingOf, keywordsOf } from '#kaiyan/album/finding.js';
import { interpret } from '#kaiyan/classification/classification.js';
import { createLabelSet } from '#kaiyan/labels/label-set.js';

const labels = createLabelSet(
  'few',
  [
    ['n0', 'tabby', '虎斑猫'],
    ['n1', 'poodle', '贵宾犬'],
    ['n2', 'wolf', '狼'],
    ['n3', 'car', '小汽车'],
  ],
  [
    { key: 'animal', en: 'animal', zh: '动物', classes: '0-2' },
    { key: 'pet', en: 'pet', zh: '宠物', classes: '0-1' },
    { key: 'cat', en: 'cat', zh: '猫', classes: '0' },
  ],
  [{ key: 'canine', en: 'dog or wolf', zh: '犬科动物', classes: '1-2' }],
);

/** What an album keeps when the classes have these probabilities, and 0.7 is sure. */
function find(...probabilities: number[]) {
  const logits = Float32Array.from(probabilities, (probability) => Math.log(probability));
  const answer = interpret(logits, { labels, temperature: 1, threshold: 0.7, flags: () => [] }, 1, 'en');
  return findingOf(answer, labels, 0.7);
}

describe('what an album keeps of an answer', () => {
  test('is its class, and the narrowest of the categories that are sure', () => {
    const { label, category } = find(0.9, 0.05, 0.03, 0.02);
    assert.deepEqual(
      [label, category],
      [
        { en: 'tabby', zh: '虎斑猫' },
        { en: 'cat', zh: '猫' },
      ],
    );
  });

  test('is a broader category where the narrower ones are not sure, and no label', () => {
    const { label, category, probability } = find(0.4, 0.4, 0.1, 0.1);
    assert.deepEqual([label, category?.en], [null, 'pet']);
    assert.ok(Math.abs(probability - 0.4) < 1e-6);
  });

  test('is a group where no class is sure', () => {
    assert.deepEqual(find(0.1, 0.4, 0.4, 0.1).label, { en: 'dog or wolf', zh: '犬科动物' });
  });

  test('may have a label and no category', () => {
    const { label, category } = find(0.05, 0.03, 0.02, 0.9);
    assert.deepEqual([label?.en, category], ['car', null]);
  });
});

test('keywords are the sure categories and the label, in either language, and none when unsure', () => {
  const cat = find(0.9, 0.05, 0.03, 0.02);
  assert.deepEqual(keywordsOf(cat, 'en'), ['animal', 'pet', 'cat', 'tabby']);
  assert.deepEqual(keywordsOf(cat, 'zh'), ['动物', '宠物', '猫', '虎斑猫']);
  assert.deepEqual(keywordsOf(find(0.4, 0.4, 0.1, 0.1), 'en'), []);
});
