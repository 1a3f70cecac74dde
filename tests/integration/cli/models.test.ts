import assert from 'node:assert/strict';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { createRegistry } from '#kaiyan/models/registry.js';
import { customBundle } from '../../support/bundles.js';
import { temporaryFolder } from '../../support/folders.js';
import { installable } from '../../support/installing.js';
import { examples } from '../../support/paths.js';
import { jsonLines, kaiyan, startOnTerminal } from '../../support/run-command.js';

async function homeWith(t: TestContext, ...versions: readonly string[]) {
  const home = await temporaryFolder(t);
  for (const version of versions) {
    const { manifest, fill } = await installable('mine', version);
    await createRegistry(home).install(manifest, fill);
  }
  const models = (...args: string[]) => kaiyan(['models', ...args], { environment: { KAIYAN_HOME: home } });
  const names = async () => (await createRegistry(home).names()).slice(2);
  return { home, models, names };
}

describe('kaiyan models list', () => {
  test('shows every version, which of them answers, and how good each is, on what and by whom', async (t) => {
    const { home, models } = await homeWith(t, '2', '10');
    const on = '24 pictures of its own that were held out';
    await customBundle(home, 'trained', {
      metrics: [
        { precision: 'fp32', top1: 91.7, on, source: 'measured' },
        { precision: 'int8', top1: 87.5, on, source: 'measured' },
      ],
    });
    const listed = JSON.parse((await models('list', '--json')).stdout) as Record<string, unknown>[];
    assert.deepEqual(
      listed.map(({ reference, version, embedded, default: answers }) => [reference, version, embedded, answers]),
      [
        ['efficientnet-lite0', '1', true, true],
        ['efficientnet-lite2', '1', true, false],
        ['mine', '10', false, false],
        ['mine@2', '2', false, false],
        ['trained', '1', false, false],
      ],
    );
    const { stdout } = await models('list');
    assert.match(stdout, /mine +10 +fp32.*\nmine +2 +fp32/);
    assert.match(stdout, /efficientnet-lite0 \* +1 +int8 .* 75\.1 % \(1\) .*\n.* fp32 .* 75\.1 % \(1\) /);
    assert.match(stdout, /trained +1 +int8 .* 87\.5 % \(2\) .*\ntrained +1 +fp32 .* 91\.7 % \(3\) /);
    assert.deepEqual(stdout.trimEnd().split('\n').slice(-4), [
      '* answers by default.',
      'TOP-1 (1): of fp32, on ImageNet-1k validation, published.',
      `TOP-1 (2): of int8, on ${on}, measured.`,
      `TOP-1 (3): of fp32, on ${on}, measured.`,
    ]);
    const one = JSON.parse((await models('info', 'mine@2', '--json')).stdout) as { version: string };
    assert.equal(one.version, '2');
  });
});

describe('kaiyan models remove', () => {
  test('deletes one, and says where it was', async (t) => {
    const { home, models, names } = await homeWith(t, '1');
    const { status, stdout, stderr } = await models('remove', 'mine', '--yes');
    assert.deepEqual([status, stderr], [0, '']);
    assert.equal(stdout, `Removed mine@1 (${path.join(home, 'models/mine/1')}).\n`);
    assert.deepEqual(await names(), []);
  });

  test('asks on a terminal', async (t) => {
    const { home, names } = await homeWith(t, '1');
    for (const [answer, left] of [
      ['n', ['mine']],
      ['', ['mine']],
      ['y', []],
    ] as const) {
      const { child, result } = startOnTerminal(`"$kaiyan" models remove mine --home ${home}`);
      child.stdout.once('data', () => child.stdin.write(`${answer}\n`));
      const { status, stdout } = await result;
      assert.equal(status, 0);
      assert.match(stdout, /Remove mine@1 \(.*\)\? \[y\/N\]/);
      assert.deepEqual(await names(), left, answer);
    }
  });

  test('refuses with status 2 to guess, and with status 1 what has to stay', async (t) => {
    const { home, models, names } = await homeWith(t, '1', '2');
    await models('use', 'mine@1');
    for (const [args, status, says] of [
      [['mine', '--yes'], 2, /several.*mine@2, mine@1/],
      [['nothing', '--yes'], 2, /MODEL_NOT_FOUND/],
      [['mine@2'], 2, /--yes/],
      [['efficientnet-lite0', '--yes'], 1, /comes with Kaiyan/],
      [['mine@1', '--yes'], 1, /active\.json.*models use/],
    ] as const) {
      const result = await models('remove', ...args);
      assert.deepEqual([result.status, result.stdout], [status, ''], result.stderr);
      assert.match(result.stderr, says);
    }
    const set = await kaiyan(['models', 'remove', 'mine@2', '--yes', '--home', home], {
      environment: { KAIYAN_MODEL: 'mine' },
    });
    assert.equal(set.status, 1);
    assert.match(set.stderr, /KAIYAN_MODEL/);
    assert.deepEqual(await names(), ['mine', 'mine@1']);
  });
});

describe('kaiyan models use', () => {
  test('lets a model answer from then on, here and in a program', async (t) => {
    const { home, models } = await homeWith(t);
    const picture = path.join(examples, 'coffee.png');
    const answering = async (environment: Record<string, string> = {}) => {
      const args = ['classify', '--json', '--home', home, picture];
      const [answer = {}] = jsonLines((await kaiyan(args, { environment })).stdout);
      const { name, precision } = answer.model as { name: string; precision: string };
      return `${name} ${precision}`;
    };
    const { status, stdout } = await models('use', 'efficientnet-lite2');
    assert.equal(status, 0);
    assert.match(stdout, /efficientnet-lite2@1/);
    assert.equal(await answering(), 'efficientnet-lite2 int8');
    assert.match(await answering({ KAIYAN_MODEL: 'efficientnet-lite0' }), /efficientnet-lite0/);
    await models('use', 'efficientnet-lite0@1', '--precision', 'fp32');
    assert.equal(await answering(), 'efficientnet-lite0 fp32');
    assert.match((await models('list')).stdout, /efficientnet-lite0 \*/);
  });

  test('says which setting goes before it', async (t) => {
    const { home } = await homeWith(t);
    const environment = { KAIYAN_HOME: home, KAIYAN_MODEL: 'efficientnet-lite0' };
    const { status, stderr } = await kaiyan(['models', 'use', 'efficientnet-lite2'], { environment });
    assert.equal(status, 0);
    assert.match(stderr, /KAIYAN_MODEL names efficientnet-lite0, which goes before/);
  });

  test('refuses what could not answer, and changes nothing', async (t) => {
    const { home, models } = await homeWith(t, '1');
    const folder = await customBundle(home, 'damaged');
    const file = path.join(folder, 'model.int8.onnx');
    const bytes = await readFile(file);
    await rm(file);
    await writeFile(file, bytes);
    await truncate(file, bytes.length - 1);
    for (const [args, status, code] of [
      [['nothing'], 2, 'MODEL_NOT_FOUND'],
      [['mine', '--precision', 'int8'], 2, 'PRECISION_UNAVAILABLE'],
      [['damaged'], 1, 'MODEL_DAMAGED'],
    ] as const) {
      const result = await models('use', ...args);
      assert.deepEqual([result.status, result.stdout], [status, ''], result.stderr);
      assert.match(result.stderr, new RegExp(code));
    }
    assert.match((await models('list')).stdout, /efficientnet-lite0 \*/);
  });
});
