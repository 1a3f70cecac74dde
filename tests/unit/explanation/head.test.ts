import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { classMap, fits } from '#kaiyan/explanation/class-map.js';
import { type Head, readHead } from '#kaiyan/explanation/head.js';
import { openGraph } from '#kaiyan/inference/graph-session.js';
import type { Values } from '#kaiyan/inference/session.js';
import { buildModel } from '#kaiyan/models/architectures/build-model.js';
import { createGraphBuilder, type GraphBuilder } from '#kaiyan/onnx/graph-builder.js';
import { parseModel, serializeModel } from '#kaiyan/onnx/model-file.js';
import { formulaInput, formulaLogits, formulaNetwork, formulaTensors } from '../../support/formula-weights.js';
import { inBothPrecisions } from '../../support/quantized.js';
import { standardDeviation } from '../../support/statistics.js';

const file = 'test.onnx';

const headOf = (bytes: Uint8Array): Head | undefined => readHead(parseModel(bytes, file), 'feature_map', 'logits');

/** What ONNX Runtime gives for one picture. */
async function run(bytes: Uint8Array, dims: readonly number[], data: Float32Array) {
  const session = await openGraph(bytes, { path: file, input: 'input', threads: 2 });
  const outputs = await session.run({ dims, data }, ['logits', 'feature_map']);
  await session.release();
  return { logits: outputs.get('logits') as Values, featureMap: outputs.get('feature_map') as Values };
}

/** The logits that the maps of all classes add up to. */
function logitsOf(head: Head, featureMap: Values): number[] {
  assert.ok(fits(head, featureMap));
  return Array.from({ length: head.classes }, (_, index) => {
    const { values } = classMap(head, featureMap, index);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return mean + (head.limits ? 0 : head.biasOf(index));
  });
}

function assertClose(found: readonly number[], expected: Float32Array, most: number): void {
  assert.equal(found.length, expected.length);
  const worst = Math.max(...found.map((value, i) => Math.abs(value - (expected[i] as number))));
  assert.ok(worst <= most, `${worst}, more than ${most}`);
}

describe('the maps of all classes', () => {
  for (const name of ['resnet18', 'mobilenet_v2', 'efficientnet_b0', 'efficientnet-lite2', 'squeezenet1_1']) {
    test(`add up to the logits that PyTorch has for ${name}`, async () => {
      const network = formulaNetwork(name);
      const { size = 224 } = network;
      const bytes = serializeModel(buildModel(formulaTensors(network), file).model);
      const head = headOf(bytes);
      assert.ok(head);
      assert.deepEqual(head.limits, name === 'squeezenet1_1' ? { least: 0, most: Infinity } : undefined);
      const picture = formulaInput(network).subarray(0, 3 * size * size);
      const { featureMap } = await run(bytes, [1, 3, size, size], picture);
      const expected = formulaLogits(name).subarray(0, 1000);
      assertClose(logitsOf(head, featureMap), expected, 1e-3 * standardDeviation(expected));
    });
  }

  for (const name of ['resnet18', 'squeezenet1_1']) {
    test(`add up to the logits of ${name} in 8 bits as Kaiyan makes it, but for what is rounded on the way`, async () => {
      const { int8, pictures } = await inBothPrecisions(name);
      const head = headOf(int8);
      assert.ok(head);
      assert.equal(head.limits?.least, name === 'squeezenet1_1' ? 0 : undefined);
      const { featureMap, logits } = await run(int8, [1, 3, 224, 224], pictures.subarray(0, 3 * 224 * 224));
      assertClose(logitsOf(head, featureMap), logits.data, 0.05 * standardDeviation(logits.data));
    });
  }

  test('are not known of a network with a hidden layer after the mean', () => {
    assert.equal(
      headOf(serializeModel(buildModel(formulaTensors(formulaNetwork('mobilenet_v3_small')), file).model)),
      undefined,
    );
  });
});

const [CLASSES, CHANNELS, SIDE] = [3, 4, 5];
/** Numbers that are all different, some of them negative. */
const numbers = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(seed + i * 1.7) * 2);

/** A small network: a convolution whose result is the feature map, and the rest as `end` builds it. */
function network(end: (graph: GraphBuilder) => void): Uint8Array {
  const graph = createGraphBuilder('test');
  graph.input('input', [1, 3, SIDE, SIDE]);
  graph.constant('kernels', [CHANNELS, 3, 1, 1], numbers(CHANNELS * 3, 1));
  graph.node('Conv', 'feature_map', ['input', 'kernels'], { kernel_shape: [1, 1] });
  graph.constant('by_class', [CLASSES, CHANNELS], numbers(CLASSES * CHANNELS, 2));
  graph.constant('by_channel', [CHANNELS, CLASSES], numbers(CLASSES * CHANNELS, 3));
  graph.constant('pointwise', [CLASSES, CHANNELS, 1, 1], numbers(CLASSES * CHANNELS, 4));
  graph.constant('bias', [CLASSES], numbers(CLASSES, 5));
  end(graph);
  graph.output('logits', [1, CLASSES]);
  graph.output('feature_map', [1, CHANNELS, SIDE, SIDE]);
  return serializeModel(graph.build());
}

const pool = (graph: GraphBuilder, from = 'feature_map') =>
  graph.node('Flatten', 'flat', [graph.node('GlobalAveragePool', 'mean', [from])], { axis: 1 });
const gemm = (graph: GraphBuilder, from: string) =>
  graph.node('Gemm', 'logits', [from, 'by_class', 'bias'], { transB: 1 });

const ends: Readonly<Record<string, (graph: GraphBuilder) => void>> = {
  'a linear layer': (graph) => gemm(graph, pool(graph)),
  'a linear layer whose weights lie the other way, scaled': (graph) =>
    graph.node('Gemm', 'logits', [pool(graph), 'by_channel', 'bias'], { alpha: { float: 0.5 }, beta: { float: -2 } }),
  'a linear layer without a bias': (graph) => graph.node('Gemm', 'logits', [pool(graph), 'by_channel']),
  'a product and a sum': (graph) =>
    graph.node('Add', 'logits', ['bias', graph.node('MatMul', 'product', [pool(graph), 'by_channel'])]),
  'a convolution of the mean': (graph) => {
    const mean = graph.node('GlobalAveragePool', 'mean', ['feature_map']);
    const conv = graph.node('Conv', 'classes', [mean, 'pointwise', 'bias'], { kernel_shape: [1, 1] });
    graph.node('Flatten', 'logits', [conv], { axis: 1 });
  },
  'a mean over both sides': (graph) => {
    const mean = graph.node('ReduceMean', 'mean', ['feature_map'], { axes: [-1, -2], keepdims: 0 });
    gemm(graph, mean);
  },
  'nodes between that change nothing': (graph) => {
    const same = graph.node('Identity', 'same', ['feature_map']);
    gemm(graph, graph.node('Dropout', 'dropped', [pool(graph, same)]));
  },
  'class maps with limits': (graph) => {
    const maps = graph.node('Conv', 'maps', ['feature_map', 'pointwise', 'bias'], { kernel_shape: [1, 1] });
    const limits = [graph.constant('least', [], numbers(1, 0)), graph.constant('most', [], Float32Array.of(1.5))];
    const limited = graph.node('Clip', 'limited', [maps, ...limits]);
    graph.node('Flatten', 'logits', [graph.node('GlobalAveragePool', 'mean', [limited])], { axis: 1 });
  },
};

describe('the end of a network', () => {
  const picture = numbers(3 * SIDE * SIDE, 6);

  for (const [name, end] of Object.entries(ends)) {
    test(`is understood as ONNX Runtime runs it: ${name}`, async () => {
      const bytes = network(end);
      const head = headOf(bytes);
      assert.ok(head);
      assert.deepEqual([head.classes, head.channels], [CLASSES, CHANNELS]);
      const { logits, featureMap } = await run(bytes, [1, 3, SIDE, SIDE], picture);
      assertClose(logitsOf(head, featureMap), logits.data, 1e-5);
    });
  }

  const others: Readonly<Record<string, (graph: GraphBuilder) => void>> = {
    'an activation after the mean': (graph) => gemm(graph, graph.node('Relu', 'active', [pool(graph)])),
    'an activation before the mean': (graph) => gemm(graph, pool(graph, graph.node('Relu', 'active', ['feature_map']))),
    'the largest value instead of the mean': (graph) => {
      const most = graph.node('GlobalMaxPool', 'most', ['feature_map']);
      gemm(graph, graph.node('Flatten', 'flat', [most], { axis: 1 }));
    },
    'a mean over one side': (graph) => {
      const mean = graph.node('ReduceMean', 'mean', ['feature_map'], { axes: [3], keepdims: 0 });
      const last = graph.node('ReduceMax', 'last', [mean], { axes: [2], keepdims: 0 });
      gemm(graph, last);
    },
    'another value than the feature map': (graph) => {
      const kernels = graph.constant('others', [CHANNELS, 3, 1, 1], numbers(CHANNELS * 3, 9));
      gemm(graph, pool(graph, graph.node('Conv', 'other', ['input', kernels], { kernel_shape: [1, 1] })));
    },
    'class maps that are halved': (graph) => {
      const maps = graph.node('Conv', 'maps', ['feature_map', 'pointwise', 'bias'], { kernel_shape: [1, 1] });
      const halved = graph.node('Mul', 'halved', [maps, graph.constant('half', [], Float32Array.of(0.5))]);
      graph.node('Flatten', 'logits', [graph.node('GlobalAveragePool', 'mean', [halved])], { axis: 1 });
    },
    'class maps that look at neighbours': (graph) => {
      const wide = graph.constant('wide', [CLASSES, CHANNELS, 3, 3], numbers(CLASSES * CHANNELS * 9, 9));
      const maps = graph.node('Conv', 'maps', ['feature_map', wide], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
      graph.node('Flatten', 'logits', [graph.node('GlobalAveragePool', 'mean', [maps])], { axis: 1 });
    },
  };

  for (const [name, end] of Object.entries(others)) {
    test(`is left to trying where it is another one: ${name}`, () => assert.equal(headOf(network(end)), undefined));
  }
});
