import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findClasses } from '#page/explanation/find-classes.js';

const classes = [
  ['hot dog', '热狗'],
  ['dogsled', '狗拉雪橇'],
  ['bulldog', '斗牛犬'],
  ['sea lion', '海狮'],
  ['lion', '狮子'],
  ['dog', '狗'],
].map(([en = '', zh = ''], index) => ({ index, wnid: null, en, zh }));

const find = (typed: string, most = 10) => findClasses(classes, typed, most).map(({ en }) => en);

describe('classes', () => {
  test('are found by their name, by its beginning, by a word of it, by what is in it; in that order', () => {
    assert.deepEqual(find(' DOG '), ['dog', 'dogsled', 'hot dog', 'bulldog']);
    assert.deepEqual(find('lion'), ['lion', 'sea lion']);
  });

  test('are found in Chinese too', () => {
    assert.deepEqual(find('狗'), ['dog', 'dogsled', 'hot dog']);
  });

  test('are at most as many as are wanted, and none for nothing', () => {
    assert.deepEqual(find('dog', 2), ['dog', 'dogsled']);
    assert.deepEqual([find(''), find('  '), find('zebra')], [[], [], []]);
  });
});
