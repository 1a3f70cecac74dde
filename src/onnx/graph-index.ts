/** Who makes and who uses the values of a graph. */
import type { GraphProto, NodeProto, TensorProto } from './onnx_pb.js';

export interface GraphIndex {
  readonly constants: ReadonlyMap<string, TensorProto>;
  readonly producerOf: (value: string) => NodeProto | undefined;
  readonly consumersOf: (value: string) => readonly NodeProto[];
  readonly isOutput: (value: string) => boolean;
  /** All nodes that a value of one of these nodes depends on, these included. */
  readonly ancestorsOf: (nodes: Iterable<NodeProto>) => ReadonlySet<NodeProto>;
}

export function indexGraph(graph: GraphProto): GraphIndex {
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const outputs = new Set(graph.output.map(({ name }) => name));
  const producers = new Map(graph.node.flatMap((node) => node.output.map((value) => [value, node])));
  const consumers = new Map<string, NodeProto[]>();
  for (const node of graph.node) {
    for (const value of new Set(node.input)) consumers.set(value, [...(consumers.get(value) ?? []), node]);
  }

  function ancestorsOf(nodes: Iterable<NodeProto>): ReadonlySet<NodeProto> {
    const found = new Set(nodes);
    // A set is walked in the order of insertion, also through what is added meanwhile.
    for (const node of found) {
      for (const value of node.input) {
        const producer = producers.get(value);
        if (producer) found.add(producer);
      }
    }
    return found;
  }

  return {
    constants,
    producerOf: (value) => producers.get(value),
    consumersOf: (value) => consumers.get(value) ?? [],
    isOutput: (value) => outputs.has(value),
    ancestorsOf,
  };
}

/** An integer attribute of a node, or what it is without one. */
export const integer = ({ attribute }: NodeProto, name: string, fallback: number): number => {
  const found = attribute.find((one) => one.name === name);
  return found ? Number(found.i) : fallback;
};

export const float = ({ attribute }: NodeProto, name: string, fallback: number): number =>
  attribute.find((one) => one.name === name)?.f ?? fallback;

/** A list of integers, empty without one. */
export const integers = ({ attribute }: NodeProto, name: string): number[] =>
  (attribute.find((one) => one.name === name)?.ints ?? []).map(Number);

/** Undefined without one. */
export const text = ({ attribute }: NodeProto, name: string): string | undefined => {
  const found = attribute.find((one) => one.name === name);
  return found && new TextDecoder().decode(found.s);
};
