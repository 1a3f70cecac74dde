/** How a network makes its logits from its last feature map, read from its graph: what a map of a class is made with. */
import { float, type GraphIndex, indexGraph, integer } from '../onnx/graph-index.js';
import { inlineConstants } from '../onnx/inline-constants.js';
import type { ModelProto, NodeProto } from '../onnx/onnx_pb.js';
import { constantOf, type Numbers, rangeOf } from './constants.js';

/** One linear layer for each place of the feature map, or for its mean, which comes to the same. */
export interface Head {
  readonly classes: number;
  readonly channels: number;
  /** Of one class: `channels` numbers. */
  readonly weightsOf: (index: number) => Float32Array;
  readonly biasOf: (index: number) => number;
  /**
   * Set where the layer comes before the mean, as in SqueezeNet: its values are then kept within these limits. Elsewhere
   * they are averaged as they are.
   */
  readonly limits: Limits | undefined;
}

interface Limits {
  readonly least: number;
  readonly most: number;
}

/** What hands its first input on: nothing else, or the same numbers in 8 bits. */
const SAME = new Set(['Identity', 'Dropout', 'Cast', 'QuantizeLinear', 'DequantizeLinear']);
/** For a vector it does not matter how its shape is written. */
const SAME_VECTOR = new Set([...SAME, 'Flatten', 'Reshape', 'Squeeze', 'Unsqueeze']);

/**
 * Undefined for a network that ends in another way: with a hidden layer, or without a mean over the whole feature map.
 * Changes the graph, in which constants that nodes make become its own.
 */
export function readHead({ graph }: ModelProto, featureMap: string, logits: string): Head | undefined {
  if (!graph) return undefined;
  inlineConstants(graph);
  const index = indexGraph(graph);
  const last = climb(index, logits, SAME_VECTOR);
  if (!last.node) return undefined;
  if (isMean(last.node, index)) return headBeforeMean(last.node, featureMap, index);
  const linear = linearLayer(last.node, index);
  if (!linear) return undefined;
  const mean = climb(index, linear.input, SAME_VECTOR).node;
  if (!mean || !isMean(mean, index) || !leadsTo(index, mean.input[0], featureMap)) return undefined;
  return { ...linear.layer, limits: undefined };
}

/**
 * The layer that makes the logits from the vector of this name: undefined for a network that ends in another way. Changes the
 * graph as `readHead` does.
 */
export function readLastLayer(
  { graph }: ModelProto,
  embedding: string,
  logits: string,
): Omit<Head, 'limits'> | undefined {
  if (!graph) return undefined;
  inlineConstants(graph);
  const index = indexGraph(graph);
  const last = climb(index, logits, SAME_VECTOR);
  const linear = last.node && linearLayer(last.node, index);
  return linear && climb(index, linear.input, SAME_VECTOR, embedding).value === embedding ? linear.layer : undefined;
}

/** The mean of class maps, which a 1×1 convolution makes from the feature map. */
function headBeforeMean(mean: NodeProto, featureMap: string, index: GraphIndex): Head | undefined {
  let limits: Limits = { least: -Infinity, most: Infinity };
  let node = index.producerOf(mean.input[0] ?? '');
  for (; node && node.opType !== 'Conv'; node = index.producerOf(node.input[0] ?? '')) {
    const own = limitsOf(node, index);
    if (!own) return undefined;
    limits = { least: Math.max(limits.least, own.least), most: Math.min(limits.most, own.most) };
  }
  const linear = node && linearLayer(node, index);
  if (!linear || !leadsTo(index, linear.input, featureMap)) return undefined;
  return { ...linear.layer, limits };
}

/** The node that makes a value, but for those that only hand it on; `stop` is a value not to climb beyond. */
function climb(index: GraphIndex, from: string, handsOn: ReadonlySet<string>, stop?: string) {
  let value = from;
  let node = index.producerOf(value);
  while (value !== stop && node && handsOn.has(node.opType)) {
    value = node.input[0] ?? '';
    node = index.producerOf(value);
  }
  return { value, node };
}

const leadsTo = (index: GraphIndex, from: string | undefined, value: string): boolean =>
  climb(index, from ?? '', SAME, value).value === value;

/** Whether it takes the mean of each channel over the whole picture. */
function isMean(node: NodeProto, index: GraphIndex): boolean {
  if (node.opType === 'GlobalAveragePool') return true;
  if (node.opType !== 'ReduceMean') return false;
  const given = constantOf(node.input[1], index)?.values ?? attributeInts(node, 'axes');
  const axes = [...given].map((axis) => (axis < 0 ? axis + 4 : axis)).sort();
  return axes.length === 2 && axes[0] === 2 && axes[1] === 3;
}

/** How a node limits what it hands on; undefined for one that does something else to it. */
function limitsOf(node: NodeProto, index: GraphIndex): Limits | undefined {
  const number = (input: number) => constantOf(node.input[input], index)?.values[0];
  switch (node.opType) {
    case 'Relu':
      return { least: 0, most: Infinity };
    case 'Clip':
      return { least: number(1) ?? -Infinity, most: number(2) ?? Infinity };
    case 'QuantizeLinear':
      return limitsOf8Bits(node, index);
    default:
      return SAME.has(node.opType) ? { least: -Infinity, most: Infinity } : undefined;
  }
}

/** A ReLU before 8-bit numbers is often left to them: they begin at zero. */
function limitsOf8Bits(node: NodeProto, index: GraphIndex): Limits | undefined {
  const scale = constantOf(node.input[1], index)?.values;
  const zero = constantOf(node.input[2], index)?.values[0];
  const range = rangeOf(index.constants.get(node.input[2] ?? ''));
  if (scale?.length !== 1 || zero === undefined || !range) return undefined;
  const step = scale[0] as number;
  return { least: (range.least - zero) * step, most: (range.most - zero) * step };
}

interface Linear {
  /** The value that it is applied to. */
  readonly input: string;
  readonly layer: Omit<Head, 'limits'>;
}

function linearLayer(node: NodeProto, index: GraphIndex): Linear | undefined {
  switch (node.opType) {
    case 'Gemm':
      return gemm(node, index);
    case 'MatMul':
      return matMul(node, undefined, index);
    case 'Add':
      return biasedMatMul(node, index);
    case 'Conv':
      return pointwiseConv(node, index);
    default:
      return undefined;
  }
}

function gemm(node: NodeProto, index: GraphIndex): Linear | undefined {
  const weights = constantOf(node.input[1], index);
  const bias = node.input[2] ? constantOf(node.input[2], index) : NO_BIAS;
  if (!weights || !bias || weights.shape.length !== 2 || integer(node, 'transA', 0) !== 0) return undefined;
  const scales = { weight: float(node, 'alpha', 1), bias: float(node, 'beta', 1) };
  return linear(node.input[0], weights, bias, integer(node, 'transB', 0) === 1, scales);
}

function biasedMatMul(node: NodeProto, index: GraphIndex): Linear | undefined {
  const [first = '', second = ''] = node.input;
  const bias = constantOf(second, index) ?? constantOf(first, index);
  const product = climb(index, constantOf(second, index) ? first : second, SAME).node;
  return bias && product?.opType === 'MatMul' ? matMul(product, bias, index) : undefined;
}

function matMul(node: NodeProto, bias: Numbers = NO_BIAS, index: GraphIndex): Linear | undefined {
  const weights = constantOf(node.input[1], index);
  return weights?.shape.length === 2 ? linear(node.input[0], weights, bias, false) : undefined;
}

/** A convolution with kernels of one pixel, none of which is left out. */
function pointwiseConv(node: NodeProto, index: GraphIndex): Linear | undefined {
  const weights = constantOf(node.input[1], index);
  const bias = node.input[2] ? constantOf(node.input[2], index) : NO_BIAS;
  const [classes, channels, height, width] = weights?.shape ?? [];
  if (!weights || !bias || classes === undefined || channels === undefined || height !== 1 || width !== 1)
    return undefined;
  const moves = attributeInts(node, 'strides').some((stride) => stride !== 1);
  const pads = attributeInts(node, 'pads').some((pad) => pad !== 0);
  if (moves || pads || integer(node, 'group', 1) !== 1) return undefined;
  return linear(node.input[0], { ...weights, shape: [classes, channels] }, bias, true);
}

const NO_BIAS: Numbers = { shape: [], values: new Float32Array(1) };

/** `byClass`: the weights of a class lie together; else those of a channel do. */
function linear(
  input: string | undefined,
  { shape, values }: Numbers,
  bias: Numbers,
  byClass: boolean,
  scales = { weight: 1, bias: 1 },
): Linear | undefined {
  const [classes, channels] = (byClass ? shape : [...shape].reverse()) as [number, number];
  if (input === undefined || (bias.values.length !== classes && bias.values.length !== 1)) return undefined;
  const [perClass, perChannel] = byClass ? [channels, 1] : [1, classes];
  const weight = (index: number, channel: number) => values[index * perClass + channel * perChannel] as number;
  return {
    input,
    layer: {
      classes,
      channels,
      weightsOf: (index) =>
        Float32Array.from({ length: channels }, (_, channel) => weight(index, channel) * scales.weight),
      biasOf: (index) => (bias.values[bias.values.length === 1 ? 0 : index] as number) * scales.bias,
    },
  };
}

const attributeInts = ({ attribute }: NodeProto, name: string): number[] =>
  (attribute.find((one) => one.name === name)?.ints ?? []).map(Number);
