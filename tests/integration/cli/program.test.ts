import assert from 'node:assert/strict';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { customBundle } from '../../support/bundles.js';
import { temporaryFolder } from '../../support/folders.js';
import { project } from '../../support/paths.js';
import { kaiyan } from '../../support/run-command.js';

describe('kaiyan', () => {
  test('--version prints the version of the package', async () => {
    const { version } = JSON.parse(await readFile(path.join(project, 'package.json'), 'utf8')) as { version: string };
    const { status, stdout } = await kaiyan(['--version']);
    assert.equal(status, 0);
    assert.ok(stdout.includes(version));
  });

  test('--help lists the commands; that of a command has examples and the settings', async () => {
    const all = await kaiyan(['--help']);
    assert.equal(all.status, 0);
    for (const name of ['classify', 'serve', 'models', 'labels', 'bench', 'doctor', 'config'])
      assert.ok(all.stdout.includes(name), name);
    const one = await kaiyan(['classify', '--help']);
    assert.equal(one.status, 0);
    assert.match(one.stdout, /Examples:\n {2}kaiyan classify/);
    assert.match(one.stdout, /--max-pixels <value>/);
  });

  test('fails with a sentence when nothing is left that it could wait for', async () => {
    const never =
      'import fs from "node:fs/promises"; import { syncBuiltinESMExports } from "node:module"; fs.realpath = () => new Promise(() => {}); syncBuiltinESMExports();';
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(never)}` };
    const { status, stderr } = await kaiyan(['album', '.'], { environment });
    assert.equal(status, 1);
    assert.match(stderr, /^kaiyan: .*\[INTERNAL\]\n$/);
  });

  test('runs as a user without a home folder, and keeps its data with the temporary files', {
    skip: process.getuid?.() !== 0 && 'needs root, to become another user',
  }, async () => {
    const nobody = { user: 54_321, environment: { HOME: undefined } };
    assert.equal((await kaiyan(['--version'], nobody)).status, 0);
    const { stdout } = await kaiyan(['config', '--json'], nobody);
    const home = (JSON.parse(stdout) as ShownSetting[]).find(({ key }) => key === 'home');
    assert.deepEqual(home?.value, path.join(os.tmpdir(), 'kaiyan'));
  });

  for (const [what, args, says] of [
    ['an unknown command', ['clasify', 'x.jpg'], /clasify/],
    ['an unknown flag', ['--verbose'], /--verbose/],
    ['an unknown command of models', ['models', 'delete', 'x'], /delete/],
    ['too many words', ['config', 'extra'], /too many arguments/],
    ['no command', [], /Usage:/],
  ] as const) {
    test(`refuses ${what} with status 2`, async () => {
      const { status, stdout, stderr } = await kaiyan(args);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, says);
    });
  }
});

interface ShownSetting {
  readonly key: string;
  readonly value: unknown;
  readonly source: string;
}

describe('kaiyan config', () => {
  test('hides the secrets of the service', async () => {
    const environment = { KAIYAN_API_KEY: 'telltale-1', KAIYAN_ADMIN_TOKEN: 'telltale-2' };
    for (const args of [['config'], ['config', '--json']]) {
      const { status, stdout, stderr } = await kaiyan(args, { environment });
      assert.deepEqual([status, stderr], [0, '']);
      assert.doesNotMatch(stdout, /telltale/);
      assert.equal(stdout.match(/"\(hidden\)"/g)?.length, 2);
      assert.match(stdout, /KAIYAN_API_KEY/);
    }
    assert.doesNotMatch((await kaiyan(['config'])).stdout, /hidden/, 'none is set');
  });

  test('shows each value and where it came from', async (t) => {
    const cwd = await temporaryFolder(t);
    await writeFile(path.join(cwd, 'kaiyan.config.json'), JSON.stringify({ threshold: 0.6, top: 4 }));
    const environment = { KAIYAN_TOP: '5', KAIYAN_HOME: cwd };
    const { status, stdout } = await kaiyan(['config', '--json'], { cwd, environment });
    assert.equal(status, 0);
    const settings = new Map(
      (JSON.parse(stdout) as ShownSetting[]).map(({ key, value, source }) => [key, [value, source]]),
    );
    assert.deepEqual(settings.get('threshold'), [0.6, 'kaiyan.config.json']);
    assert.deepEqual(settings.get('top'), [5, 'KAIYAN_TOP']);
    assert.deepEqual(settings.get('home'), [cwd, 'KAIYAN_HOME']);
    assert.deepEqual(settings.get('lang'), ['en', 'default']);
    const table = await kaiyan(['config'], { cwd, environment });
    assert.match(table.stdout, /threshold +0\.6 +kaiyan\.config\.json +KAIYAN_THRESHOLD/);
  });

  test('takes another file by KAIYAN_CONFIG or --config', async (t) => {
    const cwd = await temporaryFolder(t);
    await writeFile(path.join(cwd, 'kaiyan.config.json'), '{"top":4}');
    await writeFile(path.join(cwd, 'other.json'), '{"top":6}');
    for (const [args, environment] of [
      [['--config', 'other.json'], {}],
      [[], { KAIYAN_CONFIG: 'other.json' }],
    ] as const) {
      const { stdout } = await kaiyan(['config', '--json', ...args], { cwd, environment });
      assert.deepEqual((JSON.parse(stdout) as ShownSetting[]).find(({ key }) => key === 'top')?.value, 6);
    }
  });

  test('warns of a variable that means nothing, and goes on', async () => {
    const { status, stderr } = await kaiyan(['config'], { environment: { KAIYAN_TRESHOLD: '0.5' } });
    assert.equal(status, 0);
    assert.match(stderr, /KAIYAN_TRESHOLD/);
  });

  test('reads a file that begins with a byte order mark', async (t) => {
    const cwd = await temporaryFolder(t);
    await writeFile(path.join(cwd, 'kaiyan.config.json'), '\uFEFF{"top":4}');
    const { stdout } = await kaiyan(['config'], { cwd });
    assert.match(stdout, /top +4 +kaiyan\.config\.json/);
  });

  test('refuses an unknown key of the file with status 2', async (t) => {
    const cwd = await temporaryFolder(t);
    await writeFile(path.join(cwd, 'kaiyan.config.json'), '{"tresholt":0.6}');
    const { status, stderr } = await kaiyan(['config'], { cwd });
    assert.equal(status, 2);
    assert.match(stderr, /kaiyan\.config\.json.*tresholt/);
  });
});

describe('kaiyan labels', () => {
  test('finds a word in classes, categories and groups, with the members of sets', async () => {
    const { status, stdout } = await kaiyan(['labels', 'snake', '--json']);
    assert.equal(status, 0);
    const { classes, groups } = JSON.parse(stdout) as {
      classes: { index: number; en: string; zh: string; wnid: string }[];
      groups: { key: string; members: { index: number }[] }[];
    };
    assert.ok(classes.length >= 8 && classes.every(({ en }) => en.includes('snake')));
    assert.deepEqual(
      groups.find(({ key }) => key === 'snake')?.members.map(({ index }) => index),
      Array.from({ length: 17 }, (_, i) => 52 + i),
    );
  });

  test('finds a Chinese word, and one of any case', async () => {
    const chinese = await kaiyan(['labels', '鹤', '--lang', 'zh']);
    assert.match(chinese.stdout, /crane \(bird\).*鹤/);
    assert.match((await kaiyan(['labels', 'CRANE'])).stdout, /crane \(machine\)/);
  });

  test('lists everything without a word, and says so where a word is in no name', async () => {
    const { stdout } = await kaiyan(['labels', '--json']);
    const all = JSON.parse(stdout) as { classes: unknown[]; categories: unknown[]; groups: unknown[] };
    assert.equal(all.classes.length, 1000);
    assert.ok(all.categories.length >= 20 && all.groups.length >= 130);
    assert.match((await kaiyan(['labels', 'xyzzy'])).stdout, /xyzzy/);
  });
});

describe('kaiyan models', () => {
  test('list shows the models with what they are', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'mine');
    const { status, stdout } = await kaiyan(['models', 'list', '--json'], { environment: { KAIYAN_HOME: home } });
    assert.equal(status, 0);
    const models = JSON.parse(stdout) as {
      name: string;
      classes: number;
      files: { precision: string; digest: string }[];
    }[];
    assert.deepEqual(
      models.map(({ name }) => name),
      ['efficientnet-lite0', 'efficientnet-lite2', 'mine'],
    );
    assert.deepEqual(
      models[0]?.files.map(({ precision, digest }) => [precision, digest]),
      [
        ['int8', '7dfaaf447a93'],
        ['fp32', 'a62b0c85e0e4'],
      ],
    );
    assert.match((await kaiyan(['models', 'list'])).stdout, /efficientnet-lite2 +1 +int8 +6\.7 MB/);
  });

  test('list shows the good ones even if one is broken, and names that one', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'broken', { temperature: 'hot' });
    const { stdout, stderr } = await kaiyan(['models', 'list'], { environment: { KAIYAN_HOME: home } });
    assert.match(stdout, /efficientnet-lite0/);
    assert.match(stdout + stderr, /broken/);
  });

  test('info shows a manifest; an unknown name lists the known ones', async () => {
    const { stdout } = await kaiyan(['models', 'info', 'efficientnet-lite0', '--json']);
    assert.equal((JSON.parse(stdout) as { temperature: number }).temperature, 0.81);
    const unknown = await kaiyan(['models', 'info', 'resnet18']);
    assert.equal(unknown.status, 2);
    assert.match(unknown.stderr, /efficientnet-lite0, efficientnet-lite2/);
  });

  test('verify finds all files as they should be', async () => {
    const { status, stdout } = await kaiyan(['models', 'verify', '--json']);
    assert.equal(status, 0);
    assert.ok((JSON.parse(stdout) as { ok: boolean }[]).every(({ ok }) => ok));
  });

  test('verify exits with 1 and shows which file is damaged; classify refuses it', async (t) => {
    const home = await temporaryFolder(t);
    const folder = await customBundle(home, 'mine');
    const file = path.join(folder, 'model.int8.onnx');
    const bytes = await readFile(file);
    await rm(file);
    await writeFile(file, bytes);
    await truncate(file, bytes.length - 1);
    const environment = { KAIYAN_HOME: home };
    const { status, stdout, stderr } = await kaiyan(['models', 'verify', 'mine'], { environment });
    assert.equal(status, 1);
    assert.match(stdout, /DAMAGED +\S*mine\/model\.int8\.onnx/);
    assert.match(stderr, /MODEL_DAMAGED/);
    const refused = await kaiyan(
      ['classify', '--model', 'mine', '--precision', 'int8', path.join(project, 'examples/pictures/alps.jpg')],
      { environment },
    );
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /SHA-256/);
  });

  test('verify checks all models, whatever is wrong with one, and reports each', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'broken', { temperature: 'hot' });
    await customBundle(home, 'nameless', { name: '' });
    const folder = await customBundle(home, 'without-files');
    for (const file of ['model.int8.onnx', 'model.fp32.onnx']) await rm(path.join(folder, file));
    const { status, stdout, stderr } = await kaiyan(['models', 'verify', '--json'], {
      environment: { KAIYAN_HOME: home },
    });
    assert.equal(status, 1);
    assert.deepEqual(
      (JSON.parse(stdout) as { ok: boolean }[]).map(({ ok }) => ok),
      [true, true, true, false, false],
    );
    assert.deepEqual(
      stderr
        .trim()
        .split('\n')
        .map((line) => /\/models\/(\S+?(?:json|onnx)).*\[(\w+)\]$/.exec(line)?.slice(1)),
      [
        ['broken/model.json', 'MODEL_INVALID'],
        ['nameless/model.json', 'MODEL_INVALID'],
        ['without-files/model.int8.onnx', 'MODEL_DAMAGED'],
        ['without-files/model.fp32.onnx', 'MODEL_DAMAGED'],
      ],
    );
  });
});
