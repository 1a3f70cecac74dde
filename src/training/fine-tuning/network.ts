/** A network as it is trained: the values on the way from a picture to its embedding, with their shapes, and the numbers it is made of. */
import { AppError } from '../../errors.js';
import { outputShapes } from '../../inference/values-session.js';
import { indexGraph } from '../../onnx/graph-index.js';
import { inlineConstants } from '../../onnx/inline-constants.js';
import { serializeModel, withOutputs } from '../../onnx/model-file.js';
import type { GraphProto, ModelProto, NodeProto } from '../../onnx/onnx_pb.js';
import { floatValues, integerValues, shapeOf } from '../../onnx/tensors.js';

export interface Constant {
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array;
  readonly isFloat: boolean;
}

export interface Network {
  /** What its model is called in errors. */
  readonly name: string;
  /** Its constants are all the graph's own; those that change are known by their names in here. */
  readonly model: ModelProto;
  readonly input: string;
  readonly embedding: string;
  /** The nodes from the picture to the embedding, in the order they run in. */
  readonly nodes: readonly NodeProto[];
  /** For one picture. */
  readonly shapeOf: (value: string) => readonly number[];
  /** Whether a value depends on the picture. */
  readonly isBatched: (value: string) => boolean;
  readonly constantOf: (value: string) => Constant | undefined;
}

export interface NetworkFace {
  readonly name: string;
  readonly input: string;
  /** 3, height, width. */
  readonly shape: readonly [3, number, number];
  readonly embedding: string;
}

/** Changes the model: its constants become its own. @throws AppError MODEL_INVALID, TRAINING_UNSUPPORTED */
export async function readNetwork(model: ModelProto, face: NetworkFace): Promise<Network> {
  const { name, input, embedding } = face;
  const graph = model.graph as GraphProto;
  inlineConstants(graph);
  const nodes = wayTo(graph, input, embedding);
  if (nodes.length === 0) {
    throw new AppError('TRAINING_UNSUPPORTED', {
      model: name,
      reason: `its value "${embedding}" does not depend on the picture`,
    });
  }
  const values = nodes.map(({ output }) => output[0] as string);
  const pixels = { dims: [1, ...face.shape], data: new Float32Array(face.shape.reduce((a, b) => a * b, 1)) };
  const shapes = new Map<string, readonly number[]>([
    [input, pixels.dims],
    ...(await outputShapes(serializeModel(withOutputs(model, values)), name, { name: input, values: pixels })),
  ]);
  const { constants } = indexGraph(graph);
  const batched = new Set([input, ...values]);
  const cache = new Map<string, Constant | undefined>();

  function readConstant(value: string): Constant | undefined {
    const tensor = constants.get(value);
    const floats = tensor && floatValues(tensor);
    const numbers = floats ?? (tensor && integerValues(tensor));
    return tensor && numbers && { shape: shapeOf(tensor), values: numbers, isFloat: floats !== undefined };
  }

  function constantOf(value: string): Constant | undefined {
    if (!cache.has(value)) cache.set(value, readConstant(value));
    return cache.get(value);
  }

  return {
    name,
    model,
    input,
    embedding,
    nodes,
    shapeOf: (value) => shapes.get(value) ?? constantOf(value)?.shape ?? [],
    isBatched: (value) => batched.has(value),
    constantOf,
  };
}

/** Only what depends on the picture, but for shapes that are calculated from it: those are known. */
function wayTo(graph: GraphProto, input: string, embedding: string): NodeProto[] {
  const dependent = new Set([input]);
  const candidates = graph.node.filter((node) => {
    if (!dataInputs(node).some((value) => dependent.has(value))) return false;
    for (const value of node.output) dependent.add(value);
    return true;
  });
  const needed = new Set([embedding]);
  return candidates
    .reverse()
    .filter((node) => {
      if (!node.output.some((value) => needed.has(value))) return false;
      for (const value of dataInputs(node)) needed.add(value);
      return true;
    })
    .reverse();
}

const SHAPED = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Dropout']);

/** The inputs that carry numbers of pictures. */
export const dataInputs = ({ opType, input }: NodeProto): readonly string[] =>
  SHAPED.has(opType) ? input.slice(0, 1) : input;
