import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { findLabelledPictures, spread } from '#kaiyan/dataset/labelled-pictures.js';
import { imagenet1k } from '#kaiyan/labels/imagenet-1k/index.js';
import { createLabelSet } from '#kaiyan/labels/label-set.js';
import { appError } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';

const pets = createLabelSet('pets', [
  [null, 'Cat', '猫'],
  [null, 'dog', '狗'],
  [null, 'bat', '蝙蝠'],
  [null, 'bat', '球棒'],
]);

async function folderWith(t: TestContext, files: readonly string[]): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const file of files) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), '');
  }
  return folder;
}

const truths = (folder: string, found: Awaited<ReturnType<typeof findLabelledPictures>>) =>
  found.map(({ path: file, truth }) => [path.relative(folder, file), truth]);

describe('pictures in folders', () => {
  test('show the class that their folder is called after, in either language', async (t) => {
    const folder = await folderWith(t, ['cat/a.JPG', 'dog/b.png', '猫/c.webp', 'elsewhere/d.gif', 'cat/notes.txt']);
    assert.deepEqual(truths(folder, await findLabelledPictures(folder, pets)), [
      [path.join('cat', 'a.JPG'), 0],
      [path.join('dog', 'b.png'), 1],
      [path.join('elsewhere', 'd.gif'), undefined],
      [path.join('猫', 'c.webp'), 0],
    ]);
  });

  test('of a name that two classes have show neither', async (t) => {
    const folder = await folderWith(t, ['bat/a.jpg', '球棒/b.jpg']);
    assert.deepEqual(truths(folder, await findLabelledPictures(folder, pets)), [
      [path.join('bat', 'a.jpg'), undefined],
      [path.join('球棒', 'b.jpg'), 3],
    ]);
  });

  test('are labelled as ImageNet does it: folders of WordNet ids, or files that begin with one', async (t) => {
    const folder = await folderWith(t, ['n01440764/x.JPEG', 'n02123597_Siamese_cat.JPEG', 'n0212359_no.JPEG']);
    assert.deepEqual(truths(folder, await findLabelledPictures(folder, imagenet1k)), [
      [path.join('n01440764', 'x.JPEG'), 0],
      ['n02123597_Siamese_cat.JPEG', 284],
      ['n0212359_no.JPEG', undefined],
    ]);
  });

  test('are an error if there are none, or no folder', async (t) => {
    const folder = await folderWith(t, ['notes.txt']);
    await assert.rejects(findLabelledPictures(folder, pets), appError('USAGE', 'Expected pictures'));
    await assert.rejects(findLabelledPictures(path.join(folder, 'none'), pets), appError('FILE_UNREADABLE', 'none'));
  });
});

test('a choice of items is spread over all of them', () => {
  assert.deepEqual(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4), [0, 2, 5, 7]);
  assert.deepEqual(spread([1, 2], 4), [1, 2]);
});
