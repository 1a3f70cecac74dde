import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sortFiles } from '#page/pages/train/sort-files.js';

const classesOf = (...names: string[]) => {
  const { classes, leftOut } = sortFiles(names.map((name) => ({ name, file: new File([], name) })));
  return {
    classes: Object.fromEntries([...classes].map(([label, all]) => [label, all.map(({ name }) => name)])),
    leftOut,
  };
};

test('a folder is a class, whether it was dropped itself or with others in a folder', () => {
  const bare = classesOf('cats/1.jpg', 'cats/2.png', 'dogs/3.webp');
  assert.deepEqual(bare.classes, { cats: ['cats/1.jpg', 'cats/2.png'], dogs: ['dogs/3.webp'] });
  const inside = classesOf('pets/cats/1.jpg', 'pets/dogs/3.webp');
  assert.deepEqual(inside.classes, { cats: ['pets/cats/1.jpg'], dogs: ['pets/dogs/3.webp'] });
  const one = classesOf('猫/1.jpg', '猫/2.jpg');
  assert.deepEqual(one.classes, { 猫: ['猫/1.jpg', '猫/2.jpg'] });
});

test('folders below the folder of a class belong to the class', () => {
  const { classes } = classesOf('pets/cats/black/1.jpg', 'pets/cats/2.jpg', 'pets/dogs/3.jpg', 'pets/dogs/a/b/4.jpg');
  assert.deepEqual(classes, {
    cats: ['pets/cats/black/1.jpg', 'pets/cats/2.jpg'],
    dogs: ['pets/dogs/3.jpg', 'pets/dogs/a/b/4.jpg'],
  });
});

test('pictures of no folder have no class; other files are named, hidden ones passed over', () => {
  const { classes, leftOut } = classesOf('1.jpg', 'cats/2.jpg', 'cats/notes.txt', 'cats/.DS_Store', '__MACOSX/3.jpg');
  assert.deepEqual(classes, { undefined: ['1.jpg'], cats: ['cats/2.jpg'] });
  assert.deepEqual(leftOut, ['cats/notes.txt']);
  assert.deepEqual(classesOf().classes, {});
});

test('what the browser knows as a picture is one, whatever it is called', () => {
  const file = new File([], 'picture', { type: 'image/jpeg' });
  assert.deepEqual([...sortFiles([{ name: 'cats/picture', file }]).classes.keys()], ['cats']);
});
