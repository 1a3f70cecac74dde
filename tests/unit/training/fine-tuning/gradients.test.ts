/** Gradients against finite differences, for every kind of layer, also through it to what comes before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attribute, GraphBuilder } from '#kaiyan/onnx/graph-builder.js';
import { apart, gradientErrors, normal, sizeOf } from '../../../support/learning.js';

const LARGEST_ERROR = 1e-3;
const SIDE = 9;
const CHANNELS = 6;

type Attributes = Readonly<Record<string, Attribute>>;

/** A layer between a convolution, which sees whether the gradient comes through, and a mean over the picture. */
interface Layer {
  readonly name: string;
  /** Gives its value; `x` is N×6×9×9. */
  readonly build: (graph: GraphBuilder, x: string) => string;
  readonly channels?: number;
  /** Its slope jumps somewhere. */
  readonly hasEdges?: boolean;
  /** It gives the embedding itself, of so many numbers. */
  readonly dimensions?: number;
}

const weight = (graph: GraphBuilder, name: string, shape: readonly number[], width = 0.5) =>
  graph.constant(name, shape, normal(sizeOf(shape), width, name));

const conv = (
  name: string,
  out: number,
  perGroup: number,
  [height, width]: [number, number],
  attributes: Attributes,
): Layer => ({
  name,
  channels: out,
  build: (graph, x) =>
    graph.node(
      'Conv',
      'layer',
      [x, weight(graph, 'w', [out, perGroup, height, width]), weight(graph, 'b', [out])],
      attributes,
    ),
});

const unary = (type: string, attributes: Attributes = {}): Layer => ({
  name: type,
  hasEdges: true,
  build: (graph, x) => graph.node(type, 'layer', [x], attributes),
});

const number = (graph: GraphBuilder, name: string, value: number) => graph.constant(name, [], Float32Array.of(value));
const flat = (graph: GraphBuilder, x: string) =>
  graph.node('Flatten', 'flat', [graph.node('GlobalAveragePool', 'pool', [x])], { axis: 1 });

const layers: readonly Layer[] = [
  conv('Conv 3×3', 5, 6, [3, 3], { pads: [1, 1, 1, 1] }),
  conv('Conv without padding', 5, 6, [3, 2], {}),
  conv('Conv 3×3 with stride 2', 5, 6, [3, 3], { pads: [1, 1, 1, 1], strides: [2, 2] }),
  conv('Conv 2×2 with stride 3, which leaves rows out', 5, 6, [2, 2], { strides: [3, 3], pads: [1, 0, 1, 1] }),
  conv('Conv with other strides, dilations and paddings for rows and columns', 5, 6, [3, 2], {
    strides: [2, 1],
    dilations: [1, 2],
    pads: [2, 1, 0, 1],
  }),
  conv('Conv with dilation 2', 5, 6, [3, 3], { pads: [2, 2, 2, 2], dilations: [2, 2] }),
  conv('Conv 1×1', 5, 6, [1, 1], {}),
  conv('Conv 1×1 with stride 2', 5, 6, [1, 1], { strides: [2, 2] }),
  conv('Conv 1×1 with padding', 5, 6, [1, 1], { pads: [1, 1, 1, 1] }),
  conv('Conv in groups', 4, 3, [3, 3], { group: 2, pads: [1, 1, 1, 1] }),
  conv('Conv in groups with stride 2', 9, 2, [3, 3], { group: 3, strides: [2, 2], pads: [0, 0, 1, 1] }),
  conv('Conv by channel', 6, 1, [3, 3], { group: 6, pads: [1, 1, 1, 1] }),
  conv('Conv by channel, 5×5 with stride 2', 6, 1, [5, 5], { group: 6, pads: [1, 1, 2, 2], strides: [2, 2] }),
  conv('Conv by channel that makes two of each', 12, 1, [3, 3], { group: 6 }),
  conv('Conv with SAME_UPPER', 5, 6, [4, 4], { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
  conv('Conv with SAME_LOWER', 5, 6, [4, 4], { auto_pad: 'SAME_LOWER', strides: [2, 2] }),
  unary('Relu'),
  unary('Sigmoid'),
  unary('HardSigmoid', { alpha: { float: 0.25 }, beta: { float: 0.5 } }),
  unary('HardSwish'),
  unary('Identity'),
  unary('Dropout'),
  unary('MaxPool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
  { ...unary('MaxPool', { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }), name: 'MaxPool rounded up' },
  unary('AveragePool', { kernel_shape: [3, 3], strides: [2, 2] }),
  {
    ...unary('AveragePool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
    name: 'AveragePool without its padding',
  },
  {
    ...unary('AveragePool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 1 }),
    name: 'AveragePool with its padding',
  },
  { ...unary('AveragePool', { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }), name: 'AveragePool rounded up' },
  {
    name: 'Clip on both sides',
    hasEdges: true,
    build: (graph, x) => graph.node('Clip', 'layer', [x, number(graph, 'least', -0.5), number(graph, 'most', 1)]),
  },
  {
    name: 'Clip on one side',
    hasEdges: true,
    build: (graph, x) => graph.node('Clip', 'layer', [x, '', number(graph, 'most', 0.4)]),
  },
  {
    name: 'Add of two values and of a constant for each channel',
    build: (graph, x) => {
      const sum = graph.node('Add', 'sum', [x, graph.node('Sigmoid', 'other', [x])]);
      return graph.node('Add', 'layer', [weight(graph, 'shift', [CHANNELS, 1, 1]), sum]);
    },
  },
  {
    name: 'Mul of two values and of a constant for each channel',
    build: (graph, x) => {
      const product = graph.node('Mul', 'product', [x, graph.node('Sigmoid', 'other', [x])]);
      return graph.node('Mul', 'layer', [product, weight(graph, 'scale', [1, CHANNELS, 1, 1])]);
    },
  },
  { name: 'Mul of a value with itself', build: (graph, x) => graph.node('Mul', 'layer', [x, x]) },
  {
    name: 'squeeze and excitation',
    build: (graph, x) => {
      const mean = graph.node('GlobalAveragePool', 'mean', [x]);
      const small = graph.node('Conv', 'fc1', [
        mean,
        weight(graph, 'w1', [2, CHANNELS, 1, 1]),
        weight(graph, 'b1', [2]),
      ]);
      const swish = graph.node('Mul', 'swish', [small, graph.node('Sigmoid', 'gate', [small])]);
      const wide = graph.node('Conv', 'fc2', [
        swish,
        weight(graph, 'w2', [CHANNELS, 2, 1, 1]),
        weight(graph, 'b2', [CHANNELS]),
      ]);
      return graph.node('Mul', 'layer', [x, graph.node('HardSigmoid', 'factors', [wide])]);
    },
  },
  {
    name: 'Concat',
    channels: 2 * CHANNELS,
    build: (graph, x) => graph.node('Concat', 'layer', [graph.node('Sigmoid', 'other', [x]), x], { axis: -3 }),
  },
  {
    name: 'BatchNormalization',
    build: (graph, x) =>
      graph.node(
        'BatchNormalization',
        'layer',
        [
          x,
          weight(graph, 'scale', [CHANNELS]),
          weight(graph, 'shift', [CHANNELS]),
          weight(graph, 'mean', [CHANNELS]),
          graph.constant('variance', [CHANNELS], Float32Array.of(0.5, 1, 2, 0.3, 0.8, 1.5)),
        ],
        { epsilon: { float: 1e-3 } },
      ),
  },
  {
    name: 'Reshape and Transpose that shuffle channels',
    build: (graph, x) => {
      const shape = (name: string, ...sizes: number[]) =>
        graph.constant(name, [sizes.length], BigInt64Array.from(sizes, BigInt));
      const parts = graph.node('Reshape', 'parts', [x, shape('apart', 0, 2, 3, SIDE, SIDE)]);
      const shuffled = graph.node('Transpose', 'shuffled', [parts], { perm: [0, 2, 1, 3, 4] });
      const whole = graph.node('Reshape', 'whole', [shuffled, shape('together', -1, CHANNELS, SIDE, SIDE)]);
      return graph.node('Conv', 'layer', [whole, weight(graph, 'w', [CHANNELS, 1, 3, 3])], { group: CHANNELS });
    },
  },
  {
    name: 'Gemm',
    dimensions: 4,
    build: (graph, x) =>
      graph.node('Gemm', 'layer', [flat(graph, x), weight(graph, 'w', [6, 4]), weight(graph, 'b', [4])]),
  },
  {
    name: 'Gemm of transposed weights, scaled',
    dimensions: 4,
    build: (graph, x) =>
      graph.node('Gemm', 'layer', [flat(graph, x), weight(graph, 'w', [4, 6]), weight(graph, 'b', [1, 4])], {
        transB: 1,
        alpha: { float: 0.7 },
        beta: { float: 1.5 },
      }),
  },
  {
    name: 'MatMul and Add',
    dimensions: 4,
    build: (graph, x) =>
      graph.node('Add', 'layer', [
        graph.node('MatMul', 'product', [flat(graph, x), weight(graph, 'w', [6, 4])]),
        weight(graph, 'b', [4]),
      ]),
  },
  {
    name: 'MatMul of several rows for each picture',
    dimensions: SIDE * CHANNELS * 2,
    build: (graph, x) => {
      const rows = graph.node('ReduceMean', 'rows', [x], { axes: [-1], keepdims: 0 });
      const product = graph.node('MatMul', 'product', [rows, weight(graph, 'w', [SIDE, 2 * SIDE])]);
      return graph.node('Flatten', 'layer', [product], { axis: 1 });
    },
  },
  {
    name: 'ReduceMean that keeps its axes, and Squeeze',
    dimensions: CHANNELS,
    build: (graph, x) => {
      const mean = graph.node('ReduceMean', 'mean', [x], { axes: [2, 3], keepdims: 1 });
      return graph.node('Squeeze', 'layer', [mean, graph.constant('axes', [2], BigInt64Array.of(2n, 3n))]);
    },
  },
];

/** Channels of the picture as they are, and upside down. */
const copies = Float32Array.from({ length: CHANNELS * 3 }, (_, i) =>
  i % 3 === Math.floor(i / 3) % 3 ? (i < 9 ? 1 : -1) : 0,
);

for (const { name, build, channels = CHANNELS, dimensions, hasEdges = false } of layers) {
  test(`the gradients of ${name} are those of finite differences`, async () => {
    const errors = await gradientErrors({
      shape: [3, SIDE, SIDE],
      dimensions: dimensions ?? channels,
      ...(hasEdges && { pictures: apart([3, SIDE, SIDE]) }),
      build: (graph) => {
        const first = [CHANNELS, 3, 1, 1];
        const kernels = hasEdges ? graph.constant('w0', first, copies) : weight(graph, 'w0', first);
        const bias = hasEdges
          ? graph.constant('b0', [CHANNELS], new Float32Array(CHANNELS))
          : weight(graph, 'b0', [CHANNELS]);
        const before = graph.node('Conv', 'before', ['input', kernels, bias]);
        const value = build(graph, before);
        const embedding = dimensions === undefined ? flat(graph, graph.node('Mul', 'squared', [value, value])) : value;
        graph.rename(embedding, 'embedding');
      },
    });
    const wrong = errors.filter(({ error }) => !(error < LARGEST_ERROR));
    assert.deepEqual(wrong, [], JSON.stringify(errors));
  });
}
