import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Classifier, createClassifier } from '#kaiyan/classification/classifier.js';
import { exactGoldens, geometries, pillowPicture, sha256 } from '../../support/goldens.js';
import { examples } from '../../support/paths.js';

const coffee = await readFile(path.join(examples, 'coffee.png'));

describe('a look into a run', () => {
  let classifier: Classifier;
  before(async () => {
    classifier = await createClassifier({ precision: 'fp32', workers: 1, home: '/dev/null/kaiyan' });
  });
  after(() => classifier.close());

  test('shows the pixels that the network was given, to the bit those of Pillow', async () => {
    const { width, height } = geometries.bicubic256crop224;
    for (const golden of exactGoldens.slice(0, 12)) {
      const bytes = await readFile(pillowPicture(golden.file));
      const { crop, picture } = await classifier.inspect(bytes, { outputs: [] }, async (inspection) => inspection);
      assert.equal(crop.length, width * height * 3);
      assert.equal(sha256(crop), golden.bicubic256crop224, golden.file);
      assert.deepEqual(picture, { width: golden.width, height: golden.height }, golden.file);
    }
  });

  test('gives the outputs that are asked for, in their shapes', async () => {
    const { outputs } = await classifier.inspect(coffee, { outputs: ['embedding', 'featureMap'] }, async (all) => all);
    const [embedding, featureMap] = [outputs.get('embedding'), outputs.get('featureMap')];
    assert.deepEqual(
      [embedding?.dims, featureMap?.dims],
      [
        [1, 1280],
        [1, 1280, 7, 7],
      ],
    );
    // The embedding is the mean of each channel.
    for (let channel = 0; channel < 1280; channel++) {
      const values = Array.from(featureMap?.data.subarray(channel * 49, channel * 49 + 49) ?? []);
      const mean = values.reduce((sum, value) => sum + value, 0) / 49;
      assert.ok(Math.abs(mean - (embedding?.data[channel] as number)) < 1e-4);
    }
    const alone = await classifier.inspect(coffee, { outputs: [] }, async (all) => all.outputs.size);
    assert.equal(alone, 0);
  });

  test('runs the model again on pixels, with the same logits for the same pixels', async () => {
    const [first, again, black] = await classifier.inspect(
      coffee,
      { outputs: [] },
      async ({ logits, crop, runCrop }) => [
        logits,
        (await runCrop(crop)).logits,
        (await runCrop(new Uint8Array(crop.length))).logits,
      ],
    );
    assert.deepEqual(again, first);
    assert.notDeepEqual(black, first);
  });

  test('does not change what is answered', async () => {
    const { timing: _, ...expected } = await classifier.classify(coffee);
    const { timing, ...found } = await classifier.inspect(
      coffee,
      { outputs: ['featureMap'] },
      async (all) => all.classification,
    );
    assert.deepEqual(found, expected);
  });
});
