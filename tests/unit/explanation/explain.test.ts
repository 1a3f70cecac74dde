import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type Classifier, type ClassifierOptions, createClassifier } from '#kaiyan/classification/classifier.js';
import { type Explanation, explain } from '#kaiyan/explanation/explain.js';
import { explainInPicture } from '#kaiyan/explanation/explain-in-picture.js';
import { cover } from '#kaiyan/explanation/occlusion.js';
import { addOnnx } from '#kaiyan/models/add-onnx.js';
import { importCheckpoint } from '#kaiyan/models/import-checkpoint.js';
import { createRegistry } from '#kaiyan/models/registry.js';
import { createGraphBuilder } from '#kaiyan/onnx/graph-builder.js';
import { serializeModel } from '#kaiyan/onnx/model-file.js';
import { customBundle, embeddedManifest } from '../../support/bundles.js';
import { appError, rejectionOf } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { formulaNetwork, safetensorsOf } from '../../support/formula-weights.js';
import { examples } from '../../support/paths.js';
import { shared, withoutShared } from '../../support/requirements.js';

const cat = await readFile(path.join(examples, 'chelsea.png'));
const coffee = await readFile(path.join(examples, 'coffee.png'));

async function classifierFor(t: Pick<TestContext, 'after'>, options: ClassifierOptions = {}): Promise<Classifier> {
  const home = await temporaryFolder(t);
  const classifier = await createClassifier({ precision: 'fp32', workers: 1, home, ...options });
  t.after(() => classifier.close());
  return classifier;
}

const meanOf = ({ grid }: Explanation) => grid.values.reduce((sum, value) => sum + value, 0) / grid.values.length;

/** How far the grid is from making the logit. */
const remainder = (explanation: Explanation) =>
  Math.abs(meanOf(explanation) - (explanation.class.logit - (explanation.class.bias ?? Number.NaN)));

/** A network whose weights follow a formula, as a model. */
async function formulaModel(t: Pick<TestContext, 'after'>, name: string): Promise<Classifier> {
  const home = await temporaryFolder(t);
  const file = path.join(home, 'weights.safetensors');
  await writeFile(file, safetensorsOf(formulaNetwork(name)));
  await importCheckpoint(file, { name: 'formula' }, createRegistry(home));
  return classifierFor(t, { home, model: 'formula' });
}

describe('an explanation', () => {
  test('has the answer of the classifier, and a grid whose mean makes the logit of any class', async (t) => {
    const classifier = await classifierFor(t);
    const { timing: _, answer, categories, flags, ...expected } = await classifier.classify(coffee);
    for (const wanted of [undefined, 967, 504, 0, 999]) {
      const explanation = await explain(classifier, coffee, { class: wanted });
      const { model, predictions, class: explained, timing } = explanation;
      assert.deepEqual({ model, predictions }, expected);
      assert.deepEqual([explanation.method, explanation.exact], ['class-activation-map', true]);
      assert.equal(explained.index, wanted ?? predictions[0]?.index);
      assert.ok(remainder(explanation) <= 1e-3, `${remainder(explanation)}`);
      const { decodeMs, inferenceMs, queueMs, totalMs } = timing;
      assert.ok(Math.abs(totalMs - decodeMs - inferenceMs - queueMs) < 0.03);
    }
    const best = await explain(classifier, coffee);
    assert.deepEqual(
      { index: best.class.index, wnid: best.class.wnid, label: best.class.label, probability: best.class.probability },
      expected.predictions[0],
    );
    assert.deepEqual([best.grid.rows, best.grid.columns, best.grid.values.length], [7, 7, 49]);
  });

  test('in 8 bits makes the logit but for what is rounded on the way', async (t) => {
    for (const [model, cells] of [
      ['efficientnet-lite0', 7],
      ['efficientnet-lite2', 9],
    ] as const) {
      const classifier = await classifierFor(t, { model, precision: 'int8' });
      const explanation = await explain(classifier, coffee);
      assert.deepEqual([explanation.exact, explanation.grid.rows, explanation.grid.columns], [true, cells, cells]);
      assert.ok(remainder(explanation) < 0.1, `${remainder(explanation)}`);
    }
  });

  test('says which part of the upright picture the network was given', async (t) => {
    const classifier = await classifierFor(t);
    const { crop, picture } = await explain(classifier, coffee);
    assert.deepEqual(picture, { width: 600, height: 400 });
    // 600×400 becomes 384×256, of which 224×224 are cut from 80, 16.
    assert.deepEqual(crop, { x: 125, y: 25, width: 350, height: 350 });
  });

  test('is in the language that is asked for, with as many predictions', async (t) => {
    const explanation = await explain(await classifierFor(t), cat, { lang: 'zh', top: 7, class: '虎纹猫' });
    assert.equal(explanation.class.label, '虎纹猫');
    assert.equal(explanation.predictions.length, 7);
  });

  test('is refused for a class that there is not, with those that there are', async (t) => {
    const classifier = await classifierFor(t);
    for (const wanted of [1000, -1, 'no such thing'])
      appError(
        'CLASS_NOT_FOUND',
        'efficientnet-lite0@1',
        '0 to 999',
        `"${wanted}"`,
      )(await rejectionOf(explain(classifier, coffee, { class: wanted })));
  });
});

describe('the networks', () => {
  test('that make maps of classes themselves are explained by these', async (t) => {
    const explanation = await explain(await formulaModel(t, 'squeezenet1_1'), coffee);
    assert.deepEqual([explanation.method, explanation.exact, explanation.class.bias], ['class-map', true, 0]);
    assert.ok(explanation.grid.values.every((value) => value >= 0));
    assert.ok(remainder(explanation) <= 1e-3 * Math.max(1, Math.abs(explanation.class.logit)));
  });

  test('with a hidden layer after the mean are explained by covering parts', async (t) => {
    const explanation = await explain(await formulaModel(t, 'mobilenet_v3_small'), coffee);
    assert.deepEqual([explanation.method, explanation.exact, explanation.class.bias], ['occlusion', false, null]);
    assert.deepEqual([explanation.grid.rows, explanation.grid.columns], [7, 7]);
  });

  test('without a feature map are explained by covering parts, each cell by what its patch changes', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'plain', { output: { logits: 'logits' } });
    const classifier = await classifierFor(t, { home, model: 'plain' });
    const { method, grid, class: explained, timing } = await explain(classifier, coffee);
    assert.equal(method, 'occlusion');
    // 49 runs more than one.
    assert.ok(timing.inferenceMs > 5 * (await classifier.classify(coffee)).timing.inferenceMs);
    const covered = await classifier.inspect(coffee, { outputs: [] }, async ({ crop, bundle, runCrop }) => {
      const { input, temperature } = bundle.manifest;
      // The cell in the middle.
      const { logits } = await runCrop(cover(crop, input, { x: 80, y: 80, width: 64, height: 64 }));
      const weights = Array.from(logits, (logit) => Math.exp(logit / temperature));
      return (weights[explained.index] as number) / weights.reduce((sum, weight) => sum + weight, 0);
    });
    assert.ok(Math.abs((grid.values[24] as number) - (explained.probability - covered)) < 1e-5);
  });

  test('whose manifest calls another output the feature map are not believed', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'mistaken', { output: { logits: 'logits', featureMap: 'embedding' } });
    assert.equal((await explain(await classifierFor(t, { home, model: 'mistaken' }), coffee)).method, 'occlusion');
  });

  test('whose manifest names an output that there is not are refused', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'wrong', { output: { logits: 'logits', featureMap: 'nowhere' } });
    const classifier = await classifierFor(t, { home, model: 'wrong' });
    await assert.rejects(explain(classifier, coffee), appError('MODEL_INVALID', 'feature_map', '"nowhere"'));
    assert.equal((await classifier.classify(coffee)).predictions[0]?.index, 967);
  });

  test('whose file is no longer theirs are explained by what is in memory', async (t) => {
    const home = await temporaryFolder(t);
    const folder = await customBundle(home, 'moved', { files: (await embeddedManifest()).files });
    const classifier = await classifierFor(t, { home, model: 'moved' });
    await rm(path.join(folder, 'model.fp32.onnx'));
    assert.equal((await explain(classifier, coffee)).method, 'occlusion');
  });

  test('whose logit is not what their graph seems to say are explained by covering parts', async (t) => {
    const home = await temporaryFolder(t);
    const graph = createGraphBuilder('test');
    graph.input('input', [1, 3, 8, 8]);
    graph.constant('kernels', [2, 3, 1, 1], Float32Array.of(-1, -2, -1, -1, -1, -3));
    const map = graph.node('Conv', 'feature_map', ['input', 'kernels'], { kernel_shape: [1, 1] });
    const mean = graph.node('Flatten', 'flat', [graph.node('GlobalAveragePool', 'mean', [map])], { axis: 1 });
    // These 8 bits have no negative numbers: they are an activation.
    const bits = [graph.constant('scale', [], Float32Array.of(0.1)), graph.constant('zero', [], Uint8Array.of(0))];
    const active = graph.node('DequantizeLinear', 'active', [
      graph.node('QuantizeLinear', 'bits', [mean, ...bits]),
      ...bits,
    ]);
    graph.constant('weights', [2, 2], Float32Array.of(1, 2, -3, 1));
    graph.constant('biases', [2], Float32Array.of(0.5, -0.5));
    graph.node('Gemm', 'logits', [active, 'weights', 'biases']);
    graph.output('logits', [1, 2]);
    graph.output('feature_map', [1, 2, 8, 8]);
    const file = path.join(home, 'test.onnx');
    await writeFile(file, serializeModel(graph.build()));
    const input = {
      width: 8,
      height: 8,
      resize: { shortSide: 8, filter: 'bilinear' },
      mean: [0, 0, 0],
      std: [50, 50, 50],
    } as const;
    const labels = ['first', 'second'].map((en) => ({ en, zh: en }));
    await addOnnx(file, { input, labels, output: { featureMap: 'feature_map' } }, createRegistry(home));
    const { method } = await explain(await classifierFor(t, { home, model: 'test', precision: 'auto' }), coffee);
    assert.equal(method, 'occlusion');
  });

  test('with real weights: a ResNet-18', { skip: withoutShared() }, async (t) => {
    const home = await temporaryFolder(t);
    await importCheckpoint(path.join(shared, 'models/resnet18-standin.pth'), {}, createRegistry(home));
    const explanation = await explain(await classifierFor(t, { home, model: 'resnet18' }), coffee);
    assert.deepEqual([explanation.method, explanation.class.label], ['class-activation-map', 'espresso']);
    assert.ok(remainder(explanation) <= 1e-3);
  });
});

describe('an explanation that takes long', () => {
  async function slowClassifier(t: Pick<TestContext, 'after'>, options: ClassifierOptions = {}) {
    const home = await temporaryFolder(t);
    await customBundle(home, 'plain', { output: { logits: 'logits' } });
    return classifierFor(t, { home, model: 'plain', ...options });
  }

  test('has to be ready within the deadline', async (t) => {
    const classifier = await slowClassifier(t);
    await classifier.classify(coffee);
    const error = await rejectionOf(explain(classifier, coffee, { deadlineMs: 60 }));
    appError('DEADLINE_EXCEEDED', '60 ms')(error);
  });

  test('ends when it is no longer wanted, and leaves the classifier to others', async (t) => {
    const classifier = await slowClassifier(t);
    await classifier.classify(coffee);
    const controller = new AbortController();
    const gone = rejectionOf(explain(classifier, coffee, { signal: controller.signal }));
    setTimeout(() => controller.abort(), 60);
    appError('ABORTED')(await gone);
    assert.equal((await classifier.classify(coffee)).predictions[0]?.index, 967);
  });

  test('keeps its place in the queue until it is over', async (t) => {
    const classifier = await slowClassifier(t, { queueRequests: 1 });
    let later: unknown;
    const explanation = await classifier.inspect(coffee, { outputs: [] }, async ({ classification }) => {
      later = await rejectionOf(classifier.classify(coffee));
      return classification;
    });
    appError('QUEUE_FULL')(later);
    assert.equal(explanation.predictions[0]?.index, 967);
    assert.equal((await classifier.classify(coffee)).predictions[0]?.index, 967);
  });

  test('keeps no room for the pixels of a picture that it is drawn over', async (t) => {
    const pixels = 600 * 400;
    const classifier = await slowClassifier(t, { maxPixels: pixels, maxPixelsInFlight: pixels });
    const others: (number | undefined)[] = [];
    const inspect: Classifier['inspect'] = (bytes, options, work) =>
      classifier.inspect(bytes, options, async (inspection) => {
        others.push((await classifier.classify(coffee)).predictions[0]?.index);
        return work(inspection);
      });
    const { png } = await explainInPicture({ inspect }, coffee, { opacity: 0.5 });
    assert.deepEqual([...png.subarray(1, 4)], [...Buffer.from('PNG')]);
    assert.deepEqual(others, [967]);
  });

  test('is waited for when the classifier closes', async (t) => {
    const classifier = await slowClassifier(t);
    const explaining = explain(classifier, coffee);
    await classifier.close();
    assert.equal((await explaining).grid.values.length, 49);
  });
});
