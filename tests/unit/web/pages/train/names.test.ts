import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMadeUp, labelOf, nameFor, titleOf } from '#page/pages/train/names.js';
import { pictureIdOf } from '#page/pages/train/picture-names.js';

test('a data set is called by its things, as the service takes names', () => {
  assert.equal(nameFor(['Ripe', 'Unripe'], []), 'ripe-unripe');
  assert.equal(nameFor(['Café crème', 'Tea / milk'], []), 'cafe-creme-tea-milk');
  assert.equal(nameFor(['猫', '狗'], []), 'my-pictures');
  assert.equal(nameFor(['猫', 'Dog'], []), 'dog');
  for (const things of [['x'.repeat(300), 'y'], ['-', '🍎'], []])
    assert.match(nameFor(things, []), /^[a-z0-9][a-z0-9._-]{0,63}$/);
});

test('no two are called the same', () => {
  assert.equal(nameFor(['Ripe', 'Unripe'], ['ripe-unripe']), 'ripe-unripe-2');
  assert.equal(nameFor(['猫', '狗'], ['my-pictures', 'my-pictures-2']), 'my-pictures-3');
});

test('a set whose name was made up is called by its classes, another one by its name', () => {
  const set = (name: string, ...labels: string[]) => ({
    name,
    classes: labels.map((label) => ({ label, zh: `${label}！` })),
  });
  for (const made of [
    set('cat-dog', 'Cat', 'Dog'),
    set('cat-dog-12', 'Cat', 'Dog', 'Bird'),
    set('my-pictures-2', '熟的', '生的'),
    set('my-pictures', 'Cat', 'Dog'),
  ])
    assert.equal(isMadeUp(made), true, made.name);
  for (const given of [set('fruits', 'Ripe', 'Unripe'), set('cat-2020', 'Apple', 'Pear')])
    assert.equal(isMadeUp(given), false, given.name);
  assert.equal(titleOf(set('my-pictures', '熟的', '生的'), 'en'), '熟的, 生的');
  assert.equal(titleOf(set('cat-dog', 'Cat', 'Dog', 'Bird', 'Cow'), 'zh'), 'Cat！、Dog！、Bird！…');
  assert.equal(titleOf(set('fruits', 'Ripe', 'Unripe'), 'en'), 'fruits');
  assert.equal(titleOf(set('my-pictures'), 'en'), 'my-pictures');
  assert.equal(titleOf(set('my-pictures', 'x'.repeat(200)), 'en'), `${'x'.repeat(31)}…`);
  assert.equal(
    titleOf(set('my-pictures', 'A bee with a very very long name'.repeat(2)), 'en'),
    'A bee with a very very long…',
  );
});

test('a label is what was typed, without the space around it', () => {
  assert.equal(labelOf('  two   words '), 'two words');
  assert.equal(labelOf(' \t '), undefined);
});

test('a picture that a finding names is found by its id', () => {
  const id = 'ab'.repeat(32);
  assert.equal(pictureIdOf(`pictures/${id}.jpg`), id);
  assert.equal(pictureIdOf(id), id);
  assert.equal(pictureIdOf('cats/1.jpg'), undefined);
});
