import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { countPictures, type Dataset, withoutEmptyClasses } from '#kaiyan/dataset/dataset.js';
import { type ReadOptions, readDataset, requirePictures } from '#kaiyan/dataset/read-dataset.js';
import { appError } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';

/** A folder with these files, which are empty: their names are what counts. */
async function folderWith(t: Pick<TestContext, 'after'>, ...names: readonly string[]): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const name of names) {
    const file = path.join(folder, name);
    await mkdir(name.endsWith('/') ? file : path.dirname(file), { recursive: true });
    if (!name.endsWith('/')) await writeFile(file, '');
  }
  return folder;
}

async function listWith(t: Pick<TestContext, 'after'>, text: string, name = 'list.csv'): Promise<string> {
  const file = path.join(await temporaryFolder(t), name);
  await writeFile(file, text);
  return file;
}

const labelsOf = ({ classes }: Dataset) => classes.map(({ label }) => label);
const picturesOf = ({ classes, pictures }: Dataset) => pictures.map(({ name, label }) => [name, classes[label]?.label]);

async function readText(t: Pick<TestContext, 'after'>, text: string, name?: string, options?: ReadOptions) {
  return readDataset(await listWith(t, text, name), options);
}

describe('a folder of folders', () => {
  test('has a class for each folder, and what is further down belongs to it', async (t) => {
    const folder = await folderWith(t, 'bee/2.JPG', 'ant/1.jpg', 'ant/small/red/3.webp');
    const dataset = await readDataset(folder);
    assert.deepEqual(labelsOf(dataset), ['ant', 'bee']);
    assert.deepEqual(picturesOf(dataset), [
      ['ant/1.jpg', 'ant'],
      ['ant/small/red/3.webp', 'ant'],
      ['bee/2.JPG', 'bee'],
    ]);
    assert.equal(dataset.pictures[1]?.path, path.join(folder, 'ant/small/red/3.webp'));
    assert.deepEqual(dataset.others, []);
  });

  test('keeps a class without pictures, which can be left out', async (t) => {
    const dataset = await readDataset(await folderWith(t, 'ant/', 'bee/1.jpg', 'cat/2.jpg'));
    assert.deepEqual(
      [labelsOf(dataset), [...countPictures(dataset)]],
      [
        ['ant', 'bee', 'cat'],
        [0, 1, 1],
      ],
    );
    const learned = withoutEmptyClasses(dataset);
    assert.deepEqual(labelsOf(learned), ['bee', 'cat']);
    assert.deepEqual(picturesOf(learned), picturesOf(dataset));
    assert.equal(withoutEmptyClasses(learned), learned);
  });

  test('names files that are left out, but not hidden ones nor those of the system', async (t) => {
    const dataset = await readDataset(
      await folderWith(
        t,
        '1.jpg',
        'ant/notes.txt',
        'ant/.DS_Store',
        'ant/Thumbs.db',
        '.git/x.jpg',
        '__MACOSX/ant/1.jpg',
      ),
    );
    assert.deepEqual(dataset.others, ['1.jpg', 'ant/notes.txt']);
    assert.deepEqual(labelsOf(dataset), ['ant']);
    assert.throws(() => requirePictures(dataset), appError('DATASET_INVALID', '2 other files'));
  });

  test('follows links to pictures, also missing ones, and to the folder of a class, but to none further down', async (t) => {
    const elsewhere = await folderWith(t, 'bee/1.jpg', '2.jpg');
    const folder = await folderWith(t, 'ant/', 'ant/deep/');
    await symlink(path.join(elsewhere, 'bee'), path.join(folder, 'bee'));
    await symlink(path.join(elsewhere, '2.jpg'), path.join(folder, 'ant/2.jpg'));
    await symlink(folder, path.join(folder, 'ant/deep/again'));
    await symlink(path.join(elsewhere, 'gone.jpg'), path.join(folder, 'ant/gone.jpg'));
    const dataset = await readDataset(folder);
    assert.deepEqual(picturesOf(dataset), [
      ['ant/2.jpg', 'ant'],
      ['ant/gone.jpg', 'ant'],
      ['bee/1.jpg', 'bee'],
    ]);
    assert.deepEqual(dataset.others, ['ant/deep/again']);
  });

  test('has labels letter by letter: Chinese, emoji, both kinds of é', async (t) => {
    const labels = ['蚂蚁', '🐝 Biene', 'é', 'e\u0301', 'Ant', 'ant'];
    const dataset = await readDataset(await folderWith(t, ...labels.map((label) => `${label}/1.jpg`)));
    assert.deepEqual(labelsOf(dataset), labels.toSorted());
  });

  test('gets Chinese names from labels, which may have classes without pictures', async (t) => {
    const labels = [
      { en: 'bee', zh: '蜜蜂' },
      { en: 'wasp', zh: '黄蜂' },
    ];
    const dataset = await readDataset(await folderWith(t, 'ant/1.jpg', 'bee/1.jpg'), { labels });
    assert.deepEqual(dataset.classes, [
      { label: 'ant', zh: 'ant' },
      { label: 'bee', zh: '蜜蜂' },
      { label: 'wasp', zh: '黄蜂', onlyNamed: true },
    ]);
  });

  test('with 5,000 classes and 50,000 pictures is read within seconds', async (t) => {
    const folder = await temporaryFolder(t);
    const list = path.join(folder, 'many.jsonl');
    const line = (_: unknown, i: number) => JSON.stringify({ path: `p/${i}.jpg`, label: `class ${i % 5000}` });
    await writeFile(list, Array.from({ length: 50_000 }, line).join('\n'));
    const begun = performance.now();
    const { classes, pictures } = await readDataset(list);
    assert.deepEqual([classes.length, pictures.length], [5000, 50_000]);
    assert.ok(performance.now() - begun < 20_000);
  });
});

describe('a list', () => {
  test('in CSV has a path and a label on each line, with a byte order mark, CRLF and quotes or without', async (t) => {
    const expected = [
      ['a.jpg', 'ant'],
      ['b, c.jpg', 'bee "x"'],
    ];
    assert.deepEqual(picturesOf(await readText(t, 'a.jpg,ant\n"b, c.jpg","bee ""x"""\n')), expected);
    assert.deepEqual(picturesOf(await readText(t, '\ufeffa.jpg,ant\r\n"b, c.jpg","bee ""x"""\r\n')), expected);
  });

  test('in CSV may have names for its columns, in any order and beside others', async (t) => {
    const dataset = await readText(t, 'Label,width,File\r\nant,640,a.jpg\r\n');
    assert.deepEqual(picturesOf(dataset), [['a.jpg', 'ant']]);
  });

  test('in JSONL has an object on each line, as the lists of "kaiyan dataset split" and the answers of "classify"', async (t) => {
    const text = '\ufeff{"path":"a.jpg","label":"蚂蚁/🐜"}\r\n\n{"file":"b.jpg","label":"bee","more":[1]}\n';
    const dataset = await readText(t, text, 'list.JSONL');
    assert.deepEqual(picturesOf(dataset), [
      ['a.jpg', '蚂蚁/🐜'],
      ['b.jpg', 'bee'],
    ]);
  });

  test('has paths as seen from its folder, or absolute ones; whether there is a file is not asked', async (t) => {
    const list = await listWith(t, 'sub/../a.jpg,ant\n/elsewhere/b.jpg,bee\n');
    const folder = path.dirname(list);
    const { pictures } = await readDataset(list);
    assert.deepEqual(
      new Map(pictures.map(({ name, path: file }) => [name, file])),
      new Map([
        ['a.jpg', path.join(folder, 'a.jpg')],
        [path.relative(folder, '/elsewhere/b.jpg'), '/elsewhere/b.jpg'],
      ]),
    );
  });

  test('may begin with a file that is not called as a picture, if it is there', async (t) => {
    const list = await listWith(t, 'file,klass\nb.jpg,bee\n');
    await writeFile(path.join(path.dirname(list), 'file'), '');
    assert.deepEqual(picturesOf(await readDataset(list)), [
      ['b.jpg', 'bee'],
      ['file', 'klass'],
    ]);
  });

  test('that names a picture twice has it twice, also with two labels', async (t) => {
    const dataset = await readText(t, 'a.jpg,ant\na.jpg,bee\na.jpg,bee\n');
    assert.deepEqual(
      picturesOf(dataset).map(([name]) => name),
      ['a.jpg', 'a.jpg', 'a.jpg'],
    );
    assert.deepEqual([...countPictures(dataset)], [1, 2]);
  });

  test('calls files that go by their hash what they were called before, with the path only where that is not enough', async (t) => {
    const lines = ['cup.jpg', 'cup.jpg', 'cat.jpg', '', '"><img src=x>', undefined].map((name, i) => {
      const file = `pictures/${`${i}`.repeat(64)}.jpg`;
      return `${JSON.stringify({ path: file, label: 'a', name })}\n`;
    });
    const others = [
      { path: 'own.jpg', label: 'a', name: 'dog' },
      { path: `pictures/${'9'.repeat(64)}.jpg`, label: 'a', name: 'own.jpg' },
      { path: `pictures/${'8'.repeat(64)}.jpg`, label: 'a', name: 3 },
    ].map((line) => `${JSON.stringify(line)}\n`);
    const dataset = await readText(t, [...lines, ...others].join(''), 'pictures.jsonl', { title: 'cups' });
    const short = picturesOf(dataset).map(([name]) => `${name}`.replaceAll(/(\d)\1{63}/g, '$1…'));
    assert.deepEqual(
      new Set(short),
      new Set([
        ...['cup.jpg (pictures/0….jpg)', 'cup.jpg (pictures/1….jpg)', 'cat.jpg', '"><img src=x>'],
        ...['pictures/3….jpg', 'pictures/5….jpg', 'pictures/8….jpg', 'own.jpg', 'own.jpg (pictures/9….jpg)'],
      ]),
    );
    assert.equal(dataset.title, 'cups');
    const named = { title: 'cups', labels: [{ en: ' ', zh: ' ' }] };
    await assert.rejects(readText(t, 'a.jpg,ant\n', 'l.csv', named), appError('DATASET_INVALID', 'in cups, but'));
  });

  for (const [what, name, text, line, found] of [
    ['a line without a label', 'list.csv', 'a.jpg,ant\nb.jpg\n', 2, 'one cell'],
    ['an empty label', 'list.csv', 'path,label\n\na.jpg,\n', 3, 'no label'],
    ['an empty path', 'list.csv', '"",ant\n', 1, 'no path'],
    ['names of columns that are not known', 'list.csv', 'file,klass\na.jpg,ant\n', 1, 'found file,klass, and no file'],
    ['what is no JSON', 'list.jsonl', '{"path":"a.jpg","label":"ant"}\nb.jpg,bee\n', 2, 'b.jpg,bee'],
    ['a label that is no text', 'list.jsonl', '{"path":"a.jpg","label":3}\n', 1, '"label":3'],
  ] as const) {
    test(`with ${what} is refused by its line`, async (t) => {
      const list = await listWith(t, text, name);
      await assert.rejects(readDataset(list), (error: Error) => {
        assert.ok(appError('DATASET_INVALID', `line ${line} of ${list}`)(error));
        assert.ok(error.message.includes(found), error.message);
        return true;
      });
    });
  }
});

describe('a data set is refused', () => {
  test('that is not there, or is another file', async (t) => {
    await assert.rejects(readDataset('/no/such/folder'), appError('FILE_UNREADABLE'));
    await assert.rejects(readText(t, 'a.jpg,ant', 'list.txt'), appError('DATASET_INVALID', '.jsonl'));
  });

  test('with a label of more than 500 characters, but not of 500 emoji', async (t) => {
    const longest = '🐝'.repeat(500);
    assert.deepEqual(labelsOf(await readText(t, `a.jpg,${longest}\n`)), [longest]);
    await assert.rejects(readText(t, `a.jpg,${longest}!\n`), appError('DATASET_INVALID', '1 to 500 characters'));
  });

  test('without pictures, where some are needed', async (t) => {
    const dataset = await readText(t, 'path,label\n');
    assert.throws(() => requirePictures(dataset), appError('DATASET_INVALID', 'found none'));
  });
});
