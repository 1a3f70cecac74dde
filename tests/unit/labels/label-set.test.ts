import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { className, createLabelSet } from '#kaiyan/labels/label-set.js';

const classes = Array.from({ length: 12 }, (_, i) => [null, `thing ${i}`, `东西${i}`] as const);

describe('a label set', () => {
  test('reads lists of classes: single ones and ranges, both ends included', () => {
    const { categories } = createLabelSet('x', classes, [{ key: 'a', en: 'a', zh: '甲', classes: '0-2 5 9-11' }]);
    assert.deepEqual(categories[0]?.members, [0, 1, 2, 5, 9, 10, 11]);
  });

  test('has its groups from the smallest to the largest', () => {
    const { groups } = createLabelSet(
      'x',
      classes,
      [],
      [
        { key: 'all', en: 'all', zh: '全', classes: '0-11' },
        { key: 'two', en: 'two', zh: '二', classes: '3 4' },
        { key: 'some', en: 'some', zh: '些', classes: '0-5' },
      ],
    );
    assert.deepEqual(
      groups.map(({ key }) => key),
      ['two', 'some', 'all'],
    );
  });

  test('names a class in either language', () => {
    const labels = createLabelSet('x', classes);
    assert.equal(className(labels, 3, 'en'), 'thing 3');
    assert.equal(className(labels, 3, 'zh'), '东西3');
  });
});
