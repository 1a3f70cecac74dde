/** The last stage of a ResNet-18 learns as in PyTorch; tests/fixtures/gradients says how its numbers were made. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { buildModel } from '#kaiyan/models/architectures/build-model.js';
import { readCheckpoint } from '#kaiyan/models/checkpoints/checkpoint.js';
import { openLearner } from '#kaiyan/training/fine-tuning/learner.js';
import { readNetwork } from '#kaiyan/training/fine-tuning/network.js';
import { cutBeforeStages } from '#kaiyan/training/fine-tuning/stages.js';
import { crossEntropy } from '../../../support/learning.js';
import { fixtures } from '../../../support/paths.js';
import { shared, withoutShared } from '../../../support/requirements.js';

const [CLASSES, PICTURES, FEATURES] = [3, 4, 512];
const LARGEST_ERROR = 1e-3;

interface Golden {
  readonly loss: number;
  readonly gradients: Readonly<
    Record<string, { readonly length: number; readonly samples: Readonly<Record<string, number>> }>
  >;
}

const wave = (length: number, curve: (x: number) => number, pace: number, height: number) =>
  Float32Array.from({ length }, (_, i) => curve(i * pace) * height);

test('the gradients of the last stage of ResNet-18 are those of PyTorch', { skip: withoutShared() }, async () => {
  const golden = JSON.parse(await readFile(path.join(fixtures, 'gradients/resnet18.json'), 'utf8')) as Golden;
  const file = path.join(shared, 'models/resnet18-standin.pth');
  const { model } = buildModel((await readCheckpoint(file)).tensors, file);
  const face = { name: 'resnet18', input: 'input', shape: [3, 224, 224] as const, embedding: 'embedding' };
  const network = await readNetwork(model, face);
  const cut = cutBeforeStages(network, 1);
  assert.deepEqual(network.shapeOf(cut.boundary), [1, 256, 14, 14]);
  const learner = await openLearner(network, cut, {
    classes: CLASSES,
    dimensions: FEATURES,
    weights: wave(CLASSES * FEATURES, Math.cos, 0.37, 0.1),
    bias: wave(CLASSES, Math.cos, 1.1, 0.1),
  });
  const values = wave(PICTURES * 256 * 14 * 14, Math.sin, 0.7, 1.5).map((value) => Math.max(0, value));
  const targets = Float32Array.from({ length: PICTURES * CLASSES }, (_, i) => {
    const [picture, one] = [Math.floor(i / CLASSES), i % CLASSES];
    return one === picture % CLASSES ? 0.9 : 0.05;
  });
  const shares = Float32Array.of(0.1, 0.2, 0.3, 0.4);
  const logits = await learner.learn(values, targets, shares);
  assert.ok(Math.abs(crossEntropy(logits, targets, shares) / golden.loss - 1) < 1e-5);

  const names = Object.keys(golden.gradients);
  assert.deepEqual(learner.parameters.map(({ name }) => name.replace('kaiyan:', '')).sort(), [...names].sort());
  for (const [i, { name }] of learner.parameters.entries()) {
    const { length, samples } = golden.gradients[name.replace('kaiyan:', '')] as Golden['gradients'][string];
    const gradient = learner.gradients[i] as Float32Array;
    assert.ok(Math.abs(Math.hypot(...chunked(gradient)) / length - 1) < LARGEST_ERROR, `the length of ${name}`);
    let [difference, all] = [0, 0];
    for (const [place, value] of Object.entries(samples)) {
      difference += (value - (gradient[Number(place)] as number)) ** 2;
      all += value ** 2;
    }
    assert.ok(all > 0, `${name} has samples`);
    assert.ok(Math.sqrt(difference / all) < LARGEST_ERROR, `${name} is ${Math.sqrt(difference / all)} off`);
  }
  await learner.release();
});

/** Lengths of parts, of which the length of all can be made. */
function chunked(values: Float32Array): number[] {
  const lengths: number[] = [];
  for (let from = 0; from < values.length; from += 4096) {
    lengths.push(Math.sqrt(values.subarray(from, from + 4096).reduce((sum, value) => sum + value * value, 0)));
  }
  return lengths;
}
