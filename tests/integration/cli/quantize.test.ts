import assert from 'node:assert/strict';
import { copyFile, cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, type TestContext, test } from 'node:test';
import { createRegistry } from '#kaiyan/models/registry.js';
import { temporaryFolder } from '../../support/folders.js';
import { formulaNetwork, safetensorsOf } from '../../support/formula-weights.js';
import { examples } from '../../support/paths.js';
import { shared, withoutShared } from '../../support/requirements.js';
import { type CommandOptions, type CommandResult, kaiyan } from '../../support/run-command.js';
import { suite } from '../../support/suite.js';

const runIn =
  (home: string) =>
  (args: readonly string[], options: CommandOptions = {}) =>
    kaiyan(args, { ...options, environment: { KAIYAN_HOME: home } });

/** A data directory into which SqueezeNet was imported, and what that said. */
let first: { readonly home: string; readonly imported: CommandResult };
const t = suite();
before(async () => {
  const home = await temporaryFolder(t);
  const weights = path.join(home, 'squeeze.safetensors');
  await writeFile(weights, safetensorsOf(formulaNetwork('squeezenet1_1')));
  first = { home, imported: await runIn(home)(['models', 'import', weights]) };
  assert.equal(first.imported.status, 0, first.imported.stderr);
});

/** A copy of it for one test. */
async function bench(t: TestContext) {
  const home = await temporaryFolder(t);
  await cp(first.home, home, { recursive: true });
  const weights = path.join(home, 'squeeze.safetensors');
  return { home, run: runIn(home), imported: first.imported, weights, registry: createRegistry(home) };
}

describe('kaiyan models import', () => {
  test('says what was installed, and how to use it', async (t) => {
    const { imported, run } = await bench(t);
    assert.match(
      imported.stdout,
      /^Installed squeezenet1_1@1: squeezenet1_1, 1,235,496 parameters, 1000 classes, FP32 5\.0 MB\.\n/,
    );
    assert.match(imported.stdout, /From squeeze\.safetensors \(SHA-256 [0-9a-f]{64}\)/);
    const answer = await run(['classify', path.join(examples, 'alps.jpg'), '--model', 'squeezenet1_1@1', '--json']);
    assert.equal((JSON.parse(answer.stdout) as { model: { name: string } }).model.name, 'squeezenet1_1');
    const list = await run(['models', 'list', '--json']);
    assert.ok((JSON.parse(list.stdout) as { name: string }[]).some(({ name }) => name === 'squeezenet1_1'));
  });

  test('says what the name alone means, once there are several versions', async (t) => {
    const { imported, run, weights } = await bench(t);
    assert.ok(!imported.stdout.includes('alone means'));
    const { stdout } = await run(['models', 'import', weights]);
    assert.match(stdout, /^squeezenet1_1 alone means squeezenet1_1@2\.$/m);
  });

  test('refuses what is there already, what it does not know, and what is not there, each with status 1', async (t) => {
    const { run, weights } = await bench(t);
    for (const [args, code] of [
      [[weights, '--name', 'squeezenet1_1@1'], 'MODEL_EXISTS'],
      [[path.join(examples, 'alps.jpg')], 'CHECKPOINT_INVALID'],
      [[`${weights}.none`], 'FILE_UNREADABLE'],
      [[weights, '--name', 'Not A Name'], 'MODEL_INVALID'],
    ] as const) {
      const { status, stderr } = await run(['models', 'import', ...args]);
      assert.equal(status, 1, stderr);
      assert.match(stderr, new RegExp(`^kaiyan: .*\\[${code}\\]\\n$`));
    }
  });
});

describe('kaiyan models add', () => {
  test('takes an ONNX file with the preprocessing of another model', async (t) => {
    const { run, registry } = await bench(t);
    const { folder } = await registry.open('squeezenet1_1');
    const file = path.join(folder, 'model.fp32.onnx');
    const without = await run(['models', 'add', file]);
    assert.equal(without.status, 2);
    assert.match(without.stderr, /--like MODEL/);
    const { status, stderr } = await run(['models', 'add', file, '--like', 'resnet18', '--name', 'copy']);
    assert.equal(status, 0, stderr);
    assert.equal((await registry.open('copy')).manifest.input.resize.filter, 'bilinear');
  });
});

describe('kaiyan models quantize', () => {
  test('adds INT8 to the model, with a report of what it is worth', async (t) => {
    const { run, registry } = await bench(t);
    const args = ['models', 'quantize', 'squeezenet1_1', '--calibration', examples, '--min-agreement', '0'];
    const { status, stdout, stderr } = await run(args);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^squeezenet1_1@1 has INT8 now\.\nsize +1\.\d MB instead of 5\.0 MB\nspeed +\d+\.\d\d times/);
    const { manifest } = await registry.open('squeezenet1_1');
    assert.deepEqual(
      manifest.files.map(({ precision }) => precision),
      ['fp32', 'int8'],
    );
    assert.equal(manifest.quantization?.pictures, 6);
    assert.equal(manifest.quantization?.heldOut, false);
    assert.equal((await run(['models', 'verify', 'squeezenet1_1'])).status, 0);
    const answer = await run([
      'classify',
      path.join(examples, 'alps.jpg'),
      '--model',
      'squeezenet1_1',
      '--precision',
      'int8',
      '--json',
    ]);
    assert.equal((JSON.parse(answer.stdout) as { model: { precision: string } }).model.precision, 'int8');
  });

  test('of a model that comes with Kaiyan makes a version of its own', async (t) => {
    const { run, registry } = await bench(t);
    const args = [
      'models',
      'quantize',
      'efficientnet-lite0',
      '--calibration',
      examples,
      '--min-agreement',
      '0',
      '--json',
    ];
    const { stdout } = await run(args);
    const report = JSON.parse(stdout) as { version: string; quantization: { samples: number } };
    assert.deepEqual([report.version, report.quantization.samples], ['2', 6]);
    assert.deepEqual((await registry.names()).slice(0, 2), ['efficientnet-lite0', 'efficientnet-lite0@1']);
  });

  test('that would answer otherwise is refused, and changes nothing', async (t) => {
    const { run, registry } = await bench(t);
    const before = await registry.open('squeezenet1_1');
    const args = ['--percentile', '50', '--min-agreement', '1', '--calibration', examples];
    const { status, stdout, stderr } = await run(['models', 'quantize', 'squeezenet1_1', ...args]);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /\[QUANTIZATION_REFUSED\]\n$/);
    assert.deepEqual((await registry.open('squeezenet1_1')).manifest, before.manifest);
  });

  test('reports pictures that it cannot use, and goes on', async (t) => {
    const { home, run } = await bench(t);
    const folder = path.join(home, 'pictures');
    await mkdir(folder);
    for (const name of await readdir(examples)) await copyFile(path.join(examples, name), path.join(folder, name));
    await writeFile(path.join(folder, 'broken.jpg'), 'no picture');
    const args = ['models', 'quantize', 'squeezenet1_1', '--calibration', folder, '--min-agreement', '0'];
    const { status, stderr } = await run(args);
    assert.equal(status, 0);
    assert.match(stderr, /broken\.jpg: .*IMAGE_UNSUPPORTED/);
  });

  test('without pictures, or with a wrong value, is a wrong usage', async (t) => {
    const { home, run } = await bench(t);
    for (const args of [
      ['--calibration', path.join(home, 'models')],
      ['--calibration', examples, '--samples', '0'],
      ['--calibration', examples, '--percentile', '101'],
      ['--calibration', examples, '--weights', '4'],
      [],
    ]) {
      const { status } = await run(['models', 'quantize', 'squeezenet1_1', ...args]);
      assert.equal(status, 2, args.join(' '));
    }
  });

  test('ends at Ctrl-C, and changes nothing', { skip: withoutShared() }, async (t) => {
    const { run, registry } = await bench(t);
    const args = ['models', 'quantize', 'squeezenet1_1', '--calibration', path.join(shared, 'calibration')];
    const onStart: CommandOptions['onStart'] = (child) => setTimeout(() => child.kill('SIGINT'), 1000);
    const { status, stdout } = await run(args, { onStart });
    assert.deepEqual([status, stdout], [130, '']);
    assert.equal((await registry.open('squeezenet1_1')).manifest.files.length, 1);
  });
});
