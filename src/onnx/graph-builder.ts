/** Builds an ONNX graph node by node. A value has the name of the node or constant that makes it, if it gets no other. */
import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './onnx_pb.js';
import { type TensorValues, tensor } from './tensors.js';

/** Numbers are integers; a float says so. */
export type Attribute = number | readonly number[] | string | { readonly float: number };

/** A number, or the name of a size that is known only when the model runs. */
type Dimension = number | string;

export interface GraphBuilder {
  readonly input: (name: string, shape: readonly Dimension[]) => string;
  readonly constant: (name: string, shape: readonly number[], values: TensorValues) => string;
  readonly node: (
    type: string,
    name: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
  ) => string;
  /** A node that makes several values, each under its name. */
  readonly split: (
    type: string,
    outputs: readonly string[],
    inputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
  ) => readonly string[];
  /** Gives a value another name, before anything uses it. */
  readonly rename: (value: string, name: string) => string;
  /** A value that the model gives, under the name that it has in the graph. */
  readonly output: (name: string, shape: readonly Dimension[]) => void;
  readonly build: () => ModelProto;
}

/** Read by ONNX Runtime from 1.13, and by OpenVINO from 2022.3. */
const OPSET = 17n;
const IR_VERSION = 8n;

export function createGraphBuilder(name: string): GraphBuilder {
  const inputs: ValueInfoProto[] = [];
  const outputs: ValueInfoProto[] = [];
  const constants = new Map<string, TensorProto>();
  const nodes: NodeProto[] = [];

  return {
    input: (input, shape) => {
      inputs.push(valueInfo(input, shape));
      return input;
    },
    constant: (constant, shape, values) => {
      constants.set(constant, tensor(constant, shape, values));
      return constant;
    },
    node: (type, node, from, attributes = {}) => {
      nodes.push(createNode(type, node, from, attributes));
      return node;
    },
    split: (type, made, from, attributes = {}) => {
      nodes.push({ ...createNode(type, made[0] as string, from, attributes), output: [...made] });
      return made;
    },
    rename: (value, to) => {
      for (const { output } of nodes) if (output[0] === value) output[0] = to;
      return to;
    },
    output: (output, shape) => void outputs.push(valueInfo(output, shape)),
    build: () =>
      create(ModelProtoSchema, {
        irVersion: IR_VERSION,
        producerName: 'kaiyan',
        opsetImport: [{ domain: '', version: OPSET }],
        graph: create(GraphProtoSchema, {
          name,
          node: nodes,
          initializer: [...constants.values()],
          input: inputs,
          output: outputs,
        }),
      }),
  };
}

export function createNode(
  type: string,
  name: string,
  inputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): NodeProto {
  return create(NodeProtoSchema, {
    opType: type,
    name,
    input: [...inputs],
    output: [name],
    attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
  });
}

function attribute(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'number')
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  if (typeof value === 'string')
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) });
  if ('float' in value) return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

/** What is said of a value of float32. */
export function valueInfo(name: string, shape: readonly Dimension[]): ValueInfoProto {
  const dim = shape.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: DataType.FLOAT, shape: { dim } } } },
  });
}
