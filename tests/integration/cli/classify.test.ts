import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { customBundle, ownLabels } from '../../support/bundles.js';
import { encode, gradient } from '../../support/drawings.js';
import { temporaryFolder } from '../../support/folders.js';
import { examples } from '../../support/paths.js';
import { jsonLines, kaiyan, startKaiyan } from '../../support/run-command.js';
import { until, within } from '../../support/timing.js';

const [alps, cat, coffee] = ['alps.jpg', 'chelsea.png', 'coffee.png'].map((name) => path.join(examples, name)) as [
  string,
  string,
  string,
];

/** A folder with two pictures, one of them under a wrong name, what is no picture, a broken picture, and a folder inside. */
async function album(t: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await temporaryFolder(t);
  await copyFile(cat, path.join(folder, 'a cat.png'));
  await copyFile(coffee, path.join(folder, 'coffee.txt'));
  await writeFile(path.join(folder, 'broken.jpg'), (await readFile(alps)).subarray(0, 9000));
  await writeFile(path.join(folder, 'notes.txt'), 'not a picture');
  await writeFile(path.join(folder, 'nothing.jpg'), '');
  await mkdir(path.join(folder, 'more/deeper'), { recursive: true });
  await copyFile(alps, path.join(folder, 'more/deeper/alps'));
  return folder;
}

describe('kaiyan classify', () => {
  test('--json gives a line a picture, in the order given, in the shape of the documentation', async () => {
    const { status, stdout, stderr } = await kaiyan(['classify', '--json', '--precision', 'int8', coffee, cat]);
    assert.deepEqual([status, stderr], [0, '']);
    const lines = jsonLines(stdout);
    assert.deepEqual(
      lines.map(({ file }) => file),
      [coffee, cat],
    );
    for (const line of lines)
      assert.deepEqual(Object.keys(line), ['file', 'model', 'predictions', 'answer', 'categories', 'flags', 'timing']);
    const [, second] = lines as [unknown, { model: object; answer: { group: string }; predictions: object[] }];
    assert.deepEqual(second.model, {
      name: 'efficientnet-lite0',
      version: '1',
      precision: 'int8',
      digest: '7dfaaf447a93',
    });
    assert.equal(second.answer.group, 'cat');
    assert.equal(second.predictions.length, 3);
  });

  test('names one picture in a sentence and a table, in either language', async () => {
    const english = await kaiyan(['classify', cat]);
    assert.match(english.stdout, /chelsea\.png: cat \d+\.\d %/);
    assert.match(english.stdout, /efficientnet-lite0/);
    const chinese = await kaiyan(['classify', '--lang', 'zh', '--top', '5', cat]);
    assert.match(chinese.stdout, /chelsea\.png: 猫 \d+\.\d%，可能是.+ \d+\.\d%\n/);
    assert.match(chinese.stdout, /埃及猫|虎斑猫/);
    assert.doesNotMatch(chinese.stdout, / %/);
  });

  test('reports a bad file, goes on with the rest, and exits with 1', async (t) => {
    const folder = await album(t);
    const { status, stdout, stderr } = await kaiyan([
      'classify',
      path.join(folder, 'broken.jpg'),
      '/no/such.jpg',
      path.join(folder, 'notes.txt'),
      cat,
    ]);
    assert.equal(status, 1);
    assert.match(stdout, /^\S*chelsea\.png: cat/m);
    for (const code of ['IMAGE_CORRUPT', 'FILE_UNREADABLE', 'IMAGE_UNSUPPORTED'])
      assert.match(stderr, new RegExp(code));
    assert.doesNotMatch(stderr, /INTERNAL|at .*\.js:/);
  });

  test('with --json reports a bad file as a line of its own', async (t) => {
    const folder = await album(t);
    const broken = path.join(folder, 'broken.jpg');
    const { status, stdout } = await kaiyan(['classify', '--json', broken, cat, '/no/such.jpg']);
    assert.equal(status, 1);
    const [first, second, third] = jsonLines(stdout);
    assert.deepEqual(Object.keys(first as object), ['file', 'error', 'code']);
    assert.deepEqual([first?.file, first?.code], [broken, 'IMAGE_CORRUPT']);
    assert.equal(second?.file, cat);
    assert.equal(third?.code, 'FILE_UNREADABLE');
  });

  test('takes the pictures of a folder by their content, whatever their names, and skips what is none', async (t) => {
    const folder = await album(t);
    const { status, stdout } = await kaiyan(['classify', '--json', folder]);
    const lines = jsonLines(stdout);
    assert.deepEqual(
      lines.map(({ file, code }) => [path.relative(folder, file as string), code]),
      [
        ['a cat.png', undefined],
        ['broken.jpg', 'IMAGE_CORRUPT'],
        ['coffee.txt', undefined],
      ],
    );
    assert.equal(status, 1, 'one of them is broken');
  });

  test('takes the folders inside with --recursive, and names files by the folder as it was given', async (t) => {
    const folder = await album(t);
    const { stdout } = await kaiyan(['classify', '--json', '--recursive', path.basename(folder)], {
      cwd: path.dirname(folder),
    });
    const files = jsonLines(stdout).map(({ file }) => file);
    assert.deepEqual(
      files.sort(),
      ['a cat.png', 'broken.jpg', 'coffee.txt', 'more/deeper/alps'].map((name) =>
        path.join(path.basename(folder), name),
      ),
    );
  });

  test('does not run in circles where a link leads back', async (t) => {
    const folder = await temporaryFolder(t);
    await copyFile(cat, path.join(folder, 'cat.png'));
    await symlink(folder, path.join(folder, 'again'));
    const { status, stdout } = await within(20_000, 'an answer', kaiyan(['classify', '--json', '--recursive', folder]));
    assert.deepEqual([status, jsonLines(stdout).length], [0, 1]);
  });

  test('searches folders while it answers, so that the first answers need not wait for the last folder', async (t) => {
    const folder = await temporaryFolder(t);
    await mkdir(path.join(folder, 'first'));
    await mkdir(path.join(folder, 'second'));
    for (let i = 0; i < 60; i++) await symlink(coffee, path.join(folder, 'first', `${i}`));
    const { child, result } = startKaiyan(['classify', '--json', '--recursive', folder]);
    const late = path.join(folder, 'second/late');
    child.stdout.once('data', () => symlink(cat, late));
    const files = jsonLines((await within(20_000, 'the end', result)).stdout).map(({ file }) => file);
    assert.deepEqual([files.length, files.at(-1)], [61, late]);
  });

  test('reports a folder that cannot be read as a line of its own, and goes on', {
    skip: process.platform === 'win32' && 'needs permissions of POSIX',
  }, async (t) => {
    const folder = await temporaryFolder(t);
    await chmod(folder, 0o755);
    for (const name of ['closed', 'open']) await mkdir(path.join(folder, name));
    await chmod(path.join(folder, 'closed'), 0);
    await copyFile(cat, path.join(folder, 'open/cat.png'));
    // Root may read everything.
    const user = process.getuid?.() === 0 ? 65_534 : undefined;
    const { status, stdout } = await kaiyan(['classify', '--json', '--recursive', folder, '/no/such'], { user });
    assert.deepEqual(
      jsonLines(stdout).map(({ file, code }) => [file, code]),
      [
        [path.join(folder, 'closed'), 'FILE_UNREADABLE'],
        [path.join(folder, 'open/cat.png'), undefined],
        ['/no/such', 'FILE_UNREADABLE'],
      ],
    );
    assert.equal(status, 1);
  });

  test('skips what is no picture without an error, and an empty folder has no answers', async (t) => {
    const folder = await temporaryFolder(t);
    assert.deepEqual([(await kaiyan(['classify', folder])).status], [0]);
    await writeFile(path.join(folder, 'notes.txt'), 'not a picture');
    const { status, stdout, stderr } = await kaiyan(['classify', '--json', folder]);
    assert.deepEqual([status, stdout], [0, '']);
    assert.match(stderr, /1 other file/);
  });

  test('reads one picture from standard input', async () => {
    const { status, stdout } = await kaiyan(['classify', '--json', '-'], { input: await readFile(cat) });
    assert.equal(status, 0);
    assert.equal(jsonLines(stdout)[0]?.file, '-');
    const empty = await kaiyan(['classify', '-'], { input: new Uint8Array(0) });
    assert.equal(empty.status, 1);
    assert.match(empty.stderr, /IMAGE_EMPTY/);
  });

  test('reads no more from an endless standard input than a picture may have', async () => {
    const { child, result } = startKaiyan(['classify', '-']);
    const block = Buffer.alloc(1 << 20, 0xff);
    let written = 0;
    const feed = () => {
      while (written < 200 * block.length && child.stdin.writable && child.stdin.write(block)) written += block.length;
    };
    child.stdin.on('drain', feed);
    feed();
    let ended = false;
    result.then(() => {
      ended = true;
    });
    await until('200 MB are written, or the command ends', () => ended || written >= 200 * block.length, 20_000);
    if (!ended) child.kill('SIGKILL');
    const { status, stderr } = await result;
    assert.ok(ended, `it read ${written} bytes and wanted more`);
    assert.equal(status, 1);
    assert.match(stderr, /IMAGE_TOO_LARGE/);
  });

  test('does not read a file over the limit', async (t) => {
    const folder = await temporaryFolder(t);
    const file = path.join(folder, 'large.png');
    await writeFile(file, await encode(gradient(400, 300), 'PNG'));
    const { status, stdout } = await kaiyan(['classify', '--json', '--max-bytes', '1000', file]);
    assert.equal(status, 1);
    assert.equal(jsonLines(stdout)[0]?.code, 'IMAGE_TOO_LARGE');
  });

  test('reads no more of a device than a picture may have', {
    skip: process.platform === 'win32' && 'needs /dev/zero',
  }, async () => {
    const { child, result } = startKaiyan(['classify', '--json', '--max-bytes', '1000', '/dev/zero']);
    const { status, stdout } = await within(10_000, 'the end', result).finally(() => child.kill('SIGKILL'));
    assert.equal(status, 1);
    assert.equal(jsonLines(stdout)[0]?.code, 'IMAGE_TOO_LARGE');
  });

  test('clamps --top to the classes', async () => {
    const { stdout } = await kaiyan(['classify', '--json', '--top', '5000', cat]);
    const [line] = jsonLines(stdout);
    assert.equal((line?.predictions as unknown[] | undefined)?.length, 1000);
  });

  test('uses the model, the precision and the rules it is told to', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'mine', { labels: ownLabels });
    const own = await kaiyan(['classify', '--json', '--model', 'mine', '--precision', 'fp32', cat], {
      environment: { KAIYAN_HOME: home },
    });
    const [line] = jsonLines(own.stdout) as [
      { model: { name: string; precision: string }; predictions: { label: string }[] },
    ];
    assert.deepEqual([line.model.name, line.model.precision], ['mine', 'fp32']);
    assert.match(line.predictions[0]?.label as string, /^thing \d+$/);
    const rules = JSON.stringify([{ name: 'felines', group: 'cat', minProbability: 0.2 }]);
    const flagged = await kaiyan(['classify', cat], { environment: { KAIYAN_RULES: rules } });
    assert.match(flagged.stdout, /\[flagged: felines/);
  });
});

describe('kaiyan classify used wrongly', () => {
  const mistakes: readonly [what: string, args: string[], says: RegExp][] = [
    ['without a picture', [], /missing required argument/],
    ['with standard input twice', ['-', '-'], /standard input.*USAGE/],
    ['with an unknown flag', ['--fast', cat], /unknown option '--fast'/],
    ['with a flag without its value', [cat, '--top'], /argument missing/],
    ['with a number that is none', ['--top', 'many', cat], /--top.*many/],
    ['with a language it does not speak', ['--lang', 'fr', cat], /--lang/],
    [
      'with an unknown model',
      ['--model', 'resnet18', cat],
      /efficientnet-lite0.*resnet18|resnet18.*efficientnet-lite0/,
    ],
    ['with a precision that the model lacks', ['--model', 'efficientnet-lite2', '--precision', 'fp32', cat], /int8/],
  ];
  for (const [what, args, says] of mistakes) {
    test(`${what} exits with 2 and says why`, async () => {
      const { status, stdout, stderr } = await kaiyan(['classify', ...args]);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, says);
    });
  }
});

describe('leaving kaiyan classify early', () => {
  async function manyPictures(t: Pick<TestContext, 'after'>): Promise<string> {
    const folder = await temporaryFolder(t);
    const bytes = await readFile(alps);
    for (let i = 0; i < 400; i++) await writeFile(path.join(folder, `${String(i).padStart(3, '0')}.jpg`), bytes);
    return folder;
  }

  test('with Ctrl-C exits with 130 after the picture in hand, with whole lines', async (t) => {
    const { child, result } = startKaiyan(['classify', '--json', await manyPictures(t)]);
    child.stdout.once('data', () => child.kill('SIGINT'));
    const { status, signal, stdout } = await within(10_000, 'the end', result);
    assert.deepEqual([status, signal], [130, null]);
    const lines = jsonLines(stdout);
    assert.ok(lines.length > 0 && lines.length < 400);
  });

  test('with Ctrl-C while it starts does not crash', async (t) => {
    const folder = await manyPictures(t);
    for (const delay of [50, 200, 350, 500]) {
      const { child, result } = startKaiyan(['classify', '--json', folder]);
      setTimeout(() => child.kill('SIGINT'), delay);
      const { status, signal } = await within(10_000, 'the end', result);
      assert.ok(status === 130 || signal === 'SIGINT', `${delay} ms: ${status} ${signal}`);
    }
  });

  test('with Ctrl-C while it waits for standard input exits with 130', async () => {
    const running = startKaiyan(['classify', '-']);
    const { child, result } = running;
    await sleep(1500);
    child.kill('SIGINT');
    const outcome = await within(3000, 'the end', result).catch((error: unknown) => error);
    if (outcome instanceof Error) {
      child.kill('SIGKILL');
      throw outcome;
    }
    assert.equal((outcome as { status: number }).status, 130);
  });

  test('with a second Ctrl-C ends at once, even if it waits for a pipe that nobody opens', {
    skip: process.platform === 'win32' && 'needs mkfifo',
  }, async (t) => {
    const pipe = path.join(await temporaryFolder(t), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const { child, result } = startKaiyan(['classify', pipe]);
    t.after(() => child.kill('SIGKILL'));
    for (const delay of [1500, 1500]) {
      await sleep(delay);
      child.kill('SIGINT');
    }
    assert.equal((await within(3000, 'the end', result)).signal, 'SIGINT');
  });
});
