import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelOf, nameFor } from '#page/pages/train/names.js';
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
