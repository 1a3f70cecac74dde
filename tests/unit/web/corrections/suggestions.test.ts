import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suggestionsFor } from '#page/corrections/suggestions.js';

const classes = [
  ['tabby cat', '虎斑猫'],
  ['lynx', '猞猁'],
  ['Egyptian Mau', '埃及猫'],
].map(([en = '', zh = ''], index) => ({ index, wnid: null, en, zh }));
const from = (typed: string, language: 'en' | 'zh' = 'en') =>
  suggestionsFor(typed, { classes, guesses: ['lynx', 'fox'], language });

test('before anything is typed, the further guesses are offered', () => {
  assert.deepEqual(from('  '), { classes: ['lynx', 'fox'], newOne: undefined });
});

test('the further guesses are offered in the language of the page, whichever they were made in', () => {
  assert.deepEqual(from('', 'zh').classes, ['猞猁', 'fox']);
});

test('classes are found in either language, and offered in that of the page', () => {
  assert.deepEqual(from('猫'), { classes: ['tabby cat', 'Egyptian Mau'], newOne: '猫' });
  assert.deepEqual(from('mau', 'zh').classes, ['埃及猫']);
});

test('a name that no class has is a new one; one that a class has is not', () => {
  assert.deepEqual(from(' my   cat '), { classes: [], newOne: 'my cat' });
  assert.equal(from('LYNX').newOne, undefined);
  assert.equal(from('猞猁').newOne, undefined);
});

test('what was said and what was answered are offered once where they are the same', () => {
  assert.deepEqual(suggestionsFor('', { classes, guesses: ['lynx', 'lynx'], language: 'en' }).classes, ['lynx']);
});
