import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { csvCells } from '#kaiyan/jobs/table/csv.js';
import { encode, gradient } from '../../support/drawings.js';
import { smallDisk, temporaryFolder } from '../../support/folders.js';
import { examples } from '../../support/paths.js';
import { withoutMounts, withoutTerminals } from '../../support/requirements.js';
import { jsonLines, kaiyan, startKaiyan, startOnTerminal, startShell } from '../../support/run-command.js';
import { until, within } from '../../support/timing.js';

const coffee = path.join(examples, 'coffee.png');
const alps = path.join(examples, 'alps.jpg');
const PATIENCE_MS = 60_000;

/** A folder for the output, with a folder in it of pictures that are small, so that many take little time. */
async function placeWith(t: Pick<TestContext, 'after'>, count: number) {
  const place = await temporaryFolder(t);
  const pictures = path.join(place, 'pictures');
  await mkdir(pictures);
  const small = path.join(place, 'small.jpg');
  await writeFile(small, await encode(gradient(64, 64), 'JPEG'));
  const names = Array.from({ length: count }, (_, i) => path.join(pictures, `${i}`.padStart(4, '0')));
  for (const name of names) await symlink(small, name);
  return { place, pictures, names, output: path.join(place, 'answers.jsonl') };
}

const filesIn = async (output: string) => jsonLines(await readFile(output, 'utf8')).map(({ file }) => file);
const linesIn = (output: string) =>
  readFile(output, 'utf8').then(
    (text) => text.split('\n').length - 1,
    () => 0,
  );

describe('kaiyan classify --output', () => {
  test('writes what --json writes, and nothing to standard output', async (t) => {
    const { pictures, output } = await placeWith(t, 3);
    await writeFile(path.join(pictures, 'broken.jpg'), (await readFile(alps)).subarray(0, 9000));
    await writeFile(path.join(pictures, 'notes.txt'), 'no picture');
    const toFile = await kaiyan(['classify', '--precision', 'int8', pictures, '--output', output]);
    assert.deepEqual([toFile.status, toFile.stdout], [1, '']);
    assert.match(
      toFile.stderr,
      /broken\.jpg: .*\[IMAGE_CORRUPT\]\n4 pictures in \d+\.\d s \(\d+\/s\), 1 failed\n1 other file skipped/,
    );
    const toStdout = await kaiyan(['classify', '--precision', 'int8', pictures, '--json']);
    // libvips does not always say why a picture is broken when several are decoded at once.
    const stable = (text: string) =>
      jsonLines(text).map(({ timing, error, ...line }) => ({ ...line, timing: typeof timing, error: typeof error }));
    assert.deepEqual(stable(await readFile(output, 'utf8')), stable(toStdout.stdout));
  });

  test('refuses a file that exists with status 2, and leaves it alone', async (t) => {
    const { pictures, output } = await placeWith(t, 1);
    await writeFile(output, 'precious');
    const { status, stderr } = await kaiyan(['classify', pictures, '--output', output]);
    assert.equal(status, 2);
    assert.match(stderr, /answers\.jsonl exists.*--resume.*\[USAGE\]/);
    assert.equal((await kaiyan(['classify', pictures, '--output', output, '--resume'])).status, 2);
    assert.equal(await readFile(output, 'utf8'), 'precious');
  });

  for (const [what, args, says] of [
    ['a name that does not say the format', ['--output', 'answers.txt'], /\.jsonl or \.csv/],
    ['--json too', ['--output', 'answers.csv', '--json'], /--json or --output/],
    ['--resume alone', ['--resume'], /--output FILE/],
  ] as const)
    test(`with ${what} exits with 2 and says why`, async () => {
      const { status, stderr } = await kaiyan(['classify', coffee, ...args]);
      assert.equal(status, 2);
      assert.match(stderr, says);
    });

  test('gives a path one line, also if it is named twice, and identical pictures one each', async (t) => {
    const { pictures, names, output } = await placeWith(t, 3);
    const { stderr } = await kaiyan(['classify', pictures, names[1] as string, pictures, '--output', output]);
    assert.deepEqual(await filesIn(output), names);
    assert.match(stderr, /4 had their line before/);
  });

  test('lists no more than 20 errors at the end, and says how many more there are', async (t) => {
    const { place, output } = await placeWith(t, 0);
    const missing = Array.from({ length: 25 }, (_, i) => path.join(place, `missing-${i}`));
    const { stderr } = await kaiyan(['classify', ...missing, '--output', output]);
    assert.equal(stderr.match(/FILE_UNREADABLE/g)?.length, 20);
    assert.match(stderr, /and 5 more: they are in .*answers\.jsonl\n/);
    assert.deepEqual(await filesIn(output), missing);
  });

  test('is kept from a file that another process writes, which goes on', async (t) => {
    const { pictures, names, output } = await placeWith(t, 300);
    const { result } = startKaiyan(['classify', pictures, '--output', output]);
    await until('the first lines', async () => (await linesIn(output)) > 0, PATIENCE_MS);
    const second = await kaiyan(['classify', pictures, '--output', output, '--resume']);
    assert.equal(second.status, 2);
    assert.match(second.stderr, /another one is writing/);
    assert.equal((await within(PATIENCE_MS, 'the end', result)).status, 0);
    assert.deepEqual(await filesIn(output), names);
  });
});

describe('kaiyan classify --resume', () => {
  test('begins a file that is missing', async (t) => {
    const { pictures, names, output } = await placeWith(t, 2);
    assert.equal((await kaiyan(['classify', pictures, '--output', output, '--resume'])).status, 0);
    assert.deepEqual(await filesIn(output), names);
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const)
    test(`completes what ${signal} interrupted, twice, with one line for each path`, async (t) => {
      const { pictures, names, output } = await placeWith(t, 250);
      for (let i = 0; i < 2; i++) {
        const least = (await linesIn(output)) + 20;
        const { child, result } = startKaiyan(['classify', pictures, '--output', output, '--resume']);
        const early = result.then((end) => Promise.reject(new Error(`it ended before: ${JSON.stringify(end)}`)));
        await Promise.race([early, until('some lines', async () => (await linesIn(output)) >= least, PATIENCE_MS)]);
        early.catch(() => undefined);
        child.kill(signal);
        const { status, stderr } = await within(PATIENCE_MS, 'the end', result);
        if (signal === 'SIGKILL') continue;
        assert.equal(status, signal === 'SIGINT' ? 130 : 143);
        assert.match(stderr, /the same command with --resume goes on/);
      }
      const before = await linesIn(output);
      assert.ok(before < 250, 'it was interrupted');
      const { status, stderr } = await kaiyan(['classify', pictures, '--output', output, '--resume']);
      assert.equal(status, 0);
      assert.match(stderr, new RegExp(`${before} had their line before`));
      assert.deepEqual(await filesIn(output), names);
    });

  test('takes errors that have their line for done, and pictures that came since for new', async (t) => {
    const { pictures, output } = await placeWith(t, 1);
    const broken = path.join(pictures, 'broken.jpg');
    await writeFile(broken, (await readFile(alps)).subarray(0, 9000));
    await kaiyan(['classify', pictures, '--output', output]);
    await copyFile(alps, broken);
    await copyFile(alps, path.join(pictures, '0.jpg'));
    const { status, stderr } = await kaiyan(['classify', pictures, '--output', output, '--resume']);
    assert.equal(status, 0);
    assert.match(stderr, /1 picture in .*2 had their line before/);
    const lines = jsonLines(await readFile(output, 'utf8'));
    assert.deepEqual(
      lines.map(({ code }) => code),
      [undefined, 'IMAGE_CORRUPT', undefined],
    );
  });

  test('knows odd names again in a table', { skip: process.platform === 'win32' && 'has no such names' }, async (t) => {
    const place = await temporaryFolder(t);
    const names = ['=1+1', '-', "'quoted", 'a,"b"', 'two\nlines', '@x', '猫', 'back\r'];
    await mkdir(path.join(place, 'in'));
    for (const name of names) await copyFile(coffee, path.join(place, 'in', name));
    await copyFile(coffee, path.join(place, '=top'));
    const args = ['classify', 'in', '=top', '--output', 'answers.csv', '--resume'];
    await kaiyan(args, { cwd: place });
    const text = await readFile(path.join(place, 'answers.csv'), 'utf8');
    await truncate(path.join(place, 'answers.csv'), Buffer.byteLength(text) - 30);
    const { stderr } = await kaiyan(args, { cwd: place });
    assert.match(stderr, /1 picture in .*8 had their line before/);
    const again = await readFile(path.join(place, 'answers.csv'), 'utf8');
    assert.equal(again, text);
    assert.ok(again.includes("\r\n'=top,"));
    const rows = again.split('\r\n').flatMap((line) => csvCells(`${line}\r\n`)?.[0] ?? []);
    assert.ok(rows.includes('=top') && rows.includes(path.join('in', '-')));
  });

  test('goes on after a disk that was full', { skip: withoutMounts() }, async (t) => {
    const { pictures, names } = await placeWith(t, 150);
    const disk = await smallDisk(t, 1);
    const output = path.join(disk, 'answers.jsonl');
    await writeFile(path.join(disk, 'ballast'), Buffer.alloc(950_000));
    const full = await kaiyan(['classify', pictures, '--output', output]);
    assert.equal(full.status, 1);
    assert.match(full.stderr, /--resume goes on\.\nkaiyan: .*answers\.jsonl: ENOSPC.*\[OUTPUT_UNWRITABLE\]\n$/);
    const kept = await filesIn(output);
    assert.ok(kept.length > 0 && kept.length < 150);
    await truncate(path.join(disk, 'ballast'));
    assert.equal((await kaiyan(['classify', pictures, '--output', output, '--resume'])).status, 0);
    assert.deepEqual(await filesIn(output), names);
  });

  test('goes on where files may not be larger', { skip: process.platform === 'win32' && 'needs ulimit' }, async (t) => {
    const { pictures, names, output } = await placeWith(t, 150);
    const line = `ulimit -f 90; "$kaiyan" classify '${pictures}' --output '${output}'`;
    const { status, stderr } = await startShell(line).result;
    assert.equal(status, 1);
    assert.match(stderr, /\[OUTPUT_UNWRITABLE\]/);
    assert.ok((await filesIn(output)).length > 0, 'whole lines');
    assert.equal((await kaiyan(['classify', pictures, '--output', output, '--resume'])).status, 0);
    assert.deepEqual(await filesIn(output), names);
  });
});

describe('on a terminal', { skip: withoutTerminals() }, () => {
  test('kaiyan classify --output shows how many are done, the pace and the time left', async (t) => {
    const { pictures, output } = await placeWith(t, 200);
    const { result } = startOnTerminal(`"$kaiyan" classify '${pictures}' --output '${output}'`);
    const { status, stdout } = await within(PATIENCE_MS, 'the end', result);
    assert.equal(status, 0);
    assert.match(stdout, /\d % · \d+\/200 pictures · \d+(\.\d)?\/s · (\d+h\d+m|\d+m\d+s|\d+s) left/);
    assert.match(stdout, /200 pictures in \d+\.\d s/);
  });
});
