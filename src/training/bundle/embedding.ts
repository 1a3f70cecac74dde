/** Where in a network's graph the vector is that its last layer is applied to. */
import { AppError } from '../../errors.js';
import type { Manifest } from '../../models/manifest.js';
import { indexGraph } from '../../onnx/graph-index.js';
import { inlineConstants } from '../../onnx/inline-constants.js';
import type { GraphProto, ModelProto } from '../../onnx/onnx_pb.js';

export interface Embedding {
  /** The value's name: N × dimensions, float32. */
  readonly name: string;
  /** How many pictures it takes at once; undefined for any number. */
  readonly batch: number | undefined;
}

/** What stands between the last layer and the logits without being a layer. */
const HANDS_ON = new Set(['Identity', 'Dropout', 'Cast', 'QuantizeLinear', 'DequantizeLinear', 'Add']);
const LAST_LAYERS = new Set(['Gemm', 'MatMul']);

/**
 * The output that the manifest names, else what the last linear layer is applied to. Changes the graph: its constants become
 * its own. `path` is for the error alone.
 * @throws AppError MODEL_INVALID for a network that ends in another way
 */
export function embeddingOf({ graph }: ModelProto, output: Manifest['output'], path: string): Embedding {
  const invalid = (reason: string) => new AppError('MODEL_INVALID', { path, reason });
  if (!graph) throw invalid('it has no graph');
  inlineConstants(graph);
  const batch = batchOf(graph);
  if (output.embedding !== undefined) return { name: output.embedding, batch };
  const index = indexGraph(graph);
  let node = index.producerOf(output.logits);
  while (node && HANDS_ON.has(node.opType)) {
    // A sum is of the product and of its bias, in either order.
    node = node.input.map(index.producerOf).find((producer) => producer !== undefined);
  }
  const name = node && LAST_LAYERS.has(node.opType) ? node.input[0] : undefined;
  if (name === undefined) {
    throw invalid(
      `it does not end in a linear layer (but in ${node?.opType ?? 'nothing'}), so there is no vector to learn from; train another model`,
    );
  }
  return { name, batch };
}

function batchOf({ input }: GraphProto): number | undefined {
  const type = input[0]?.type?.value;
  const first = type?.case === 'tensorType' ? type.value.shape?.dim[0]?.value : undefined;
  return first?.case === 'dimValue' && first.value > 0n ? Number(first.value) : undefined;
}
