/** The end of a network as graphs that take its weights as inputs: one that answers, and one that tells how to change the weights too. */
import { createGraphBuilder, type GraphBuilder } from '../../onnx/graph-builder.js';
import { serializeModel } from '../../onnx/model-file.js';
import type { NodeProto } from '../../onnx/onnx_pb.js';
import { resultOf, type Tape } from './gradients/rule.js';
import { rules } from './gradients/rules.js';
import type { Network } from './network.js';
import type { Cut } from './stages.js';

/** A tensor that is trained. */
export interface Parameter {
  /** Of the network's constant, or one of HEAD. */
  readonly name: string;
  readonly shape: readonly number[];
}

/** Names of values that no network has. */
export const HEAD = { weights: 'kaiyan:head.weights', bias: 'kaiyan:head.bias' };
export const LEARNING = {
  targets: 'kaiyan:targets',
  shares: 'kaiyan:shares',
  loss: 'kaiyan:loss',
  logits: 'kaiyan:logits',
};
export const gradientOf = (parameter: string): string => `kaiyan:gradient:${parameter}`;

export interface LearningGraphs {
  /** Those of the network first, those of the head last. */
  readonly parameters: readonly Parameter[];
  /** Boundary values and parameters to logits, N×classes. */
  readonly answering: Uint8Array;
  /**
   * The same with `targets` (N×classes, each row of the sum 1) and `shares` (N, how much each picture counts) to logits,
   * loss (1×1: the sum of all cross-entropies, each times its share) and the gradient of the loss by each parameter.
   */
  readonly learning: Uint8Array;
}

/** `dimensions` are those of the embedding. */
export function buildLearningGraphs(
  network: Network,
  cut: Cut,
  { classes, dimensions }: { readonly classes: number; readonly dimensions: number },
): LearningGraphs {
  const parameters = [
    ...parametersOf(network, cut),
    { name: HEAD.weights, shape: [classes, dimensions] },
    { name: HEAD.bias, shape: [classes] },
  ];
  const build = (learns: boolean) => {
    const graph = createGraphBuilder(learns ? 'learning' : 'answering');
    const tape = createTape(graph, network);
    writeForward(graph, tape, network, cut, parameters);
    graph.output(LEARNING.logits, ['batch', classes]);
    if (learns) {
      const byEmbedding = writeLoss(graph, tape, network, classes);
      writeBackward(graph, tape, cut, network, parameters, byEmbedding);
    }
    return serializeModel(graph.build());
  };
  return { parameters, answering: build(false), learning: build(true) };
}

/** Single numbers are part of an operation, not of what was learned. */
function parametersOf({ constantOf }: Network, { nodes }: Cut): Parameter[] {
  const names = nodes.flatMap((node) =>
    (rules[node.opType]?.trains ?? []).map((position) => node.input[position] ?? ''),
  );
  return [...new Set(names)].flatMap((name) => {
    const constant = constantOf(name);
    return constant?.isFloat && constant.values.length > 1 ? [{ name, shape: constant.shape }] : [];
  });
}

function createTape(graph: GraphBuilder, { shapeOf, isBatched, constantOf }: Network): Tape {
  let count = 0;
  const next = () => `kaiyan:${count++}`;
  const lists = new Map<string, string>();
  return {
    node: (type, inputs, attributes, name = next()) => graph.node(type, name, inputs, attributes),
    nodes: (type, values, inputs, attributes) =>
      graph.split(type, Array.from({ length: values }, next), inputs, attributes),
    floats: (shape, values) => graph.constant(next(), shape, values),
    integers: (values) => {
      const key = values.join();
      const known = lists.get(key);
      if (known !== undefined) return known;
      const made = graph.constant(next(), [values.length], BigInt64Array.from(values, BigInt));
      lists.set(key, made);
      return made;
    },
    shapeOf,
    isBatched,
    numbersOf: (value) => constantOf(value)?.values,
  };
}

function writeForward(
  graph: GraphBuilder,
  tape: Tape,
  { embedding, constantOf, shapeOf }: Network,
  { boundary, nodes }: Cut,
  parameters: readonly Parameter[],
): void {
  graph.input(boundary, ['batch', ...shapeOf(boundary).slice(1)]);
  for (const { name, shape } of parameters) graph.input(name, shape);
  const trained = new Set(parameters.map(({ name }) => name));
  for (const value of new Set(nodes.flatMap(({ input }) => input))) {
    const constant = constantOf(value);
    if (constant?.isFloat && !trained.has(value))
      graph.constant(value, constant.shape, Float32Array.from(constant.values));
  }
  for (const node of nodes) rules[node.opType]?.forward(node, tape);
  const vector = tape.node('Flatten', [embedding], { axis: 1 });
  tape.node('Gemm', [vector, HEAD.weights, HEAD.bias], { transB: 1 }, LEARNING.logits);
}

/** Cross-entropy of a softmax; writes the gradients of the head, and gives that of the embedding. */
function writeLoss(graph: GraphBuilder, tape: Tape, { embedding, shapeOf }: Network, classes: number): string {
  const { targets, shares, logits, loss } = LEARNING;
  graph.input(targets, ['batch', classes]);
  graph.input(shares, ['batch']);
  const logarithms = tape.node('LogSoftmax', [logits], { axis: 1 });
  const column = tape.node('Reshape', [shares, tape.integers([-1, 1])]);
  const likelihoods = tape.node('Mul', [tape.node('Mul', [logarithms, targets]), column]);
  const sum = tape.node('ReduceSum', [likelihoods, tape.integers([0, 1])], { keepdims: 1 });
  tape.node('Neg', [sum], {}, loss);
  graph.output(loss, [1, 1]);
  const errors = tape.node('Sub', [tape.node('Exp', [logarithms]), targets]);
  const gradient = tape.node('Mul', [errors, column]);
  const vector = tape.node('Flatten', [embedding], { axis: 1 });
  tape.node('Gemm', [gradient, vector], { transA: 1 }, gradientOf(HEAD.weights));
  tape.node('ReduceSum', [gradient, tape.integers([0])], { keepdims: 0 }, gradientOf(HEAD.bias));
  const byVector = tape.node('Gemm', [gradient, HEAD.weights]);
  return tape.node('Reshape', [byVector, tape.integers([-1, ...shapeOf(embedding).slice(1)])]);
}

function writeBackward(
  graph: GraphBuilder,
  tape: Tape,
  { nodes }: Cut,
  { embedding }: Network,
  parameters: readonly Parameter[],
  byEmbedding: string,
): void {
  const wanted = dependents(nodes, parameters);
  const gradients = new Map([[embedding, [byEmbedding]]]);
  const total = (value: string): string | undefined =>
    gradients.get(value)?.reduce((sum, one) => tape.node('Add', [sum, one]));
  for (const node of [...nodes].reverse()) {
    const gradient = total(resultOf(node));
    if (gradient === undefined) continue;
    const wants = (position: number) => wanted.has(node.input[position] ?? '');
    const made = rules[node.opType]?.backward(node, gradient, tape, wants) ?? [];
    for (const [i, one] of made.entries()) {
      const value = node.input[i];
      if (one !== undefined && value !== undefined && wants(i))
        gradients.set(value, [...(gradients.get(value) ?? []), one]);
    }
  }
  for (const { name, shape } of parameters) {
    const sum = total(name);
    if (sum !== undefined) tape.node('Identity', [sum], {}, gradientOf(name));
    graph.output(gradientOf(name), shape);
  }
}

/** The parameters, and all values that depend on one. */
function dependents(nodes: readonly NodeProto[], parameters: readonly Parameter[]): ReadonlySet<string> {
  const found = new Set(parameters.map(({ name }) => name));
  for (const { input, output } of nodes) {
    if (input.some((value) => found.has(value))) for (const value of output) found.add(value);
  }
  return found;
}
