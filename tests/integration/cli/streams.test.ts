import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { customBundle, ownLabels } from '../../support/bundles.js';
import { temporaryFolder } from '../../support/folders.js';
import { examples } from '../../support/paths.js';
import { withoutTerminals } from '../../support/requirements.js';
import { jsonLines, kaiyan, startKaiyan, startOnTerminal, startShell } from '../../support/run-command.js';
import { until, within } from '../../support/timing.js';

const coffee = path.join(examples, 'coffee.png');
const notOnWindows = { skip: process.platform === 'win32' && 'needs a POSIX shell' };

async function manyPictures(t: Pick<TestContext, 'after'>, count = 100): Promise<string> {
  const folder = await temporaryFolder(t);
  for (let i = 0; i < count; i++) await symlink(coffee, path.join(folder, `${i}`));
  return folder;
}

describe('a reader that closes the pipe', () => {
  test('is no error', async (t) => {
    const { child, result } = startKaiyan(['classify', '--json', await manyPictures(t, 400)]);
    child.stdout.once('data', () => child.stdout.destroy());
    const { status, stderr } = await within(10_000, 'the end', result);
    assert.deepEqual([status, stderr], [0, '']);
  });

  test('does not hide that something had failed before', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'broken', { temperature: 'hot' });
    const { child, result } = startKaiyan(['models', 'list'], { environment: { KAIYAN_HOME: home } });
    child.stdout.destroy();
    const { status, stderr } = await within(10_000, 'the end', result);
    assert.equal(status, 1);
    assert.match(stderr, /^kaiyan: .*MODEL_INVALID\]\n$/);
  });

  test('does not hide that a picture had failed before', async (t) => {
    const { child, result } = startKaiyan(['classify', '--json', '/no/such.jpg', await manyPictures(t, 400)]);
    child.stdout.once('data', () => child.stdout.destroy());
    const { status, stderr } = await within(10_000, 'the end', result);
    assert.deepEqual([status, stderr], [1, '']);
  });
});

describe('results that cannot be written', { skip: process.platform !== 'linux' && 'needs /dev/full' }, () => {
  test('stop kaiyan classify with a sentence and status 1', async (t) => {
    const { child, result } = startShell(`"$kaiyan" classify --json '${await manyPictures(t)}' > /dev/full`);
    child.stdin.end();
    const { status, stderr } = await within(20_000, 'the end', result);
    assert.equal(status, 1);
    assert.match(stderr, /^kaiyan: .*results cannot be written: ENOSPC.*\[OUTPUT_UNWRITABLE\]\n$/);
  });

  for (const args of ['--version', 'config', 'models list', 'doctor --help']) {
    test(`are an error of kaiyan ${args} too`, async () => {
      const { status, stderr } = await startShell(`"$kaiyan" ${args} > /dev/full`).result;
      assert.equal(status, 1);
      assert.match(stderr, /^kaiyan: .*\[OUTPUT_UNWRITABLE\]\n$/);
    });
  }
});

describe('notices that cannot be written', () => {
  test('do not end kaiyan serve', async (t) => {
    const port = await freePort();
    const { child, result } = startKaiyan(['serve', '--port', `${port}`, '--workers', '1', '--precision', 'int8']);
    t.after(() => child.kill('SIGKILL'));
    child.stderr.destroy();
    const health = () => fetch(`http://127.0.0.1:${port}/health`).then(({ status }) => status);
    await until(
      'the service answers',
      () =>
        health()
          .catch(() => 0)
          .then((status) => status === 200),
      20_000,
    );
    await sleep(200);
    assert.equal(await health(), 200);
    child.kill('SIGTERM');
    assert.equal((await within(5000, 'the end', result)).status, 0);
  });

  test('do not stop kaiyan classify', notOnWindows, async () => {
    const line = `"$kaiyan" classify --json /no/such '${coffee}' 2> /dev/full`;
    const { status, stdout } = await startShell(line).result;
    assert.deepEqual([status, jsonLines(stdout).length], [1, 2]);
  });
});

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('on a terminal', { skip: withoutTerminals() }, () => {
  test('an unknown model is an error at once', async (t) => {
    const { child, result } = startOnTerminal(`"$kaiyan" classify --model none '${await manyPictures(t)}' > /dev/null`);
    t.after(() => child.kill('SIGKILL'));
    const { status, stdout } = await within(10_000, 'the end', result);
    assert.equal(status, 2);
    assert.match(stdout, /^kaiyan: .*\[MODEL_NOT_FOUND\]\r\n$/);
  });

  test('lines of JSON have no progress between them', async (t) => {
    const { result } = startOnTerminal(`"$kaiyan" classify --json '${await manyPictures(t)}'`);
    const { stdout } = await result;
    assert.equal(jsonLines(stdout).length, 100);
  });

  test('progress is shown while the results go elsewhere, and errors have lines of their own', async (t) => {
    const [before, after] = [await manyPictures(t), await manyPictures(t)];
    const { result } = startOnTerminal(`"$kaiyan" classify '${before}' /no/such '${after}' > /dev/null`);
    const { status, stdout } = await result;
    assert.equal(status, 1);
    assert.match(stdout, /\d+\/201 pictures/);
    const clearLine = '\x1b[2K';
    assert.ok(stdout.includes(`${clearLine}/no/such: `));
  });

  test('a disk that is full in the middle is reported after the progress', async (t) => {
    const [pictures, elsewhere] = [await manyPictures(t, 200), await temporaryFolder(t)];
    // Between 45 and 90 kilobytes, as shells differ; an answer has more than half a kilobyte.
    const line = `ulimit -f 90; "$kaiyan" classify --json '${pictures}' > '${elsewhere}/answers'`;
    const { status, stdout } = await startOnTerminal(line).result;
    assert.equal(status, 1);
    assert.match(stdout, /\d pictures/);
    assert.match(stdout, /kaiyan: [^\n]*\[OUTPUT_UNWRITABLE\]\r\n$/);
  });
});

describe('control characters', notOnWindows, () => {
  const name = 'a\x1b[31m\n\x07\x7f\x9b\u202egnp\u2066.png';
  const shown = 'a\\x1b[31m\\x0a\\x07\\x7f\\x9b\\u202egnp\\u2066.png';
  const raw = /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/u;

  async function withOddNames(t: Pick<TestContext, 'after'>): Promise<string> {
    const folder = await temporaryFolder(t);
    await copyFile(coffee, path.join(folder, name));
    await writeFile(path.join(folder, `broken-${name}`), (await readFile(coffee)).subarray(0, 9000));
    return folder;
  }

  test('in names of files are shown, not sent to the terminal', async (t) => {
    const { stdout, stderr } = await kaiyan(['classify', await withOddNames(t), `/no/${name}`]);
    assert.match(stdout, /: espresso/);
    for (const [text, file] of [
      [stdout, `/${shown}`],
      [stderr, `/broken-${shown}`],
      [stderr, `/no/${shown}`],
    ] as const) {
      assert.ok(text.includes(file), text);
      assert.doesNotMatch(text, raw);
    }
  });

  test('stay what they are in JSON', async (t) => {
    const folder = await withOddNames(t);
    const { stdout } = await kaiyan(['classify', '--json', folder]);
    assert.deepEqual(
      jsonLines(stdout).map(({ file }) => file),
      [path.join(folder, name), path.join(folder, `broken-${name}`)],
    );
  });

  test('are shown in messages and tables of other commands', async (t) => {
    const home = path.join(await temporaryFolder(t), name);
    await mkdir(home);
    await customBundle(home, 'mine', { labels: ownLabels, source: { package: name, sha256: '0'.repeat(64) } });
    const environment = { KAIYAN_HOME: home };
    for (const args of [
      ['config'],
      ['models', 'info', 'mine'],
      ['models', 'verify'],
      ['config', '--config', `/no/${name}`],
      ['labels', name],
      ['doctor', '--model', name],
      [`--${name}`],
    ]) {
      const { stdout, stderr } = await kaiyan(args, { environment });
      assert.match(stdout + stderr, /\\(x|u00)1b\[31m/, args.join(' '));
      assert.doesNotMatch(stdout + stderr, raw, args.join(' '));
    }
  });
});
