import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { sha256Of } from '#kaiyan/hashes.js';
import { datasetsFor, picture, send } from '../../../support/datasets.js';
import { rejectsWith } from '../../../support/errors.js';

const cat = await picture('chelsea.png');
const crab = await picture('crab.jpg');
const panda = await picture('red-panda.jpg');

const folderIn = (home: string) => path.join(home, 'datasets/pets');
const linesIn = async (home: string) =>
  (await readFile(path.join(folderIn(home), 'pictures.jsonl'), 'utf8'))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
const classesIn = async (home: string) => JSON.parse(await readFile(path.join(folderIn(home), 'classes.json'), 'utf8'));
const filesIn = async (home: string) => (await readdir(path.join(folderIn(home), 'pictures'))).sort();

describe('data sets that are kept', () => {
  test('have classes of any words, and pictures that are listed by their hashes', async (t) => {
    const { datasets, home, again } = await datasetsFor(t);
    await datasets.create('pets');
    const labels = ['猫', '🐼/…\n"', 'x'.repeat(500)];
    for (const label of labels) await datasets.addClass('pets', label);
    await datasets.addClass('pets', 'crab', '螃蟹');
    const { added, repeated, failed } = await send(datasets, 'pets', labels[1] as string, {
      '../red panda.jpg': panda,
      'cat.png': cat,
      'the same.jpg': panda,
      'notes.txt': Buffer.from('nothing to see'),
      'half.jpg': crab.subarray(0, 5_000),
      empty: Buffer.alloc(0),
    });
    assert.deepEqual(added, [sha256Of(panda), sha256Of(cat)]);
    assert.equal(repeated, 1);
    assert.deepEqual(failed.map(({ name, error }) => [name, error.code]).sort(), [
      ['empty', 'IMAGE_EMPTY'],
      ['half.jpg', 'IMAGE_CORRUPT'],
      ['notes.txt', 'IMAGE_UNSUPPORTED'],
    ]);
    assert.deepEqual(
      (await linesIn(home)).map(({ path: file, label, name, bytes }) => [file, label, name, bytes]),
      [
        [`pictures/${sha256Of(panda)}.jpg`, labels[1], '../red panda.jpg', panda.length],
        [`pictures/${sha256Of(cat)}.png`, labels[1], 'cat.png', cat.length],
      ],
    );
    assert.deepEqual(await classesIn(home), [
      ...labels.map((label) => ({ en: label, zh: label })),
      { en: 'crab', zh: '螃蟹' },
    ]);
    assert.deepEqual(await readFile(path.join(folderIn(home), `pictures/${sha256Of(cat)}.png`)), cat);
    const { modified, ...seen } = await again().show('pets');
    assert.deepEqual(seen, {
      ...{ name: 'pets', pictures: 2, bytes: panda.length + cat.length },
      classes: [
        ...labels.map((label, i) => ({ label, zh: label, pictures: i === 1 ? 2 : 0 })),
        { label: 'crab', zh: '螃蟹', pictures: 0 },
      ],
    });
    assert.ok(Math.abs(modified.getTime() - Date.now()) < 60_000);
    assert.deepEqual(
      (await datasets.list()).map(({ name, classes, pictures }) => [name, classes, pictures]),
      [['pets', 4, 2]],
    );
  });

  test('move and delete pictures, rename and delete classes, and leave no files behind', async (t) => {
    const { datasets, home, again } = await datasetsFor(t);
    await datasets.create('pets');
    for (const label of ['a', 'b']) await datasets.addClass('pets', label);
    const [first, second, third] = (await send(datasets, 'pets', 'a', { cat, crab, panda })).added as [
      string,
      string,
      string,
    ];
    assert.equal((await datasets.movePicture('pets', first, 'b')).label, 'b');
    assert.deepEqual(await datasets.changeClass('pets', 'a', { newLabel: 'c' }), { label: 'c', zh: 'c', pictures: 2 });
    assert.deepEqual(await datasets.changeClass('pets', 'b', { zh: '乙' }), { label: 'b', zh: '乙', pictures: 1 });
    assert.deepEqual(await datasets.changeClass('pets', 'b', { newLabel: 'd' }), { label: 'd', zh: '乙', pictures: 1 });
    await datasets.removePicture('pets', second);
    assert.deepEqual(await filesIn(home), [`${first}.png`, `${third}.jpg`].sort());
    assert.deepEqual(
      (await linesIn(home)).map(({ label }) => label),
      ['d', 'c'],
    );
    await datasets.removeClass('pets', 'c');
    assert.deepEqual(await filesIn(home), [`${first}.png`]);
    assert.deepEqual((await again().show('pets')).classes, [{ label: 'd', zh: '乙', pictures: 1 }]);
    await datasets.remove('pets');
    assert.deepEqual(await readdir(path.join(home, 'datasets')), []);
  });

  test('are listed page by page, and a page may begin after a picture that is gone', async (t) => {
    const { datasets } = await datasetsFor(t);
    await datasets.create('pets');
    for (const label of ['a', 'b']) await datasets.addClass('pets', label);
    const { added } = await send(datasets, 'pets', 'a', { cat, crab, panda });
    const first = await datasets.pictures('pets', { limit: 2 });
    assert.deepEqual([first.pictures.map(({ id }) => id), first.pictures[0]?.name], [added.slice(0, 2), 'cat']);
    await datasets.removePicture('pets', added[1] as string);
    const second = await datasets.pictures('pets', { limit: 2, after: first.next as number });
    assert.deepEqual([second.pictures.map(({ id }) => id), second.next], [added.slice(2), null]);
    assert.deepEqual(await datasets.pictures('pets', { limit: 2, label: 'b' }), { pictures: [], next: null });
  });

  test('refuse what is not there, and what is there already', async (t) => {
    const { datasets } = await datasetsFor(t);
    await datasets.create('pets');
    await datasets.addClass('pets', 'a');
    const { added } = await send(datasets, 'pets', 'a', { cat });
    const id = added[0] as string;
    await rejectsWith(datasets.create('pets'), 'DATASET_EXISTS');
    await rejectsWith(datasets.show('other'), 'DATASET_NOT_FOUND');
    await rejectsWith(datasets.remove('other'), 'DATASET_NOT_FOUND');
    await rejectsWith(datasets.addClass('pets', 'a'), 'CLASS_EXISTS');
    await datasets.addClass('pets', 'b');
    await rejectsWith(datasets.changeClass('pets', 'a', { newLabel: 'b' }), 'CLASS_EXISTS');
    for (const refused of [
      () => datasets.receive('pets', 'c', 0),
      () => datasets.removeClass('pets', 'c'),
      () => datasets.changeClass('pets', 'c', {}),
      () => datasets.movePicture('pets', id, 'c'),
      () => datasets.pictures('pets', { label: 'c', limit: 1 }),
    ])
      await rejectsWith(refused(), 'CLASS_NOT_FOUND');
    const other = sha256Of('other');
    await rejectsWith(datasets.movePicture('pets', other, 'a'), 'PICTURE_NOT_FOUND');
    await rejectsWith(datasets.removePicture('pets', other), 'PICTURE_NOT_FOUND');
    await rejectsWith(datasets.thumbnail('pets', other, new AbortController().signal), 'PICTURE_NOT_FOUND');
  });

  test('do not grow beyond datasetBytes, with all of them together', async (t) => {
    const { datasets } = await datasetsFor(t, { datasetBytes: cat.length + 1_000 });
    for (const name of ['pets', 'others']) {
      await datasets.create(name);
      await datasets.addClass(name, 'a');
    }
    await rejectsWith(datasets.receive('pets', 'a', cat.length + 2_000), 'DATASET_FULL');
    await send(datasets, 'pets', 'a', { cat });
    const full = await datasets.receive('others', 'a', 0);
    await rejectsWith(full.picture('crab').write(crab), 'DATASET_FULL');
    await full.abandon();
    await datasets.remove('pets');
    await send(datasets, 'others', 'a', { crab: crab.subarray(0, 100) });
    assert.deepEqual(
      (await datasets.list()).map(({ bytes }) => bytes),
      [0],
    );
  });

  test('do not grow beyond datasetBytes by requests that overlap either', async (t) => {
    const { datasets } = await datasetsFor(t, { datasetBytes: cat.length + 1_000 });
    await datasets.create('pets');
    await datasets.addClass('pets', 'a');
    const slow = await datasets.receive('pets', 'a', 0);
    await send(datasets, 'pets', 'a', { cat });
    await rejectsWith(slow.picture('crab').write(crab), 'DATASET_FULL');
    await slow.abandon();
  });

  test('take what many send at once, each picture once', async (t) => {
    const { datasets, again } = await datasetsFor(t);
    await datasets.create('pets');
    const labels = Array.from({ length: 8 }, (_, i) => `class ${i}`);
    await Promise.all(labels.map((label) => datasets.addClass('pets', label)));
    const sent = await Promise.all(labels.map((label) => send(datasets, 'pets', label, { cat, crab })));
    assert.equal(sent.flatMap(({ added }) => added).length, 2);
    assert.equal(
      sent.reduce((sum, { repeated }) => sum + repeated, 0),
      14,
    );
    const { classes, pictures } = await again().show('pets');
    assert.deepEqual([classes.map(({ label }) => label).sort(), pictures], [labels, 2]);
  });

  test('keep what has arrived as a whole when the sender leaves', async (t) => {
    const { datasets, home } = await datasetsFor(t);
    await datasets.create('pets');
    await datasets.addClass('pets', 'a');
    const reception = await datasets.receive('pets', 'a', 0);
    const whole = reception.picture('cat');
    await whole.write(cat);
    await whole.end();
    await reception.picture('crab').write(crab.subarray(0, 1_000));
    await reception.abandon();
    assert.deepEqual(
      (await datasets.pictures('pets', { limit: 9 })).pictures.map(({ name }) => name),
      ['cat'],
    );
    assert.deepEqual(
      (await readdir(folderIn(home))).filter((name) => name.startsWith('.')),
      [],
    );
  });

  test('see what another process has changed', async (t) => {
    const { datasets, again } = await datasetsFor(t);
    const other = again();
    await datasets.create('pets');
    await other.addClass('pets', 'a');
    await send(datasets, 'pets', 'a', { cat });
    await send(other, 'pets', 'a', { crab });
    assert.equal((await datasets.show('pets')).pictures, 2);
  });

  test('give a small picture of each, and make it again if it is gone', async (t) => {
    const { datasets, home } = await datasetsFor(t);
    await datasets.create('pets');
    await datasets.addClass('pets', 'a');
    const { added } = await send(datasets, 'pets', 'a', { cat });
    const { signal } = new AbortController();
    const kept = path.join(folderIn(home), 'thumbnails', `${added[0]}.jpg`);
    const first = await datasets.thumbnail('pets', added[0] as string, signal);
    assert.deepEqual(first, await readFile(kept));
    assert.deepEqual([...first.subarray(0, 3)], [0xff, 0xd8, 0xff]);
    await writeFile(kept, '');
    assert.deepEqual(await datasets.thumbnail('pets', added[0] as string, signal), first);
    assert.deepEqual(await readFile(kept), Buffer.from(first));
  });
});

describe('what a process that was killed leaves', () => {
  async function left(t: Parameters<typeof datasetsFor>[0]) {
    const kept = await datasetsFor(t);
    await kept.datasets.create('pets');
    for (const label of ['a', 'b']) await kept.datasets.addClass('pets', label);
    await send(kept.datasets, 'pets', 'a', { cat });
    return { ...kept, folder: folderIn(kept.home) };
  }

  test('of a line that it was writing is taken off', async (t) => {
    const { folder, home, again } = await left(t);
    const [line] = await linesIn(home);
    await appendFile(path.join(folder, 'pictures.jsonl'), '{"path":"pictures/猫');
    const datasets = again();
    assert.equal((await datasets.show('pets')).pictures, 1);
    await send(datasets, 'pets', 'b', { crab });
    assert.deepEqual(
      (await linesIn(home)).map(({ label }) => label),
      [line.label, 'b'],
    );
  });

  test('of a change that was not decided is the state before, and of one that was, the new one', async (t) => {
    const { folder, home, again } = await left(t);
    const renamed = async (where: string) => {
      await mkdir(path.join(folder, where));
      const [line] = await linesIn(home);
      await writeFile(path.join(folder, where, 'pictures.jsonl'), `${JSON.stringify({ ...line, label: 'c' })}\n`);
      await writeFile(path.join(folder, where, 'classes.json'), '[{"en":"c","zh":"丙"}]');
    };
    await renamed('.draft-x');
    assert.deepEqual(
      (await again().show('pets')).classes.map(({ label }) => label),
      ['a', 'b'],
    );
    await renamed('.decided');
    // It had moved one of the files when it was killed.
    await rename(path.join(folder, '.decided/pictures.jsonl'), path.join(folder, 'pictures.jsonl'));
    assert.deepEqual((await again().show('pets')).classes, [{ label: 'c', zh: '丙', pictures: 1 }]);
    assert.equal((await readdir(folder)).includes('.decided'), false);
  });

  test('of files is removed, once nobody can be writing them any more', async (t) => {
    const { folder, again } = await left(t);
    const strays = [`pictures/${sha256Of('x')}.jpg`, `thumbnails/${sha256Of('x')}.jpg`, '.receiving-x'];
    for (const stray of [...strays, '.receiving-y']) await writeFile(path.join(folder, stray), 'x');
    for (const stray of strays) await utimes(path.join(folder, stray), 1, 1);
    await again().show('pets');
    const all = await readdir(folder, { recursive: true });
    assert.deepEqual([all.filter((name) => strays.includes(name)), all.includes('.receiving-y')], [[], true]);
    assert.equal(all.filter((name) => /\.(png|jpg)$/.test(name)).length, 2);
  });
});
