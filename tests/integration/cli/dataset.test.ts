import assert from 'node:assert/strict';
import { copyFile, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { temporaryFolder } from '../../support/folders.js';
import { examples } from '../../support/paths.js';
import { jsonLines, kaiyan, startKaiyan } from '../../support/run-command.js';
import { within } from '../../support/timing.js';

const example = (name: string) => path.join(examples, name);

interface Finding {
  readonly kind: string;
  readonly pictures: readonly string[];
  readonly groups?: readonly (readonly string[])[];
  readonly classes: readonly string[];
  readonly message: string;
  readonly messageZh: string;
}

interface Inspection {
  readonly classes: readonly { readonly label: string; readonly pictures: number }[];
  readonly pictures: number;
  readonly crossValidated: number | null;
  readonly findings: readonly Finding[];
}

/** Two classes with three pictures each, of which one is in both, and another one resized; beside them a class without any. */
async function smallSet(t: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await temporaryFolder(t);
  const [scenes, animals] = [path.join(folder, '风景 🏔'), path.join(folder, 'animals')];
  for (const made of [scenes, path.join(animals, 'more'), path.join(folder, 'nothing')])
    await mkdir(made, { recursive: true });
  await copyFile(example('alps.jpg'), path.join(scenes, 'alps.jpg'));
  await sharp(example('alps.jpg')).resize(300).jpeg({ quality: 60 }).toFile(path.join(scenes, 'small alps.jpg'));
  await copyFile(example('rocket.jpg'), path.join(scenes, 'rocket.jpg'));
  await copyFile(example('rocket.jpg'), path.join(animals, 'rocket.jpg'));
  await copyFile(example('chelsea.png'), path.join(animals, 'cat.png'));
  await copyFile(example('crab.jpg'), path.join(animals, 'more/crab.jpg'));
  return folder;
}

describe('kaiyan dataset check', () => {
  test('tells what is odd, what to do, and exits with 0', async (t) => {
    const folder = await smallSet(t);
    await writeFile(path.join(folder, 'animals/empty.jpg'), '');
    await writeFile(path.join(folder, 'animals/notes.txt'), 'x');
    const home = await temporaryFolder(t);
    const { status, stdout, stderr } = await kaiyan(['dataset', 'check', folder, '--home', home]);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^6 pictures of 2 classes\. .*names [\d.]+ % right\.\n/);
    assert.match(stdout, /^1 file cannot be read.*1 empty.*\n {2}animals\/empty\.jpg$/m);
    assert.match(stdout, /^ {2}animals\/notes\.txt$/m);
    assert.match(stdout, /no picture that can be read.*: nothing\./);
    assert.match(stdout, /fewer than 10 pictures: animals \(3\), 风景 🏔 \(3\)/);
    assert.match(stdout, /different labels.*\n {2}animals\/rocket\.jpg = 风景 🏔\/rocket\.jpg$/m);
    assert.match(stdout, /nearly the same.*\n {2}风景 🏔\/alps\.jpg = 风景 🏔\/small alps\.jpg$/m);
    assert.match(stdout, /Nothing was changed, and you can train all the same\..*\n$/);
    assert.equal((await readdir(path.join(folder, 'animals'))).length, 5, 'the folder is as it was');

    const json = await kaiyan(['dataset', 'check', folder, '--home', home, '--json']);
    assert.deepEqual([json.status, json.stderr], [0, '']);
    const { findings, ...rest } = JSON.parse(json.stdout) as Inspection;
    assert.deepEqual(
      { ...rest, crossValidated: typeof rest.crossValidated },
      {
        classes: [
          { label: 'animals', pictures: 3 },
          { label: 'nothing', pictures: 0 },
          { label: '风景 🏔', pictures: 3 },
        ],
        pictures: 6,
        crossValidated: 'number',
      },
    );
    assert.deepEqual(findings.map(({ kind }) => kind).slice(0, 6), [
      'unreadable',
      'other-files',
      'empty-class',
      'few-pictures',
      'exact-duplicates',
      'near-duplicates',
    ]);
    for (const { message, messageZh } of findings) assert.ok(message.length > 20 && /[一-龥]/.test(messageZh));
  });

  test('lists the first 20 pictures of a finding, or all', async (t) => {
    const folder = await smallSet(t);
    for (let i = 0; i < 23; i++) await writeFile(path.join(folder, `animals/${i}.jpg`), '');
    const home = await temporaryFolder(t);
    const run = async (...args: string[]) =>
      (await kaiyan(['dataset', 'check', folder, '--home', home, ...args])).stdout;
    const some = await run();
    assert.equal(some.match(/^ {2}animals\/\d+\.jpg$/gm)?.length, 20);
    assert.match(some, /and 3 more; --all lists them/);
    const all = await run('--all');
    assert.equal(all.match(/^ {2}animals\/\d+\.jpg$/gm)?.length, 23);
  });

  test('looks over one class too, though nothing can be learned of it', async (t) => {
    const folder = await temporaryFolder(t);
    await mkdir(path.join(folder, 'cat'));
    await copyFile(example('chelsea.png'), path.join(folder, 'cat/a.png'));
    const { status, stdout } = await kaiyan(['dataset', 'check', folder, '--home', await temporaryFolder(t)]);
    assert.equal(status, 0);
    assert.match(stdout, /^1 picture of 1 class\.\n/);
    assert.match(
      stdout,
      /cannot be trained with: it takes pictures of two classes or more, and there are only those of cat\./,
    );
    await writeFile(path.join(folder, 'gone.csv'), 'path,label\na.jpg,ant\nb.jpg,bee\n');
    const gone = await kaiyan(['dataset', 'check', path.join(folder, 'gone.csv'), '--home', await temporaryFolder(t)]);
    assert.equal(gone.status, 0, gone.stderr);
    assert.match(gone.stdout, /^0 pictures of 0 classes\.\n/);
    assert.match(
      gone.stdout,
      /cannot be trained with: it takes pictures of two classes or more, and none can be read\./,
    );
    for (const text of [stdout, gone.stdout]) assert.doesNotMatch(text, /train all the same|Train with it/);
  });

  for (const [what, args, expected, says] of [
    ['a folder that is not there', ['check', '/no/such'], 1, /FILE_UNREADABLE/],
    ['a folder without classes', ['check', examples], 1, /found none in the folder of a class.*DATASET_INVALID/],
    [
      'a model without FP32',
      ['check', path.dirname(examples), '--model', 'efficientnet-lite2'],
      2,
      /Name another one: eff/,
    ],
    ['a model that is not there', ['check', path.dirname(examples), '--model', 'x'], 2, /MODEL_NOT_FOUND/],
    ['a seed that is no number', ['check', examples, '--seed', 'x'], 2, /whole number/],
    ['no folder to write to', ['split', examples], 2, /--output/],
    ['a share that is too large', ['split', examples, '-o', 'x', '--validation', '1'], 2, /from 0 to 0\.9/],
    ['shares that leave nothing', ['split', examples, '-o', 'x', '--validation', '.5', '--test', '.5'], 2, /leave/],
    ['two ways to write', ['split', examples, '-o', 'x', '--copy', '--link'], 2, /cannot be used with/],
    ['an output within the source', ['split', examples, '-o', path.join(examples, 'x')], 2, /outside of.*USAGE/],
    ['an output that is in use', ['split', examples, '-o', path.dirname(examples)], 1, /FOLDER_NOT_EMPTY/],
  ] as const) {
    test(`${what} makes it exit with ${expected} and say why`, async () => {
      const { status, stdout, stderr } = await kaiyan(['dataset', ...args]);
      assert.deepEqual([status, stdout], [expected, ''], stderr);
      assert.match(stderr, says);
    });
  }

  test('Ctrl-C ends it with 130 and without half a result', async (t) => {
    const folder = await smallSet(t);
    const split = path.join(await temporaryFolder(t), 'split');
    for (let i = 0; i < 2000; i++) await symlink(example('coffee.png'), path.join(folder, `animals/${i}.png`));
    for (const args of [
      ['check', folder, '--home', await temporaryFolder(t)],
      ['split', folder, '-o', split],
    ]) {
      const { child, result } = startKaiyan(['dataset', ...args]);
      setTimeout(() => child.kill('SIGINT'), 1500);
      const { status, signal, stdout } = await within(60_000, 'the end', result);
      assert.ok(status === 130 || signal === 'SIGINT', `${args[0]}: ${status} ${signal}`);
      assert.equal(stdout, '');
    }
    await assert.rejects(stat(split));
  });
});

describe('kaiyan dataset split', () => {
  const lists = ['train.jsonl', 'validation.jsonl', 'test.jsonl'] as const;
  let drawings: readonly Buffer[];

  before(async () => {
    // Each shows a rectangle of another size and colour.
    drawings = await Promise.all(
      Array.from({ length: 24 }, (_, i) => {
        const background = { r: (i * 37) % 256, g: (i * 91) % 256, b: (i * 151) % 256 };
        const input = { create: { width: 10 + i * 3, height: 90 - i * 3, channels: 3 as const, background: 'white' } };
        return sharp({ create: { width: 100, height: 100, channels: 3, background } })
          .composite([{ input, left: i, top: 2 }])
          .png()
          .toBuffer();
      }),
    );
  });

  /** Twelve of each of two classes, the first of which is there a second time, as a JPEG of half its size. */
  async function twoClasses(t: Pick<TestContext, 'after'>): Promise<string> {
    const folder = await temporaryFolder(t);
    for (const label of ['蚂蚁', 'bee']) await mkdir(path.join(folder, label));
    for (const [i, drawing] of drawings.entries())
      await writeFile(path.join(folder, i < 12 ? '蚂蚁' : 'bee', `${i}.png`), drawing);
    await sharp(drawings[0]).resize(50).jpeg().toFile(path.join(folder, '蚂蚁/copy of 0.jpg'));
    return folder;
  }

  interface Line {
    readonly path: string;
    readonly label: string;
  }
  const readList = async (folder: string, name: string) =>
    jsonLines(await readFile(path.join(folder, name), 'utf8')) as unknown as Line[];

  test('says which classes are parted although they have nothing but copies, and which are not in every part', async (t) => {
    const source = await twoClasses(t);
    await mkdir(path.join(source, 'mug'));
    for (let i = 0; i < 5; i++) await copyFile(example('coffee.png'), path.join(source, `mug/${i}.png`));
    await mkdir(path.join(source, 'crab'));
    await copyFile(example('crab.jpg'), path.join(source, 'crab/1.jpg'));
    await writeFile(path.join(source, 'notes.txt'), '');
    const split = async (...more: readonly string[]) => {
      const output = path.join(await temporaryFolder(t), 'split');
      return (await kaiyan(['dataset', 'split', source, '-o', output, ...more])).stdout;
    };
    const words = await split();
    assert.match(words, /^But these classes have nothing but copies .*: mug\. .*too good\.$/m);
    assert.match(words, /^These classes are not in every part.*: crab\.$/m);
    assert.match(words, /^1 file is left out: .* names it\.$/m);
    const { onlyCopies, notInAll } = JSON.parse(await split('--json'));
    assert.deepEqual([onlyCopies, notInAll], [['mug'], ['crab']]);
  });

  test('writes lists, of each class its share, and copies on one side', async (t) => {
    const source = await twoClasses(t);
    const output = path.join(await temporaryFolder(t), 'split');
    const { status, stdout, stderr } = await kaiyan(['dataset', 'split', source, '-o', output, '--test', '0.2']);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^PART +PICTURES +CLASSES +WRITTEN TO\ntrain +15 +2 +\S+train\.jsonl\n/);
    assert.match(stdout, /^2 pictures are copies/m);
    const [train, validation, tested] = (await Promise.all(lists.map((name) => readList(output, name)))) as [
      Line[],
      Line[],
      Line[],
    ];
    assert.deepEqual([train.length, validation.length, tested.length], [15, 5, 5]);
    for (const part of [validation, tested]) {
      const bees = part.filter(({ label }) => label === 'bee').length;
      assert.ok(bees === 2 || bees === 3, `${bees} bees`);
    }
    const everything = [...train, ...validation, ...tested];
    assert.equal(new Set(everything.map((line) => line.path)).size, 25);
    for (const { path: file, label } of everything) {
      const real = path.join(output, file);
      assert.ok((await lstat(real)).isFile());
      assert.equal(path.basename(path.dirname(real)), label);
    }
    const isCopy = ({ path: file }: Line) => /\/(copy of )?0\.\w+$/.test(file);
    assert.ok(
      [train, validation, tested].some((part) => part.filter(isCopy).length === 2),
      'copies are parted',
    );

    const again = path.join(path.dirname(output), 'again');
    await kaiyan(['dataset', 'split', source, '-o', again, '--test', '0.2']);
    assert.deepEqual(await readList(again, 'train.jsonl'), train);
    const other = path.join(path.dirname(output), 'other');
    await kaiyan(['dataset', 'split', source, '-o', other, '--test', '0.2', '--seed', '1']);
    assert.notDeepEqual(await readList(other, 'train.jsonl'), train);
  });

  test('copies or links pictures into folders that are data sets, and leaves the originals', async (t) => {
    const source = await twoClasses(t);
    await mkdir(path.join(source, 'bee/deep'));
    await writeFile(path.join(source, 'bee/deep/12.png'), await readFile(example('coffee.png')));
    for (const how of ['--copy', '--link']) {
      const output = path.join(await temporaryFolder(t), 'split');
      const { status, stdout } = await kaiyan(['dataset', 'split', source, '-o', output, how, '--json']);
      assert.equal(status, 0);
      const { parts, copies } = JSON.parse(stdout) as { parts: { part: string; pictures: number }[]; copies: number };
      assert.deepEqual(
        parts.map(({ part, pictures }) => [part, pictures]),
        [
          ['train', 21],
          ['validation', 5],
        ],
      );
      assert.equal(copies, 2);
      const placed = (await readdir(output, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
      assert.equal(placed.length, 26, 'both pictures that are called 12.png are there');
      assert.deepEqual((await readdir(path.join(output, 'train'))).sort(), ['bee', '蚂蚁']);
      const first = path.join(placed[0]?.parentPath ?? '', placed[0]?.name ?? '');
      assert.equal((await stat(first)).nlink, how === '--link' ? 2 : 1);
    }
    assert.equal((await readdir(path.join(source, '蚂蚁'))).length, 13);
  });

  test('does not copy into folders that labels cannot name, and writes a list of them instead', async (t) => {
    const folder = await temporaryFolder(t);
    const rows = drawings.map((_, i) => `${i}.png,${i % 2 ? '../up' : 'a/b'}\n`);
    for (const [i, drawing] of drawings.entries()) await writeFile(path.join(folder, `${i}.png`), drawing);
    await writeFile(path.join(folder, 'list.csv'), rows.join(''));
    const split = (...args: string[]) => kaiyan(['dataset', 'split', path.join(folder, 'list.csv'), ...args]);
    const refused = await split('-o', path.join(folder, 'folders'), '--copy');
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /"(a\/b|\.\.\/up)".*USAGE/);
    assert.equal((await split('-o', path.join(folder, 'lists'))).status, 0);
    const labels = (await readList(path.join(folder, 'lists'), 'train.jsonl')).map(({ label }) => label);
    assert.deepEqual(new Set(labels), new Set(['a/b', '../up']));
  });

  test('reports what cannot be read, leaves it out, and exits with 1', async (t) => {
    const source = await twoClasses(t);
    await writeFile(path.join(source, 'bee/broken.png'), (drawings[0] as Buffer).subarray(0, 60));
    const output = path.join(await temporaryFolder(t), 'split');
    const { status, stderr } = await kaiyan(['dataset', 'split', source, '-o', output]);
    assert.equal(status, 1);
    assert.match(stderr, /^bee\/broken\.png: .*\[IMAGE_CORRUPT\]\n$/);
    assert.equal(
      (await readList(output, 'train.jsonl')).length + (await readList(output, 'validation.jsonl')).length,
      25,
    );
  });
});
