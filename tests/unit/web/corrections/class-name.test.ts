import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classNameIn } from '#page/corrections/class-name.js';

const classes = [
  ['lynx', '猞猁'],
  ['crane', '起重机'],
  ['crane', '鹤'],
].map(([en = '', zh = ''], index) => ({ index, wnid: null, en, zh }));

test('a class is called as the page speaks, in whichever language it was said', () => {
  assert.deepEqual(
    ['lynx', '猞猁'].map((said) => classNameIn(said, classes, 'zh')),
    ['猞猁', '猞猁'],
  );
  assert.equal(classNameIn('猞猁', classes, 'en'), 'lynx');
  assert.equal(classNameIn('鹤', classes, 'en'), 'crane');
});

test('a new name stays as it was said, and so does one that means several classes', () => {
  assert.equal(classNameIn('Chelsea', classes, 'zh'), 'Chelsea');
  assert.equal(classNameIn('crane', classes, 'zh'), 'crane');
  assert.equal(classNameIn('lynx', [], 'zh'), 'lynx');
});
