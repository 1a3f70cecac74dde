/** Which parts of a graph calculate in 8 bits, and which values become 8-bit numbers on the way. */
import { AppError } from '../errors.js';
import { float, type GraphIndex, indexGraph, integer } from '../onnx/graph-index.js';
import { inlineConstants } from '../onnx/inline-constants.js';
import type { GraphProto, ModelProto, NodeProto, TensorProto } from '../onnx/onnx_pb.js';
import { floatValues, isFloat, shapeOf } from '../onnx/tensors.js';
import { lowerHardSwish } from './lower-hard-swish.js';

export interface Plan {
  readonly graph: GraphProto;
  readonly index: GraphIndex;
  /** Convolutions and linear layers in 8 bits, in the order of the graph; `nameOf` names them. */
  readonly layers: readonly NodeProto[];
  /** Everything in 8 bits: the layers, and sums, products and pools between them. */
  readonly nodes: ReadonlySet<NodeProto>;
  /** Activations that are nothing but a limit, which 8-bit numbers have anyway, by the node before them. */
  readonly absorbed: ReadonlyMap<NodeProto, NodeProto>;
  /** The values whose ranges have to be known. */
  readonly points: readonly string[];
  /** Those of them that go into a hard-swish and nowhere else. */
  readonly swished: ReadonlySet<string>;
}

/** Nodes of other people's graphs may have no name; a value always has. */
export const nameOf = ({ output }: NodeProto): string => output[0] as string;

const BETWEEN = new Set([
  'Add',
  'Mul',
  'Concat',
  'MaxPool',
  'AveragePool',
  'GlobalAveragePool',
  'Sigmoid',
  'HardSigmoid',
]);
/** Per-channel scales came with it. */
const LEAST_OPSET = 13n;
/** Averages can be dilated since then, and ONNX Runtime 1.30 fails over it when it makes 8-bit ones of them. */
const DILATED_AVERAGES = 19n;

/**
 * Changes the model's graph where parts of it have to be written otherwise in 8 bits. Layers whose names are `excluded` stay as they are.
 * @throws AppError MODEL_INVALID if there is nothing to quantize
 */
export function planQuantization(model: ModelProto, path: string, excluded: ReadonlySet<string> = new Set()): Plan {
  const graph = model.graph as GraphProto;
  inlineConstants(graph);
  const swished = lowerHardSwish(graph);
  const index = indexGraph(graph);
  const layers = graph.node.filter((node) => isLayer(node, index) && !excluded.has(nameOf(node)));
  const opset = model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 0n;
  const problem = problemOf(graph, layers, opset);
  if (problem) throw new AppError('MODEL_INVALID', { path, reason: problem });
  // What comes after the last convolution is small, and exact if it stays as it is.
  const before = index.ancestorsOf(layers.filter(({ opType }) => opType === 'Conv'));
  const numbers = picturesValues(graph, index);
  const between = graph.node.filter((node) => isBetween(node, numbers) && before.has(node));
  const nodes = new Set([...layers, ...between]);
  const absorbed = new Map(
    [...nodes].flatMap((node) => {
      const activation = limitAfter(node, index);
      return activation ? [[node, activation] as const] : [];
    }),
  );
  const points = new Set<string>();
  for (const node of nodes) {
    for (const value of dataInputs(node)) points.add(value);
    if (isExact(node)) continue;
    points.add(nameOf(absorbed.get(node) ?? node));
  }
  return { graph, index, layers, nodes, absorbed, points: [...points], swished };
}

/** Why a graph cannot be quantized, and what to do. */
function problemOf({ node: nodes }: GraphProto, layers: readonly NodeProto[], opset: bigint): string | undefined {
  if (opset < LEAST_OPSET) {
    return `it is written for ONNX opset ${opset}, and 8 bits need ${LEAST_OPSET}; export it again with a newer one`;
  }
  if (opset >= DILATED_AVERAGES && nodes.some(({ opType }) => opType === 'AveragePool')) {
    return `it has an AveragePool of ONNX opset ${opset}, which does not run in 8 bits; export it again with opset 18`;
  }
  if (nodes.some(({ attribute }) => attribute.some(({ g }) => g !== undefined))) {
    return 'it has branches or loops, which cannot be quantized';
  }
  return layers.length === 0 ? 'it has no convolution or linear layer that could calculate in 8 bits' : undefined;
}

/** A linear layer gives its sums as they are: they are the logits, or a hidden layer before them. */
export const isExact = ({ opType }: NodeProto): boolean => opType === 'Gemm';

/** The inputs that depend on the picture. */
export const dataInputs = ({ opType, input }: NodeProto): string[] =>
  opType === 'Conv' || opType === 'Gemm' ? input.slice(0, 1) : [...input];

function isLayer(node: NodeProto, { constants }: GraphIndex): boolean {
  const [, weight = '', bias = ''] = node.input;
  const weights = constants.get(weight);
  // An input without a name is one that is left out.
  if (!weights || !isFloat(weights) || !(bias === '' || hasOneFor(constants.get(bias), weights))) return false;
  if (node.opType === 'Conv') return true;
  return (
    node.opType === 'Gemm' &&
    shapeOf(weights).length === 2 &&
    integer(node, 'transA', 0) === 0 &&
    integer(node, 'transB', 0) === 1 &&
    float(node, 'alpha', 1) === 1 &&
    float(node, 'beta', 1) === 1
  );
}

/** Whether a bias has a number for each output of a layer: linear layers may have one for all. */
function hasOneFor(bias: TensorProto | undefined, weights: TensorProto): boolean {
  return bias !== undefined && shapeOf(bias).reduce((product, size) => product * size, 1) === shapeOf(weights)[0];
}

const isBetween = ({ opType, input }: NodeProto, numbers: ReadonlySet<string>) =>
  BETWEEN.has(opType) && input.every((value) => numbers.has(value));

/** Operators whose values are not those of the picture, but sizes, positions or truths. */
const NO_NUMBERS = new Set(['Shape', 'Size', 'Cast', 'ArgMax', 'ArgMin', 'NonZero', 'Equal', 'Greater', 'Less', 'Not']);

/** The values that are made of the picture's own: graphs also calculate with the sizes of tensors. */
function picturesValues({ input, node: nodes }: GraphProto, { constants }: GraphIndex): Set<string> {
  const numbers = new Set(input.map(({ name }) => name).filter((name) => !constants.has(name)));
  for (const {
    opType,
    input: [first = ''],
    output,
  } of nodes) {
    // Further outputs are positions, but for those of a node that takes apart.
    const values = opType === 'Split' ? output : output.slice(0, 1);
    if (!NO_NUMBERS.has(opType) && numbers.has(first)) for (const value of values) numbers.add(value);
  }
  return numbers;
}

/** A ReLU, or a Clip from 0 on, that is all that becomes of a node's value. */
function limitAfter(node: NodeProto, { consumersOf, isOutput, constants }: GraphIndex): NodeProto | undefined {
  const value = nameOf(node);
  const [only, ...others] = consumersOf(value);
  if (!only || others.length > 0 || isOutput(value) || isExact(node) || node.opType === 'MaxPool') return undefined;
  if (only.opType === 'Relu') return only;
  const least = constants.get(only.input[1] ?? '');
  const startsAtZero = only.opType === 'Clip' && least !== undefined && floatValues(least)?.[0] === 0;
  return startsAtZero ? only : undefined;
}
