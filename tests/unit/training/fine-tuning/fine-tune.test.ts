/** Fine-tuning of a small network of our own, with pictures of two colours. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import sharp from 'sharp';
import { settingsWith } from '#kaiyan/config.js';
import type { OwnPicture } from '#kaiyan/dataset/dataset.js';
import { sha256Of } from '#kaiyan/hashes.js';
import { type Bundle, openBundle } from '#kaiyan/models/bundle.js';
import { createGraphBuilder } from '#kaiyan/onnx/graph-builder.js';
import { serializeModel } from '#kaiyan/onnx/model-file.js';
import { fineTune } from '#kaiyan/training/fine-tuning/fine-tune.js';
import type { Recipe } from '#kaiyan/training/fine-tuning/recipe.js';
import type { CurvePoint } from '#kaiyan/training/training.js';
import { rejectsWith } from '../../../support/errors.js';
import { temporaryFolder } from '../../../support/folders.js';
import { normal } from '../../../support/learning.js';
import { suite } from '../../../support/suite.js';

const SIDE = 16;
const FEATURES = 6;
const EPOCHS = 4;
const head = { classes: 2, dimensions: FEATURES, weights: new Float32Array(2 * FEATURES), bias: new Float32Array(2) };

async function smallBundle(folder: string): Promise<Bundle> {
  const graph = createGraphBuilder('small');
  graph.input('input', ['batch', 3, SIDE, SIDE]);
  const conv = (name: string, from: string, [out, channels]: readonly [number, number]) => {
    const kernels = graph.constant(`${name}.weight`, [out, channels, 3, 3], normal(out * channels * 9, 0.3, name));
    const bias = graph.constant(`${name}.bias`, [out], new Float32Array(out));
    const value = graph.node('Conv', name, [from, kernels, bias], { strides: [2, 2], pads: [1, 1, 1, 1] });
    return graph.node('Relu', `${name}.relu`, [value]);
  };
  const features = conv('second', conv('first', 'input', [4, 3]), [FEATURES, 4]);
  const mean = graph.node('GlobalAveragePool', 'mean', [features]);
  graph.rename(graph.node('Flatten', 'flat', [mean]), 'embedding');
  const last = [graph.constant('last', [2, FEATURES], normal(2 * FEATURES, 1, 'last'))];
  graph.rename(graph.node('Gemm', 'gemm', ['embedding', ...last], { transB: 1 }), 'logits');
  graph.output('logits', ['batch', 2]);
  graph.output('embedding', ['batch', FEATURES]);
  const bytes = serializeModel(graph.build());
  const named = (name: string) => ({ en: name, zh: name });
  await writeFile(path.join(folder, 'small.onnx'), bytes);
  await writeFile(
    path.join(folder, 'model.json'),
    JSON.stringify({
      ...{ name: 'small', version: '1', license: 'CC0-1.0', source: { file: 'small.onnx', sha256: sha256Of(bytes) } },
      input: {
        ...{ name: 'input', width: SIDE, height: SIDE, resize: { shortSide: SIDE, filter: 'bilinear' } },
        ...{ mean: [127, 127, 127], std: [128, 128, 128] },
      },
      output: { logits: 'logits', embedding: 'embedding' },
      labels: [named('red'), named('blue')],
      files: [{ precision: 'fp32', path: 'small.onnx', bytes: bytes.length, sha256: sha256Of(bytes) }],
    }),
  );
  return openBundle(folder);
}

async function coloured(folder: string, count: number): Promise<OwnPicture[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const [name, label] = [`${i}.png`, i % 2];
      const colour = { r: label === 0 ? 190 - 4 * i : 60, g: 5 * i, b: label === 1 ? 190 - 4 * i : 60 };
      await sharp({ create: { width: 24, height: 20, channels: 3, background: colour } }).toFile(
        path.join(folder, name),
      );
      return { path: path.join(folder, name), name, label };
    }),
  );
}

describe('fine-tuning', () => {
  const t = suite();
  let folder = '';
  let bundle: Bundle;
  let pictures: OwnPicture[];
  before(async () => {
    folder = await temporaryFolder(t);
    bundle = await smallBundle(folder);
    pictures = await coloured(folder, 24);
  });

  interface Changes {
    readonly signal?: AbortSignal;
    readonly resume?: boolean;
    readonly onPoint?: (point: CurvePoint) => void;
    readonly onUnreadable?: (picture: OwnPicture) => void;
    readonly onProgress?: (done: number, total: number, secondsLeft: number | null) => void;
    readonly recipe?: Partial<Recipe>;
  }

  const nothingLost = (_picture: OwnPicture, error: Error) => {
    throw error;
  };

  async function run(name: string, changes: Changes) {
    const runFolder = path.join(folder, name);
    await mkdir(runFolder, { recursive: true });
    const { signal = new AbortController().signal, resume = false, onPoint = () => undefined } = changes;
    return fineTune({
      ...{ bundle, training: pictures.slice(0, 16), validation: pictures.slice(16), head, runFolder, signal, onPoint },
      onUnreadable: changes.onUnreadable ?? nothingLost,
      options: { unfreeze: 1, epochs: EPOCHS, augment: 1, seed: 7, resume },
      settings: settingsWith({ home: folder }),
      onProgress: changes.onProgress ?? (() => undefined),
      recipe: { rate: 0.1, batch: 4, ...changes.recipe },
    });
  }

  test('learns what tells the classes apart, and gives the weights of the best epoch', async () => {
    const { curve, best, weights, ended, validationLogits } = await run('whole', {});
    assert.deepEqual([ended, curve.length, curve[0]?.epoch], ['done', EPOCHS + 1, 0]);
    const losses = curve.map(({ validationLoss }) => validationLoss);
    assert.equal(losses[best], Math.min(...losses));
    assert.ok((losses[best] as number) < 0.9 * (losses[0] as number), losses.join(' '));
    assert.deepEqual([...weights.keys()].sort(), ['second.bias', 'second.weight']);
    assert.equal(validationLogits?.length, 8 * 2);
  });

  test('tells how far it is from the first look at the pictures on, and how long it takes once that can be known', async () => {
    const told: (readonly [number, number, number | null])[] = [];
    let looked = 0;
    await run('told', {
      onProgress: (...far) => told.push(far),
      onPoint: ({ epoch }) => {
        if (epoch === 0) looked = told.length;
      },
    });
    const all = 4 + 2 + EPOCHS * 4;
    assert.deepEqual(
      told.slice(0, looked),
      Array.from({ length: 7 }, (_, done) => [done, all, null]),
    );
    assert.deepEqual(
      [...new Set(told.slice(looked).map(([done]) => done))],
      Array.from({ length: all - 5 }, (_, i) => 6 + i),
    );
    assert.deepEqual(
      told.filter(([done, total, left]) => total !== all || (left === null) !== done < 7),
      [],
    );
    const rest: number[] = [];
    const stop = new AbortController();
    await run('told in part', { signal: stop.signal, onPoint: ({ epoch }) => epoch === 2 && stop.abort() });
    await run('told in part', { resume: true, onProgress: (done, total) => rest.push(done, total) });
    assert.deepEqual(rest.slice(0, 4), [8, EPOCHS * 4, 9, EPOCHS * 4]);
  });

  test('goes on after an interruption to the same end', async () => {
    const whole = await run('uninterrupted', {});
    const stop = new AbortController();
    const part = await run('interrupted', {
      signal: stop.signal,
      onPoint: ({ epoch }) => {
        if (epoch === 2) stop.abort();
      },
    });
    assert.deepEqual([part.ended, part.curve.length], ['aborted', 3]);
    const rest = await run('interrupted', { resume: true });
    assert.deepEqual(rest, whole);
  });

  test('that is done is found done, without the numbers that only going on would need', async () => {
    const fail = () => assert.fail('nothing is left to train');
    for (const [name, recipe, ended] of [
      ['done', {}, 'done'],
      ['done early', { rate: 2, patience: 2 }, 'early'],
    ] as const) {
      const state = path.join(folder, name, 'fine-tuning.state');
      let size = 0;
      const onPoint = ({ epoch }: CurvePoint) => {
        if (epoch === 2) size = statSync(state).size;
      };
      const whole = await run(name, { recipe, onPoint });
      assert.equal(whole.ended, ended);
      assert.deepEqual(await run(name, { recipe, resume: true, onProgress: fail }), whole);
      assert.ok(statSync(state).size < size / 2, `${statSync(state).size} of ${size}`);
    }
  });

  test('has the best until then if it is stopped at once after it was taken up again', async () => {
    const stop = new AbortController();
    const onPoint = ({ epoch }: CurvePoint) => epoch === 3 && stop.abort();
    const part = await run('taken up', { onPoint, signal: stop.signal });
    assert.ok(part.best > 0);
    const again = await run('taken up', { resume: true, signal: AbortSignal.abort() });
    assert.deepEqual(again, part);
  });

  test('goes on without pictures that cannot be read any more: nothing of them counts, also after an interruption', async () => {
    const gone = [pictures[3], pictures[20]] as OwnPicture[];
    const contents = await Promise.all(gone.map((picture) => readFile(picture.path)));
    const told: string[] = [];
    const onUnreadable = ({ name }: OwnPicture) => void told.push(name);
    await rm(gone[0]?.path ?? '');
    await writeFile(gone[1]?.path ?? '', 'no picture');
    const without = await run('without', { onUnreadable });
    assert.deepEqual([without.ended, without.leftOut, told.sort()], ['done', gone, ['20.png', '3.png']]);
    const stop = new AbortController();
    const onPoint = ({ epoch }: CurvePoint) => epoch === 2 && stop.abort();
    await run('without, interrupted', { onUnreadable, onPoint, signal: stop.signal });
    for (const [i, bytes] of contents.entries()) await writeFile(gone[i]?.path ?? '', bytes);
    assert.deepEqual(await run('without, interrupted', { resume: true }), without);
    const all = await run('with all', {});
    assert.notDeepEqual(all.curve, without.curve);
  });

  test('compares epochs on the same pictures where some are lost between them', async () => {
    const recipe = { rate: 1 };
    const stop = new AbortController();
    const onPoint = ({ epoch }: CurvePoint) => epoch === 3 && stop.abort();
    const part = await run('lost', { recipe, onPoint, signal: stop.signal });
    // Those that it answers worst: without them a worse epoch has a lower loss than the best one had with them.
    const gone = [pictures[20], pictures[22]] as OwnPicture[];
    const contents = await Promise.all(gone.map((picture) => readFile(picture.path)));
    for (const { path: file } of gone) await rm(file);
    const { curve, ...rest } = await run('lost', { recipe, resume: true, onUnreadable: () => undefined });
    for (const [i, bytes] of contents.entries()) await writeFile(gone[i]?.path ?? '', bytes);
    const [before, after] = [curve[3]?.validationLoss, curve[4]?.validationLoss];
    assert.ok((after as number) < (before as number), `${after} after ${before}`);
    assert.deepEqual([part.best, rest.best, rest.leftOut], [3, 3, gone]);
    assert.deepEqual(rest.validationLogits, part.validationLogits);
  });

  test('ends where nothing that is held out can be read any more', async () => {
    const held = pictures.slice(16);
    const contents = await Promise.all(held.map((picture) => readFile(picture.path)));
    for (const { path: file } of held) await rm(file);
    await rejectsWith(run('no disk', { onUnreadable: () => undefined }), 'DATASET_INVALID');
    for (const [i, bytes] of contents.entries()) await writeFile(held[i]?.path ?? '', bytes);
  });

  test('gives what it began with where it was stopped before the first epoch', async () => {
    const stopped = await run('stopped', { signal: AbortSignal.abort() });
    assert.deepEqual([stopped.ended, stopped.best, stopped.weights.size, stopped.head], ['aborted', 0, 0, head]);
  });
});
