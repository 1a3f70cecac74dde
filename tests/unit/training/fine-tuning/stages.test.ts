import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { openGraph } from '#kaiyan/inference/graph-session.js';
import { buildModel } from '#kaiyan/models/architectures/build-model.js';
import { createGraphBuilder, type GraphBuilder } from '#kaiyan/onnx/graph-builder.js';
import { parseModel, serializeModel, withOutputs } from '#kaiyan/onnx/model-file.js';
import type { ModelProto } from '#kaiyan/onnx/onnx_pb.js';
import { openLearner } from '#kaiyan/training/fine-tuning/learner.js';
import { type Network, readNetwork } from '#kaiyan/training/fine-tuning/network.js';
import { cutBeforeStages } from '#kaiyan/training/fine-tuning/stages.js';
import { embedded } from '../../../support/bundles.js';
import { appError } from '../../../support/errors.js';
import { formulaNetwork, formulaTensors } from '../../../support/formula-weights.js';
import { normal, sizeOf } from '../../../support/learning.js';

const read = (model: ModelProto, side: number): Promise<Network> =>
  readNetwork(model, { name: 'mine', input: 'input', shape: [3, side, side], embedding: 'embedding' });

const boundary = (network: Network, stages: number) =>
  network.shapeOf(cutBeforeStages(network, stages).boundary).slice(1).join('×');

test('the stages of EfficientNet-Lite0 begin before the blocks that make the picture smaller', async () => {
  const file = path.join(embedded('efficientnet-lite0'), 'model.fp32.onnx');
  const lite = await read(parseModel(await readFile(file), file), 224);
  const found = [1, 2, 3, 4, 5].map((stages) => boundary(lite, stages));
  assert.deepEqual(found, ['112×14×14', '40×28×28', '24×56×56', '16×112×112', '3×224×224']);
  assert.throws(() => cutBeforeStages(lite, 6), appError('TRAINING_UNSUPPORTED', '5 stages, and 6'));
});

describe('the last stage answers and learns in', () => {
  const last = {
    resnet50: '1024×14×14',
    mobilenet_v2: '96×14×14',
    mobilenet_v3_small: '48×14×14',
    efficientnet_b0: '112×14×14',
    squeezenet1_1: '32×27×27',
  };
  for (const [name, shape] of Object.entries(last)) {
    test(name, async (t) => {
      const { model } = buildModel(formulaTensors(formulaNetwork(name)), name);
      const network = await read(model, 224);
      const cut = cutBeforeStages(network, 1);
      assert.equal(boundary(network, 1), shape);
      const dimensions = sizeOf(network.shapeOf('embedding'));
      const head = { classes: 2, dimensions, weights: normal(2 * dimensions, 1, 'head'), bias: Float32Array.of(1, -1) };
      const learner = await openLearner(network, cut, head);
      t.after(() => learner.release());

      const bytes = serializeModel(withOutputs(model, [cut.boundary, 'embedding']));
      const whole = await openGraph(bytes, { path: name, input: 'input', threads: 2 });
      t.after(() => whole.release());
      const pictures = { dims: [2, 3, 224, 224], data: normal(2 * 3 * 224 * 224, 1, 'pictures') };
      const values = await whole.run(pictures, [cut.boundary, 'embedding']);
      const [inside, vectors] = [cut.boundary, 'embedding'].map(
        (value) => values.get(value)?.data ?? new Float32Array(),
      ) as [Float32Array, Float32Array];
      const expected = [0, 1, 2, 3].map((i) => {
        const [row, one] = [Math.floor(i / 2), i % 2];
        const vector = vectors.subarray(row * dimensions, (row + 1) * dimensions);
        return vector.reduce(
          (sum, value, k) => sum + value * (head.weights[one * dimensions + k] as number),
          head.bias[one] as number,
        );
      });
      const scale = Math.max(...expected.map(Math.abs));
      const found = await learner.answer(inside, 2);
      for (const [i, logit] of expected.entries()) {
        assert.ok(Math.abs((found[i] as number) - logit) < 1e-4 * scale, `${found[i]} instead of ${logit}`);
      }
      const learned = await learner.learn(inside, Float32Array.of(0, 1, 0.5, 0.5), Float32Array.of(0.5, 0.5));
      assert.deepEqual(
        [...learned].map((logit) => logit.toPrecision(4)),
        [...found].map((logit) => logit.toPrecision(4)),
      );
      for (const [i, { name: parameter }] of learner.parameters.entries()) {
        assert.ok(learner.gradients[i]?.every(Number.isFinite), parameter);
      }
    });
  }
});

describe('what cannot be trained is refused before anything starts:', () => {
  const refusal = async (build: (graph: GraphBuilder) => string) => {
    const graph = createGraphBuilder('mine');
    graph.input('input', ['batch', 3, 8, 8]);
    const small = graph.node('AveragePool', 'small', ['input'], { kernel_shape: [2, 2], strides: [2, 2] });
    graph.constant('kernels', [4, 3, 1, 1], normal(12, 1, 'kernels'));
    graph.node('Conv', 'features', [small, 'kernels']);
    graph.rename(graph.node('GlobalAveragePool', 'mean', [build(graph)]), 'embedding');
    graph.output('embedding', ['batch', 4, 1, 1]);
    const network = await read(graph.build(), 8);
    return () => cutBeforeStages(network, 1);
  };

  test('an operation without a gradient', async () => {
    const cut = await refusal((graph) => graph.node('Erf', 'odd', ['features']));
    assert.throws(cut, appError('TRAINING_UNSUPPORTED', 'Erf "odd"', 'no gradient for Erf', '--unfreeze 0'));
  });

  test('an operation that puts pictures together', async () => {
    const cut = await refusal((graph) => graph.node('ReduceMean', 'all', ['features'], { axes: [0], keepdims: 1 }));
    assert.throws(cut, appError('TRAINING_UNSUPPORTED', 'ReduceMean "all"', 'several pictures'));
  });
});
