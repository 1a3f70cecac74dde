import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPathsIn } from '#kaiyan/training/runs/paths-in.js';

test('findings of a data set of the page have the paths of its pictures, in which their ids are', () => {
  const [one, two] = ['pictures/aa.jpg', 'pictures/bb.jpg'] as const;
  const pathsIn = createPathsIn({
    source: '/home/datasets/cups/pictures.jsonl',
    pictures: [
      { name: 'cup.jpg', path: `/home/datasets/cups/${one}`, label: 0 },
      { name: 'mug.jpg', path: `/home/datasets/cups/${two}`, label: 1 },
    ],
  });
  const shared = { classes: ['cup'], message: 'Look.', messageZh: '看。' };
  assert.deepEqual(pathsIn({ kind: 'outlier', pictures: ['mug.jpg', 'gone.jpg'], ...shared }), {
    ...{ kind: 'outlier', pictures: [two, 'gone.jpg'], ...shared },
  });
  const groups = [['cup.jpg', 'mug.jpg']];
  assert.deepEqual(pathsIn({ kind: 'near-duplicates', pictures: ['cup.jpg', 'mug.jpg'], groups, ...shared }).groups, [
    [one, two],
  ]);
});
