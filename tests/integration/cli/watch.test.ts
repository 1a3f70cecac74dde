import assert from 'node:assert/strict';
import { appendFile, copyFile, mkdir, open, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../../support/folders.js';
import { examples } from '../../support/paths.js';
import { jsonLines, kaiyan, type RunningCommand, startKaiyan, startShell } from '../../support/run-command.js';
import { until, within } from '../../support/timing.js';

const coffee = path.join(examples, 'coffee.png');
const alps = path.join(examples, 'alps.jpg');
const PATIENCE_MS = 60_000;

interface Watching extends RunningCommand {
  readonly output: string;
  /** The names in the folder that have their line, in the order of the lines. */
  readonly names: () => Promise<string[]>;
  /** The status. */
  readonly end: () => Promise<number | null>;
}

/** Watches a folder until the test ends. */
async function watch(t: Pick<TestContext, 'after'>, folder: string, ...args: string[]): Promise<Watching> {
  const output = `${folder}.jsonl`;
  const running = startKaiyan(['watch', folder, '--output', output, ...args]);
  t.after(() => running.child.kill('SIGKILL'));
  await until('it watches', () => running.stderr().includes('Watching'), PATIENCE_MS);
  const names = async () =>
    jsonLines(await readFile(output, 'utf8')).map(({ file }) => path.relative(folder, file as string));
  async function end(): Promise<number | null> {
    running.child.kill('SIGINT');
    return (await within(PATIENCE_MS, 'the end', running.result)).status;
  }
  return { ...running, output, names, end };
}

async function folderIn(t: Pick<TestContext, 'after'>): Promise<string> {
  const folder = path.join(await temporaryFolder(t), 'pictures');
  await mkdir(folder);
  return folder;
}

const answered = (watching: Watching, ...names: string[]) =>
  until(`answers for ${names.join(', ')}`, async () => hasAll(await watching.names(), names), PATIENCE_MS);
const hasAll = (all: readonly string[], names: readonly string[]) => names.every((name) => all.includes(name));

describe('kaiyan watch', () => {
  test('answers what comes, by copy, by rename and through a folder inside, and not what was there', async (t) => {
    const folder = await folderIn(t);
    await copyFile(coffee, path.join(folder, 'old.png'));
    const elsewhere = path.join(path.dirname(folder), 'elsewhere');
    await mkdir(elsewhere);
    for (const name of ['moved.png', 'in.png']) await copyFile(coffee, path.join(elsewhere, name));
    // Old in every respect but for its place.
    await utimes(path.join(elsewhere, 'moved.png'), 1, 1);
    const watching = await watch(t, folder, '--recursive');
    await copyFile(coffee, path.join(folder, 'copied.png'));
    await rename(path.join(elsewhere, 'moved.png'), path.join(folder, 'moved.png'));
    await rename(elsewhere, path.join(folder, 'inside'));
    await writeFile(path.join(folder, 'notes.txt'), 'no picture');
    await copyFile(coffee, path.join(folder, '.hidden.png'));
    const inside = path.join('inside', 'in.png');
    await answered(watching, 'copied.png', 'moved.png', inside);
    await copyFile(coffee, path.join(folder, 'inside', 'later.png'));
    await answered(watching, path.join('inside', 'later.png'));
    assert.equal(await watching.end(), 130);
    assert.deepEqual((await watching.names()).sort(), [
      'copied.png',
      inside,
      path.join('inside', 'later.png'),
      'moved.png',
    ]);
  });

  test('writes answers to standard output as they come, in sentences or as JSON', async (t) => {
    const folder = await folderIn(t);
    for (const [args, says] of [
      [[], /coffee\.png: espresso \d/],
      [['--json'], /^\{"file":".*coffee\.png","model"/],
    ] as const) {
      const { child, stderr } = startKaiyan(['watch', folder, ...args]);
      t.after(() => child.kill('SIGKILL'));
      let stdout = '';
      child.stdout.on('data', (text: string) => {
        stdout += text;
      });
      await until('it watches', () => stderr().includes('Watching'), PATIENCE_MS);
      await copyFile(coffee, path.join(folder, 'coffee.png'));
      await until('the answer', () => stdout.endsWith('\n'), PATIENCE_MS);
      assert.match(stdout, says);
    }
  });

  test('does not answer half a picture, however slowly it comes', async (t) => {
    const folder = await folderIn(t);
    const watching = await watch(t, folder);
    const bytes = await readFile(alps);
    const file = await open(path.join(folder, 'slow.jpg'), 'w');
    // As long as it is empty, too.
    await sleep(2_000);
    const step = Math.ceil(bytes.length / 4);
    // Longer than what counts as settled: the truncated picture gets its time.
    for (let from = 0; from < bytes.length; from += step) {
      await file.write(bytes.subarray(from, from + step));
      await sleep(2_000);
    }
    await file.close();
    await answered(watching, 'slow.jpg');
    await watching.end();
    const lines = jsonLines(await readFile(watching.output, 'utf8'));
    assert.deepEqual(
      lines.map(({ code }) => code),
      [undefined],
    );
  });

  test('tells of a picture that stays broken, and answers it once it is mended', async (t) => {
    const folder = await folderIn(t);
    const watching = await watch(t, folder);
    const file = path.join(folder, 'broken.jpg');
    await writeFile(file, (await readFile(alps)).subarray(0, 9000));
    await writeFile(path.join(folder, 'text.png'), 'not a picture');
    await answered(watching, 'broken.jpg', 'text.png');
    assert.match(watching.stderr(), /broken\.jpg: .*IMAGE_CORRUPT/);
    await copyFile(alps, file);
    await until('the answer', async () => (await watching.names()).length === 3, PATIENCE_MS);
    await watching.end();
    const lines = jsonLines(await readFile(watching.output, 'utf8'));
    assert.deepEqual(
      lines
        .slice(0, 2)
        .map(({ code }) => code)
        .sort(),
      ['IMAGE_CORRUPT', 'IMAGE_UNSUPPORTED'],
    );
    assert.equal(lines[2]?.code, undefined);
  });

  test('finds what the system does not tell of: what a link leads to has changed', {
    skip: process.platform === 'win32' && 'needs the right to make links',
  }, async (t) => {
    const folder = await folderIn(t);
    const target = path.join(path.dirname(folder), 'target');
    await copyFile(coffee, target);
    await symlink(target, path.join(folder, 'link'));
    const watching = await watch(t, folder);
    await copyFile(alps, target);
    await answered(watching, 'link');
    await watching.end();
    assert.match(await readFile(watching.output, 'utf8'), /"answer":\{"level":"class","label":"alp"/);
  });

  test('with --existing begins with what is there, and after a restart with what came in between', async (t) => {
    const folder = await folderIn(t);
    await copyFile(coffee, path.join(folder, 'a.png'));
    const first = await watch(t, folder, '--existing');
    await answered(first, 'a.png');
    first.child.kill('SIGKILL');
    await first.result;
    // Torn by the kill, as it could have been.
    await appendFile(first.output, '{"file":"torn');
    await copyFile(coffee, path.join(folder, 'b.png'));
    const second = await watch(t, folder, '--existing');
    await copyFile(coffee, path.join(folder, 'c.png'));
    await answered(second, 'b.png', 'c.png');
    await second.end();
    assert.deepEqual((await second.names()).sort(), ['a.png', 'b.png', 'c.png']);
  });

  test('leaves out its own output', async (t) => {
    const folder = await folderIn(t);
    const output = path.join(folder, 'answers.jsonl');
    const { child, stderr } = startKaiyan(['watch', folder, '--output', output]);
    t.after(() => child.kill('SIGKILL'));
    await until('it watches', () => stderr().includes('Watching'), PATIENCE_MS);
    await copyFile(coffee, path.join(folder, 'a.png'));
    await until('the answer', async () => (await readFile(output, 'utf8')).endsWith('\n'), PATIENCE_MS);
    assert.equal(jsonLines(await readFile(output, 'utf8')).length, 1);
  });

  test('ends with a sentence when its output cannot grow, without another picture', {
    skip: process.platform === 'win32' && 'needs ulimit',
  }, async (t) => {
    const folder = await folderIn(t);
    const { child, stderr, result } = startShell(
      `ulimit -f 1; exec "$kaiyan" watch '${folder}' --output '${folder}.jsonl'`,
    );
    t.after(() => child.kill('SIGKILL'));
    await until('it watches', () => stderr().includes('Watching'), PATIENCE_MS);
    for (const name of ['1.png', '2.png', '3.png', '4.png']) await copyFile(coffee, path.join(folder, name));
    const { status } = await within(PATIENCE_MS, 'the end', result);
    assert.equal(status, 1);
    assert.match(stderr(), /\[OUTPUT_UNWRITABLE\]/);
  });

  test('ends with a sentence when the folder goes', async (t) => {
    const folder = await folderIn(t);
    const watching = await watch(t, folder);
    await copyFile(coffee, path.join(folder, 'a.png'));
    await answered(watching, 'a.png');
    await rm(folder, { recursive: true });
    const { status, stderr } = await within(PATIENCE_MS, 'the end', watching.result);
    assert.equal(status, 1);
    assert.match(stderr, /pictures, but there is no folder any more.*\[FILE_UNREADABLE\]/);
  });

  test('refuses what is no folder, and a file of others', async (t) => {
    const folder = await folderIn(t);
    assert.match((await kaiyan(['watch', path.join(folder, 'none')])).stderr, /not a folder.*\[FILE_UNREADABLE\]/);
    const output = path.join(folder, 'notes.csv');
    await writeFile(output, 'my,notes\r\n');
    const { status } = await kaiyan(['watch', folder, '--output', output]);
    assert.equal(status, 2);
    assert.equal(await readFile(output, 'utf8'), 'my,notes\r\n');
  });
});
