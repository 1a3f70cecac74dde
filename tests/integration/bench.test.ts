import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BenchmarkResult } from '#kaiyan/benchmark/benchmark.js';
import { usableCores } from '#kaiyan/inference/machine.js';
import { examples, project } from '../support/paths.js';
import { kaiyan } from '../support/run-command.js';

type Figure = readonly [name: string, value: number];

/** Every number in the result, with the keys that lead to it. */
function figuresOf(value: unknown, name = ''): Figure[] {
  if (typeof value === 'number') return [[name, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => figuresOf(inner, `${name}.${key}`));
}

const near = (a: number, b: number) => Math.abs(a - b) <= 0.01 * Math.max(Math.abs(a), Math.abs(b));

async function packageVersion(folder: string): Promise<string> {
  const { version } = JSON.parse(await readFile(path.join(project, folder, 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

describe('kaiyan bench', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-bench-'));
    for (const name of ['coffee.png', 'chelsea.png']) await cp(path.join(examples, name), path.join(folder, name));
    await writeFile(path.join(folder, 'notes.txt'), 'no picture');
    await writeFile(path.join(folder, 'broken.jpg'), 'no picture either');
  });
  after(() => rm(folder, { recursive: true }));

  describe('--quick --json with a folder', () => {
    let result: BenchmarkResult;
    before(async () => {
      const { status, stdout, stderr } = await kaiyan(['bench', '--quick', '--json', '--images', folder]);
      assert.equal(status, 0, stderr);
      result = JSON.parse(stdout) as BenchmarkResult;
    });

    test('says which machine, versions, model and pictures it measured', async () => {
      assert.equal(result.machine.cores, usableCores());
      assert.equal(result.machine.architecture, process.arch);
      assert.equal(result.machine.platform, process.platform);
      assert.ok(result.machine.memoryBytes > 1e8 && result.machine.memoryBytes <= os.totalmem());
      assert.equal(result.versions.node, process.versions.node);
      assert.equal(result.versions.kaiyan, await packageVersion('.'));
      assert.equal(result.versions.onnxruntime, await packageVersion('node_modules/onnxruntime-node'));
      assert.equal(result.versions.sharp, await packageVersion('node_modules/sharp'));
      assert.match(result.versions.libvips, /^\d+\.\d+\.\d+$/);
      assert.equal(result.model.name, 'efficientnet-lite0');
      assert.equal(result.pictures.count, 2, 'neither the text nor the broken picture');
      assert.equal(result.pictures.meanPixels, (600 * 400 + 451 * 300) / 2);
    });

    test('gives every figure as a positive number, with its unit in the name unless it has none', () => {
      const figures = figuresOf(result);
      assert.ok(figures.length > 30, `${figures.length} figures`);
      for (const [name, value] of figures) {
        assert.ok(Number.isFinite(value) && (value > 0 || name === '.otherProgramsShare'), `${name} is ${value}`);
        assert.match(
          name,
          /(Ms|MsPerPicture|PerSecond|Bytes|Pixels|[rR]atio|ratioToIdeal|RatioToIdeal|speedup|otherProgramsShare|cores|count|rounds|threads)$/,
        );
      }
    });

    test('measures each precision with one thread to all cores, against FP32 on one thread', () => {
      const { inference } = result;
      const count = new Set(inference.map(({ threads }) => threads)).size;
      assert.equal(inference.length, 2 * count);
      assert.equal(Math.max(...inference.map(({ threads }) => threads)), usableCores());
      const baselines = inference.filter(({ baseline }) => baseline);
      assert.equal(baselines.length, 1);
      assert.deepEqual(
        { ...baselines[0], inferenceMs: 0 },
        { precision: 'fp32', threads: 1, inferenceMs: 0, speedup: 1, baseline: true },
      );
    });

    test('compares end to end with the sum of the parts divided by the cores', () => {
      const busy = result.allCoresBusy;
      assert.ok(near(busy.idealMsPerPicture, busy.sumMs / usableCores()));
      assert.ok(busy.sumMs > busy.inferenceMs && busy.inferenceMs > busy.preprocessMs);
      assert.ok(busy.lowestRatioToIdeal <= busy.ratioToIdeal && busy.ratioToIdeal <= busy.highestRatioToIdeal);
      assert.ok(near(busy.picturesPerSecond, 1000 / busy.endToEndMsPerPicture));
      assert.ok(busy.cpuRatio > 0.5 && busy.cpuRatio < 3, `${busy.cpuRatio} times the CPU time of the parts`);
    });

    test('measures starts and memory in processes of their own', () => {
      const { createMs, firstAnswerMs, classifyCommandMs, ...memory } = result.startup;
      assert.ok(createMs < firstAnswerMs);
      assert.ok(classifyCommandMs > 50, `${classifyCommandMs} ms`);
      for (const bytes of Object.values(memory)) assert.ok(bytes > 4e7 && bytes < 2e9, `${bytes} bytes`);
      assert.ok(memory.residentAtMostBytes >= memory.residentAfterFirstAnswerBytes);
    });
  });

  test('writes tables for people', async () => {
    const { status, stdout, stderr } = await kaiyan(['bench', '--quick', '--model', 'efficientnet-lite2']);
    assert.equal(status, 0, stderr);
    assert.equal(stderr, '');
    assert.match(stdout, /efficientnet-lite2 int8; 6 pictures of .*examples.pictures/);
    assert.match(stdout, /int8, 1 thread +[\d.]+ ms +baseline/, 'without FP32, INT8 on one thread is the baseline');
    assert.match(stdout, /end to end \/ ideal +[\d.]+ ×/);
    assert.ok(
      stdout.split('\n').every((line) => line === line.trimEnd()),
      'no line ends with blanks',
    );
  });

  test('refuses a folder without pictures, or that is none, with a sentence', async () => {
    const empty = await mkdtemp(path.join(folder, 'empty-'));
    const without = await kaiyan(['bench', '--quick', '--json', '--images', empty]);
    assert.equal(without.status, 2);
    assert.match(without.stderr, /Expected pictures .* \[USAGE\]/);
    const missing = await kaiyan(['bench', '--quick', '--json', '--images', path.join(folder, 'missing')]);
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /FILE_UNREADABLE/);
    assert.equal(without.stdout + missing.stdout, '');
  });

  for (const [when, delayMs] of [
    ['in the first seconds', 1_500],
    ['in the middle of a round', 6_000],
  ] as const) {
    test(`leaves cleanly on Ctrl-C ${when}`, { skip: process.platform === 'win32' }, async () => {
      const { status, signal, stdout, stderr } = await kaiyan(['bench'], {
        onStart: (child) => void setTimeout(() => child.kill('SIGINT'), delayMs),
      });
      assert.deepEqual({ status, signal, stdout, stderr }, { status: 130, signal: null, stdout: '', stderr: '' });
    });
  }
});
