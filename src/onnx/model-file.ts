/** ONNX files: bytes to a model, and back. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { AppError } from '../errors.js';
import { type GraphProto, type ModelProto, ModelProtoSchema, ValueInfoProtoSchema } from './onnx_pb.js';

/** `path` is for the error alone. The tensors of the model are views of `bytes`. @throws AppError MODEL_INVALID */
export function parseModel(bytes: Uint8Array, path: string): ModelProto {
  const invalid = (reason: string) => new AppError('MODEL_INVALID', { path, reason });
  // A zip file, or a pickle.
  if ((bytes[0] === 0x50 && bytes[1] === 0x4b) || bytes[0] === 0x80) {
    throw invalid('it looks like PyTorch weights, which "kaiyan models import" takes');
  }
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw invalid(`it is not an ONNX file (${(error as Error).message})`);
  }
  if (!model.graph || model.graph.node.length === 0) throw invalid('it is not an ONNX file with a graph');
  return model;
}

export const serializeModel = (model: ModelProto): Uint8Array => toBinary(ModelProtoSchema, model);

/** The same model, that gives these inner values instead of its outputs. The runtime finds out their shapes. */
export function withOutputs(model: ModelProto, values: readonly string[]): ModelProto {
  const graph = model.graph as GraphProto;
  const output = values.map((name) => create(ValueInfoProtoSchema, { name }));
  return { ...model, graph: { ...graph, output } };
}
