/** Some exporters make constants with nodes, and hand them on by nodes; here all are the graph's own constants. */
import { create } from '@bufbuild/protobuf';
import { type GraphProto, type TensorProto, TensorProtoSchema } from './onnx_pb.js';

/** Changes the graph: `Constant` nodes of one tensor, and `Identity` nodes of constants, become constants. */
export function inlineConstants(graph: GraphProto): void {
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const outputs = new Set(graph.output.map(({ name }) => name));
  graph.node = graph.node.filter(({ opType, input, output, attribute }) => {
    const name = output[0] as string;
    const tensor = opType === 'Constant' ? attribute.find((one) => one.name === 'value')?.t : undefined;
    const same = opType === 'Identity' ? constants.get(input[0] as string) : undefined;
    const value: TensorProto | undefined = tensor ?? same;
    if (!value || outputs.has(name)) return true;
    constants.set(name, create(TensorProtoSchema, { ...value, name }));
    return false;
  });
  graph.initializer = [...constants.values()];
  // Older graphs list their constants among the inputs, as what may be given instead.
  graph.input = graph.input.filter(({ name }) => !constants.has(name));
}
