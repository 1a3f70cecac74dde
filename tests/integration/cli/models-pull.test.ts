import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { findEntry } from '#kaiyan/models/catalogue.js';
import { customBundle } from '../../support/bundles.js';
import { temporaryFolder } from '../../support/folders.js';
import { type Mirror, type MirrorOptions, startMirror } from '../../support/mirror.js';
import { withoutTerminals } from '../../support/requirements.js';
import {
  type CommandResult,
  kaiyan,
  type RunningCommand,
  startKaiyan,
  startOnTerminal,
} from '../../support/run-command.js';
import { until } from '../../support/timing.js';

const squeezenet = findEntry('squeezenet1_1');
const FILE = 'squeezenet1_1-b8a52dc0.pth';
/** What a mirror has instead: nobody but the publisher has a file with that hash. */
const wrong = randomBytes(1_000_000);
const half = wrong.length / 2;
const found = createHash('sha256').update(wrong).digest('hex');

interface Place {
  readonly home: string;
  readonly mirror: Mirror;
  readonly environment: Readonly<Record<string, string>>;
  readonly start: () => RunningCommand;
  readonly pull: (...args: readonly string[]) => Promise<CommandResult>;
  readonly downloads: () => Promise<string[]>;
}

async function place(t: TestContext, misbehave?: MirrorOptions['misbehave']): Promise<Place> {
  const home = await temporaryFolder(t);
  const mirror = await startMirror(t, { files: { [FILE]: wrong }, ...(misbehave ? { misbehave } : {}) });
  const environment = { KAIYAN_HOME: home, TORCH_HOME: path.join(home, 'torch'), NO_PROXY: '', no_proxy: '' };
  const start = () => startKaiyan(['models', 'pull', 'squeezenet1_1', '--from', mirror.url], { environment });
  const pull = (...args: readonly string[]) => kaiyan(['models', 'pull', ...args], { environment });
  const downloads = async () => (await readdir(path.join(home, 'downloads')).catch(() => [])).sort();
  return { home, mirror, environment, start, pull, downloads };
}

const firstHalf = (_: unknown, count: number) => (count === 1 ? { stallAfter: half } : undefined);

async function untilHalf(home: string): Promise<void> {
  const sizeNow = () =>
    stat(path.join(home, 'downloads', `${FILE}.part`)).then(
      ({ size }) => size,
      () => 0,
    );
  await until('half of it is there', async () => (await sizeNow()) === half, 20_000);
}

describe('kaiyan models list --available', () => {
  test('shows the catalogue, and what of it is installed', async (t) => {
    const { home, environment } = await place(t);
    await customBundle(home, 'resnet50', { source: { url: 'https://x.org', sha256: findEntry('resnet50@1').sha256 } });
    const { status, stdout } = await kaiyan(['models', 'list', '--available'], { environment });
    assert.equal(status, 0);
    assert.match(stdout, /^resnet50 +1 +102\.5 MB +76\.13 % +BSD-3-Clause +installed$/m);
    assert.match(stdout, /^resnet50 +2 +102\.5 MB +80\.858 % +BSD-3-Clause$/m);
    assert.match(stdout, /ImageNet, whose terms/);
    const json = await kaiyan(['models', 'list', '--available', '--json'], { environment });
    const entries = JSON.parse(json.stdout) as { name: string; version: string; sha256: string; installed: boolean }[];
    assert.equal(entries.length, 14);
    assert.deepEqual(
      entries.filter(({ installed }) => installed).map(({ name, version }) => [name, version]),
      [['resnet50', '1']],
    );
  });
});

describe('kaiyan models pull', () => {
  test('of a name that is not in the catalogue says which are', async (t) => {
    const { status, stdout, stderr } = await (await place(t)).pull('resnet19');
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /resnet18@1.*"resnet19".*\[MODEL_NOT_IN_CATALOGUE\]\n$/);
  });

  test('of a model that is installed does nothing', async (t) => {
    const { home, mirror, pull } = await place(t);
    await customBundle(home, 'squeezenet1_1', { source: { url: 'https://x.org', sha256: squeezenet.sha256 } });
    const { status, stdout } = await pull('squeezenet1_1', '--from', mirror.url);
    assert.equal(status, 0);
    assert.match(stdout, /^squeezenet1_1@1 is installed already/);
    assert.deepEqual(mirror.requests, []);
    assert.equal((await pull('squeezenet1_1', '--from', mirror.url, '--force')).status, 1);
    assert.equal(mirror.requests.length, 1);
  });

  test('takes no file with another hash, and leaves what is installed as it was', async (t) => {
    const { home, mirror, environment, pull, downloads } = await place(t);
    await writeFile(path.join(home, FILE), wrong);
    for (const from of [mirror.url, home, path.join(home, FILE)]) {
      const { status, stdout, stderr } = await pull('squeezenet1_1', '--from', from);
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(
        stderr,
        new RegExp(`SHA-256 ${squeezenet.sha256}, but it has ${found}.*\\[MODEL_SOURCE_MISMATCH\\]\n$`),
      );
    }
    assert.deepEqual(await downloads(), []);
    const list = await kaiyan(['models', 'list', '--json'], { environment });
    assert.equal(list.status, 0);
    assert.doesNotMatch(list.stdout, /squeezenet/);
  });

  test('without a network says so, and what else can be done', async (t) => {
    const { environment } = await place(t);
    const { status, stderr } = await kaiyan(['models', 'pull', 'squeezenet1_1'], {
      environment: { ...environment, HTTPS_PROXY: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1' },
    });
    assert.equal(status, 1);
    assert.match(stderr, /download\.pytorch\.org.*ECONNREFUSED.*HTTPS_PROXY.*--from FILE.*\[DOWNLOAD_FAILED\]\n$/);
  });

  test('passes over a wrong file in the cache of PyTorch', async (t) => {
    const { environment } = await place(t);
    const folder = path.join(environment.TORCH_HOME as string, 'hub', 'checkpoints');
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, FILE), wrong);
    const { stderr } = await kaiyan(['models', 'pull', 'squeezenet1_1'], {
      environment: { ...environment, HTTPS_PROXY: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1' },
    });
    assert.ok(stderr.includes(`kaiyan: ${path.join(folder, FILE)} is passed over`), stderr);
  });

  test('that is killed goes on when it is called again', async (t) => {
    const { home, mirror, start, pull } = await place(t, firstHalf);
    const { child, result } = start();
    await untilHalf(home);
    child.kill('SIGKILL');
    await result;
    assert.equal((await pull('squeezenet1_1', '--from', mirror.url)).status, 1);
    assert.deepEqual(
      mirror.requests.slice(0, 2).map(({ range, sent }) => [range, sent]),
      [
        [undefined, half],
        [`bytes=${half}-`, half],
      ],
    );
  });

  test('ends on Ctrl-C with status 130, and keeps what has come', async (t) => {
    const { home, start, downloads } = await place(t, firstHalf);
    const { child, result } = start();
    await untilHalf(home);
    child.kill('SIGINT');
    const { status, stdout, stderr } = await result;
    assert.deepEqual([status, stdout], [130, '']);
    assert.equal(
      stderr,
      'Downloading squeezenet1_1@1, about 5.0 MB.\nkaiyan: Stopped. The same command goes on with what has come.\n',
    );
    assert.deepEqual(await downloads(), [`${FILE}.part`, `${FILE}.part.json`]);
  });

  test('shows how far it is on a terminal', { skip: withoutTerminals() }, async (t) => {
    const { home, mirror } = await place(t, () => ({ slowMs: 40 }));
    const { stdout } = await startOnTerminal(
      `"$kaiyan" models pull squeezenet1_1 --home '${home}' --from ${mirror.url}`,
    ).result;
    assert.match(stdout, /\d+ % · \d\.\d\/1\.0 MB · \d+\.\d MB\/s · \d+s left/);
    assert.match(stdout, /kaiyan: [^\r\n]*\[MODEL_SOURCE_MISMATCH\]\r\n$/);
  });
});
