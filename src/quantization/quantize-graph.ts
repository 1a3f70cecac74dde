/**
 * A graph in 8 bits, in the form that ONNX calls QDQ: each value is quantized and dequantized again where it is made, and
 * the runtime fuses that with the operators between.
 */
import { createNode } from '../onnx/graph-builder.js';
import { float, type GraphIndex } from '../onnx/graph-index.js';
import type { NodeProto, TensorProto } from '../onnx/onnx_pb.js';
import { floatValues, shapeOf, type TensorValues, tensor } from '../onnx/tensors.js';
import type { Range } from './histogram.js';
import { HARD_SWISH_ZERO } from './lower-hard-swish.js';
import { dataInputs, isExact, nameOf, type Plan } from './plan.js';
import {
  type ActivationScale,
  activationScale,
  leastWeightScale,
  quantizeBias,
  quantizeWeights,
} from './quantize-values.js';

/** What the new graph is written into. */
interface Draft {
  readonly nodes: NodeProto[];
  readonly constants: Map<string, TensorProto>;
  /** Gives the constant's name. */
  readonly constant: (name: string, shape: number[], values: TensorValues) => string;
}

/** Changes the plan's graph. `ranges` has one for each of the plan's points. */
export function quantizeGraph(plan: Plan, ranges: ReadonlyMap<string, Range>, bits: 7 | 8): void {
  const { graph, absorbed } = plan;
  const scales = scalesOf(plan, ranges);
  const draft = createDraft(graph.initializer);
  const activations = new Set(absorbed.values());
  const points = describePoints(plan);

  for (const { name } of graph.input) roundTrip(draft, points.get(name), scales);
  for (const original of graph.node.filter((one) => !activations.has(one))) {
    const [, ...more] = original.output;
    const made = [nameOf(absorbed.get(original) ?? original), ...more].map((value) => points.get(value));
    const node = in8Bits(draft, plan, original, points, scales, bits);
    draft.nodes.push(node);
    for (const [i, point] of made.entries()) {
      if (point) node.output[i] = point.exact;
      roundTrip(draft, point, scales);
    }
  }
  const used = new Set([...draft.nodes.flatMap(({ input }) => input), ...graph.output.map(({ name }) => name)]);
  graph.node = draft.nodes;
  graph.initializer = [...draft.constants.values()].filter(({ name }) => used.has(name));
}

function createDraft(initializer: readonly TensorProto[]): Draft {
  const constants = new Map(initializer.map((one) => [one.name, one]));
  return {
    nodes: [],
    constants,
    constant: (name, shape, values) => {
      constants.set(name, tensor(name, shape, values));
      return name;
    },
  };
}

/** A value that becomes an 8-bit number where it is made. */
interface Point {
  readonly name: string;
  /** What the value is called before that. */
  readonly exact: string;
  /** What the 8-bit value is called where it is a number again. */
  readonly dequantized: string;
  /** Then everybody takes the 8-bit value, else only those who calculate in 8 bits. */
  readonly isMadeIn8Bits: boolean;
}

function describePoints({ points, nodes, absorbed, index }: Plan): Map<string, Point> {
  const makers = new Map([...absorbed].map(([node, activation]) => [activation, node]));
  return new Map(
    points.map((name) => {
      const producer = index.producerOf(name);
      const maker = producer && (makers.get(producer) ?? producer);
      const isMadeIn8Bits = maker !== undefined && nodes.has(maker) && !isExact(maker);
      // Who asks the model for this value gets the one that the next layers see.
      const isGiven = isMadeIn8Bits && index.isOutput(name);
      const [exact, dequantized] = isGiven ? [`${name}:exact`, name] : [name, `${name}:dequantized`];
      return [name, { name, exact, dequantized, isMadeIn8Bits }];
    }),
  );
}

/** Writes how a value becomes 8-bit numbers, and numbers again. */
function roundTrip(
  { nodes, constant }: Draft,
  point: Point | undefined,
  scales: ReadonlyMap<string, ActivationScale>,
): void {
  if (!point) return;
  const { name, exact, dequantized } = point;
  const { scale, zeroPoint } = scales.get(name) as ActivationScale;
  const parameters = [
    constant(`${name}:scale`, [], Float32Array.of(scale)),
    constant(`${name}:zero_point`, [], Uint8Array.of(zeroPoint)),
  ];
  const quantized = `${name}:quantized`;
  nodes.push(createNode('QuantizeLinear', quantized, [exact, ...parameters]));
  nodes.push(createNode('DequantizeLinear', dequantized, [quantized, ...parameters]));
}

/** The node with its inputs in 8 bits, if it takes them so. */
function in8Bits(
  draft: Draft,
  { index, layers, nodes }: Plan,
  node: NodeProto,
  points: ReadonlyMap<string, Point>,
  scales: ReadonlyMap<string, ActivationScale>,
  bits: 7 | 8,
): NodeProto {
  const data = new Set(nodes.has(node) ? dataInputs(node) : []);
  const own = layers.includes(node) ? quantizeLayer(draft, index, node, scales, bits) : node.input;
  const gated = nodes.has(node) && node.opType === 'HardSigmoid' ? points.get(node.input[0] as string) : undefined;
  if (gated) return gate(draft, node, gated, scales);
  node.input = own.map((value) => {
    const point = points.get(value);
    return point && (point.isMadeIn8Bits || data.has(value)) ? point.dequantized : value;
  });
  return node;
}

/** A hard sigmoid as a sum: the input on a scale that is `alpha` times as fine, and `beta`; 8 bits from 0 to 1 do the rest. */
function gate(
  { nodes, constant }: Draft,
  node: NodeProto,
  { name: point }: Point,
  scales: ReadonlyMap<string, ActivationScale>,
): NodeProto {
  const name = nameOf(node);
  const { scale } = scales.get(point) as ActivationScale;
  const finer = [
    `${point}:quantized`,
    constant(`${name}:input.scale`, [], Float32Array.of(scale * float(node, 'alpha', 0.2))),
    `${point}:zero_point`,
  ];
  const beta = [
    constant(`${name}:beta.integer`, [], Uint8Array.of(255)),
    constant(`${name}:beta.scale`, [], Float32Array.of(float(node, 'beta', 0.5) / 255)),
    constant(`${name}:beta.zero_point`, [], Uint8Array.of(0)),
  ];
  nodes.push(createNode('DequantizeLinear', `${name}:input`, finer));
  nodes.push(createNode('DequantizeLinear', `${name}:beta`, beta));
  return createNode('Add', name, [`${name}:input`, `${name}:beta`]);
}

/** Writes weights and bias of a layer as integers, and gives the layer's inputs. */
function quantizeLayer(
  { nodes, constant }: Draft,
  index: GraphIndex,
  node: NodeProto,
  scales: ReadonlyMap<string, ActivationScale>,
  bits: 7 | 8,
): string[] {
  const [data = '', weightName = '', biasName = ''] = node.input;
  const weight = index.constants.get(weightName) as TensorProto;
  const shape = shapeOf(weight);
  const channels = shape[0] as number;
  const bias = index.constants.get(biasName);
  const { scale } = scales.get(data) as ActivationScale;
  const biases = bias && (floatValues(bias) as Float32Array);
  const { values, scales: own } = quantizeWeights(
    floatValues(weight) as Float32Array,
    channels,
    bits,
    biases?.map((value) => leastWeightScale(value, scale)),
  );

  function integers(part: string, size: number[], numbers: TensorValues, scale: Float32Array, zero: TensorValues) {
    const name = `${nameOf(node)}:${part}`;
    const inputs = [
      constant(`${name}:integers`, size, numbers),
      constant(`${name}:scales`, [channels], scale),
      constant(`${name}:zero_points`, [channels], zero),
    ];
    nodes.push(createNode('DequantizeLinear', `${name}:dequantized`, inputs, { axis: 0 }));
    return `${name}:dequantized`;
  }

  const inputs = [data, integers('weight', shape, values, own, new Int8Array(channels))];
  if (biases) {
    const steps = own.map((weightScale) => weightScale * scale);
    const sums = quantizeBias(biases, steps);
    inputs.push(integers('bias', [channels], sums, steps, new Int32Array(channels)));
  }
  return inputs;
}

/**
 * A pool that takes the largest value makes no new ones: it keeps the scale of what it takes them from. A hard sigmoid goes
 * from 0 to 1, and a hard-swish does not tell apart what is below -3.
 */
function scalesOf({ points, index, swished }: Plan, ranges: ReadonlyMap<string, Range>): Map<string, ActivationScale> {
  const source = (point: string): string => {
    const producer = index.producerOf(point);
    const pooled = producer?.opType === 'MaxPool' ? producer.input[0] : undefined;
    return pooled !== undefined && ranges.has(pooled) ? source(pooled) : point;
  };
  function rangeOf(point: string): Range {
    if (index.producerOf(point)?.opType === 'HardSigmoid') return { min: 0, max: 1 };
    const range = ranges.get(source(point)) as Range;
    return swished.has(point) ? { ...range, min: Math.max(range.min, HARD_SWISH_ZERO) } : range;
  }

  return new Map(points.map((point) => [point, activationScale(rangeOf(point))]));
}
