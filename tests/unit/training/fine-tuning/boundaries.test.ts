import assert from 'node:assert/strict';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { settingsWith } from '#kaiyan/config.js';
import { createDecoder } from '#kaiyan/image/decode.js';
import { decodeOptions } from '#kaiyan/image/decode-options.js';
import { shrunkShortSide } from '#kaiyan/image/input-spec.js';
import { createPreprocessor } from '#kaiyan/image/preprocess.js';
import { modelFile, openBundle } from '#kaiyan/models/bundle.js';
import { parseModel } from '#kaiyan/onnx/model-file.js';
import { type BoundaryOptions, createBoundaries } from '#kaiyan/training/fine-tuning/boundaries.js';
import { readNetwork } from '#kaiyan/training/fine-tuning/network.js';
import { cutBeforeStages } from '#kaiyan/training/fine-tuning/stages.js';
import { embedded } from '../../../support/bundles.js';
import { draw, encode } from '../../../support/drawings.js';
import { temporaryFolder } from '../../../support/folders.js';
import { examples } from '../../../support/paths.js';

const bundle = await openBundle(embedded('efficientnet-lite0'));
const { input } = bundle.manifest;
const file = modelFile(bundle, 'fp32');
const signal = new AbortController().signal;

const readNew = async () =>
  readNetwork(parseModel(await readFile(file.path), file.path), {
    ...{ name: file.path, input: file.input, embedding: 'embedding', shape: file.shape },
  });

async function boundariesFor(t: TestContext, paths: readonly string[], changes: Partial<BoundaryOptions>) {
  const network = await readNew();
  const boundaries = await createBoundaries({
    ...{ network, boundary: network.input, input, changing: 0, views: 1, seed: 0, signal, settings: settingsWith({}) },
    pictures: paths.map((one) => ({ path: one, name: path.basename(one), label: 0 })),
    folder: await temporaryFolder(t),
    onUnreadable: (_picture, error) => {
      throw error;
    },
    ...changes,
  });
  t.after(boundaries.close);
  return boundaries;
}

test('pictures are reduced while they are decoded, as those are that a model answers with that setting', async (t) => {
  const large = path.join(await temporaryFolder(t), 'large.jpg');
  await writeFile(
    large,
    await encode(
      draw(1600, 1200, (x, y) => [(x * 7) % 256, (y * 5) % 256, (x * y) % 256]),
      'JPEG',
    ),
  );
  const settings = settingsWith({ shrinkOnLoad: true });
  const decoder = createDecoder(decodeOptions(settings, 1));
  t.after(decoder.close);
  const preprocessor = await createPreprocessor(input);
  for (const [shrinkOnLoad, side] of [
    [true, shrunkShortSide(input)],
    [false, 0],
  ] as const) {
    const boundaries = await boundariesFor(t, [large], { settings: settingsWith({ shrinkOnLoad }) });
    const values = await boundaries.read([{ picture: 0, view: 0 }]);
    const image = await decoder.decode(await readFile(large), signal, side);
    assert.deepEqual(values, preprocessor.tensor(image).slice());
    image.release();
  }
});

test('what does not fit on the disk is calculated each time, and comes to the same', async (t) => {
  const network = await readNew();
  const { boundary } = cutBeforeStages(network, 1);
  const pictures = ['crab.jpg', 'coffee.png'].map((name) => path.join(examples, name));
  const wanted = [0, 1].flatMap((picture) => [0, 1].map((view) => ({ picture, view })));
  const options = { network, boundary, changing: 2, views: 2 };
  const kept = await boundariesFor(t, pictures, options);
  const first = (await kept.read(wanted)).slice();
  assert.ok(first.some((value) => value !== 0));
  assert.deepEqual(await kept.read(wanted), first);
  const without = await boundariesFor(t, pictures, { ...options, budget: 0 });
  for (let time = 0; time < 2; time++) assert.deepEqual(await without.read(wanted), first);
});

test('what cannot be read any more is told once, and has the value 0', async (t) => {
  const folder = await temporaryFolder(t);
  const places = await Promise.all(
    ['crab.jpg', 'coffee.png'].map(async (name) => {
      await copyFile(path.join(examples, name), path.join(folder, name));
      return path.join(folder, name);
    }),
  );
  const lost: string[] = [];
  const boundaries = await boundariesFor(t, places, {
    ...{ changing: 2, views: 2, budget: 0 },
    onUnreadable: ({ name }, { code }) => void lost.push(`${name}: ${code}`),
  });
  const wanted = [0, 1].flatMap((picture) => [0, 1].map((view) => ({ picture, view })));
  const both = (await boundaries.read(wanted)).slice();
  await rm(places[0] as string);
  for (let time = 0; time < 2; time++) {
    const [gone, kept] = halves(await boundaries.read(wanted));
    assert.ok(gone.every((value) => value === 0));
    assert.deepEqual(kept, halves(both)[1]);
  }
  assert.deepEqual([lost, [...boundaries.leftOut]], [['crab.jpg: FILE_UNREADABLE'], [0]]);
});

const halves = (values: Float32Array) =>
  [values.subarray(0, values.length / 2), values.subarray(values.length / 2)] as const;
