/** A network's graph with another last layer, and perhaps with weights that were trained further. */
import { AppError } from '../../errors.js';
import { createNode, valueInfo } from '../../onnx/graph-builder.js';
import { indexGraph } from '../../onnx/graph-index.js';
import type { GraphProto, ModelProto } from '../../onnx/onnx_pb.js';
import { floatValues, shapeOf, tensor } from '../../onnx/tensors.js';
import type { LinearHead } from '../head/linear-head.js';

export interface NewHead {
  readonly head: LinearHead;
  /** The values that it is applied to, and what its own are called: an output that the graph has already. */
  readonly embedding: string;
  readonly logits: string;
  /** Values that the graph gives beside the logits and the embedding. */
  readonly others: readonly string[];
}

const WEIGHTS = 'own_classes.weight';
const BIAS = 'own_classes.bias';

/**
 * Changes the graph: what comes after the embedding goes, and a layer in FP32 takes its place, also in a graph that calculates in
 * 8 bits.
 */
export function replaceHead({ graph }: ModelProto, { head, embedding, logits, others }: NewHead): void {
  const { node, initializer, output } = graph as GraphProto;
  const index = indexGraph(graph as GraphProto);
  const kept = index.ancestorsOf([embedding, ...others].flatMap((value) => index.producerOf(value) ?? []));
  const nodes = node.filter((one) => kept.has(one));
  const layer = createNode('Gemm', logits, [embedding, WEIGHTS, BIAS], { transB: 1 });
  const used = new Set(nodes.flatMap((one) => one.input));
  const values = [
    valueInfo(logits, ['batch', head.classes]),
    output.find(({ name }) => name === embedding) ?? valueInfo(embedding, ['batch', head.dimensions]),
    ...output.filter(({ name }) => name !== embedding && others.includes(name)),
  ];
  Object.assign(graph as GraphProto, {
    node: [...nodes, layer],
    initializer: [
      ...initializer.filter(({ name }) => used.has(name)),
      tensor(WEIGHTS, [head.classes, head.dimensions], head.weights),
      tensor(BIAS, [head.classes], head.bias),
    ],
    output: values,
    // What is said of values that are no longer there; the runtime finds out what it needs.
    valueInfo: [],
  });
}

/** Changes the graph: constants of these names get other values. @throws AppError MODEL_INVALID if it has no such constant */
export function replaceWeights({ graph }: ModelProto, weights: ReadonlyMap<string, Float32Array>, path: string): void {
  const { initializer } = graph as GraphProto;
  for (const [name, values] of weights) {
    const at = initializer.findIndex((one) => one.name === name);
    const found = initializer[at];
    if (!found || floatValues(found)?.length !== values.length) {
      throw new AppError('MODEL_INVALID', { path, reason: `it has no weights "${name}" of ${values.length} numbers` });
    }
    initializer[at] = tensor(name, shapeOf(found), values);
  }
}
