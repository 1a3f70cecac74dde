import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { readTruths } from '#kaiyan/evaluation/truths.js';
import { imagenet1k } from '#kaiyan/labels/imagenet-1k/index.js';
import { createLabelSet } from '#kaiyan/labels/label-set.js';
import { appError } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';

const own = createLabelSet('own', [
  [null, 'Ant', '蚂蚁'],
  [null, 'ant', '小蚂蚁'],
  [null, '🐝 / wasp', '蜂'],
]);

/** A folder with these files, which nobody reads. */
async function filesOf(t: Pick<TestContext, 'after'>, ...names: readonly string[]): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const name of names) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), '');
  }
  return folder;
}

async function truthsIn(source: string, labels = imagenet1k) {
  const { pictures, foreign } = await readTruths(source, [labels]);
  return { truths: Object.fromEntries((pictures[0] ?? []).map(({ name, truth }) => [name, truth])), foreign };
}

describe('what pictures show', () => {
  test("is said by folders with WordNet ids, which is ImageNet's layout, and by names in both languages", async (t) => {
    const folder = await filesOf(
      t,
      'n01440764/1.JPEG',
      'n01443537/a/2.png',
      'Tench/3.jpg',
      '金鱼/4.jpg',
      'GOLDFISH/5.jpg',
    );
    assert.deepEqual(await truthsIn(folder), {
      truths: { 'n01440764/1.JPEG': 0, 'n01443537/a/2.png': 1, 'Tench/3.jpg': 0, '金鱼/4.jpg': 1, 'GOLDFISH/5.jpg': 1 },
      foreign: [],
    });
  });

  test('is said by the nearest folder that is called as a class', async (t) => {
    const folder = await filesOf(t, 'val/tench/1.jpg', 'tench/goldfish/2.jpg', 'goldfish/more/3.jpg');
    assert.deepEqual((await truthsIn(folder)).truths, {
      ...{ 'val/tench/1.jpg': 0, 'tench/goldfish/2.jpg': 1, 'goldfish/more/3.jpg': 1 },
    });
    assert.deepEqual((await truthsIn(path.join(folder, 'val/tench'))).truths, { '1.jpg': 0 });
  });

  test('is said by the WordNet id at the beginning of a name, if no folder says it', async (t) => {
    const folder = await filesOf(t, 'n01440764_1.JPEG', 'mixed/n01443537_2.JPEG', 'tench/n01443537_3.JPEG', 'x.jpg');
    assert.deepEqual(await truthsIn(folder), {
      truths: { 'n01440764_1.JPEG': 0, 'mixed/n01443537_2.JPEG': 1, 'tench/n01443537_3.JPEG': 0 },
      foreign: [{ label: null, names: ['x.jpg'] }],
    });
  });

  test('is a label of its own letter by letter, else in any case if that leaves one class', async (t) => {
    const folder = await filesOf(t, 'Ant/1.jpg', 'ant/2.jpg', 'ANT/3.jpg', '蜂/4.jpg', 'fly/5.jpg', 'fly/6.jpg');
    assert.deepEqual(await truthsIn(folder, own), {
      truths: { 'Ant/1.jpg': 0, 'ant/2.jpg': 1, '蜂/4.jpg': 2 },
      foreign: [
        { label: 'ANT', names: ['ANT/3.jpg'] },
        { label: 'fly', names: ['fly/5.jpg', 'fly/6.jpg'] },
      ],
    });
  });

  test('is said by a list, and there by the label alone', async (t) => {
    const folder = await filesOf(t, 'pictures/Ant/1.jpg', 'pictures/2.jpg');
    const list = path.join(folder, 'list.csv');
    await writeFile(list, 'path,label\npictures/Ant/1.jpg,🐝 / wasp\npictures/2.jpg,ant\npictures/3.jpg,n01440764\n');
    assert.deepEqual(await truthsIn(list, own), {
      truths: { 'pictures/Ant/1.jpg': 2, 'pictures/2.jpg': 1 },
      foreign: [{ label: 'n01440764', names: ['pictures/3.jpg'] }],
    });
    assert.deepEqual((await truthsIn(list)).truths, { 'pictures/2.jpg': 310, 'pictures/3.jpg': 0 });
  });

  test('is, for two models, what both have a class for, each in its own', async (t) => {
    const folder = await filesOf(t, 'ant/1.jpg', 'tench/2.jpg', 'Ant/3.jpg');
    const { pictures, foreign } = await readTruths(folder, [imagenet1k, own]);
    assert.deepEqual(
      pictures.map((all) => all.map(({ name, truth }) => [name, truth])),
      [
        [
          ['Ant/3.jpg', 310],
          ['ant/1.jpg', 310],
        ],
        [
          ['Ant/3.jpg', 0],
          ['ant/1.jpg', 1],
        ],
      ],
    );
    assert.deepEqual(foreign, [{ label: 'tench', names: ['tench/2.jpg'] }]);
  });

  test('cannot be said where there is no picture', async (t) => {
    await assert.rejects(
      readTruths(await filesOf(t, 'tench/readme.txt'), [own]),
      appError('DATASET_INVALID', 'found none'),
    );
    await assert.rejects(readTruths('/no/such', [own]), appError('FILE_UNREADABLE', '/no/such'));
  });
});
