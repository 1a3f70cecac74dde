/**
 * A graph in 8 bits, in the form that ONNX calls QDQ: each value is quantized and dequantized again where it is made, and
 * the runtime fuses that with the operators between.
 */
import { createNode } from '../onnx/graph-builder.js';
import type { NodeProto, TensorProto } from '../onnx/onnx_pb.js';
import { floatValues, shapeOf, type TensorValues, tensor } from '../onnx/tensors.js';
import type { Range } from './histogram.js';
import { dataInputs, isExact, nameOf, type Plan } from './plan.js';
import { type ActivationScale, activationScale, quantizeBias, quantizeWeights } from './quantize-values.js';

/** What the new graph is written into. */
interface Draft {
  readonly nodes: NodeProto[];
  readonly constants: Map<string, TensorProto>;
  /** Gives the constant's name. */
  readonly constant: (name: string, shape: number[], values: TensorValues) => string;
}

/** Changes the plan's graph. `ranges` has one for each of the plan's points. */
export function quantizeGraph(plan: Plan, ranges: ReadonlyMap<string, Range>, bits: 7 | 8): void {
  const { graph, index, layers, absorbed } = plan;
  const scales = scalesOf(plan, ranges);
  const draft = createDraft(graph.initializer);
  const activations = new Set(absorbed.values());
  const points = describePoints(plan);

  for (const { name } of graph.input) {
    if (points.has(name)) roundTrip(draft, name, name, `${name}.dequantized`, scales);
  }
  for (const node of graph.node.filter((one) => !activations.has(one))) {
    const point = nameOf(absorbed.get(node) ?? node);
    if (layers.includes(node)) node.input = quantizeLayer(draft, plan, node, scales, bits);
    node.input = inputsOf(node, plan, points);
    draft.nodes.push(node);
    const description = points.get(point);
    if (description === undefined) continue;
    if (description.isMadeIn8Bits) node.output[0] = index.isOutput(point) ? `${point}.sum` : point;
    roundTrip(draft, node.output[0] as string, point, description.dequantized, scales);
  }
  const used = new Set(draft.nodes.flatMap(({ input }) => input));
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

interface Point {
  /** Then everybody takes the 8-bit value, else only those who calculate in 8 bits. */
  readonly isMadeIn8Bits: boolean;
  /** What the 8-bit value is called where it is a number again. */
  readonly dequantized: string;
}

function describePoints({ points, nodes, absorbed, index }: Plan): Map<string, Point> {
  const makers = new Map([...absorbed].map(([node, activation]) => [activation, node]));
  return new Map(
    points.map((point) => {
      const producer = index.producerOf(point);
      const maker = producer && (makers.get(producer) ?? producer);
      const isMadeIn8Bits = maker !== undefined && nodes.has(maker) && !isExact(maker);
      const dequantized = isMadeIn8Bits && index.isOutput(point) ? point : `${point}.dequantized`;
      return [point, { isMadeIn8Bits, dequantized }];
    }),
  );
}

function inputsOf(node: NodeProto, { nodes }: Plan, points: ReadonlyMap<string, Point>): string[] {
  const data = new Set(nodes.has(node) ? dataInputs(node) : []);
  return node.input.map((value) => {
    const point = points.get(value);
    return point && (point.isMadeIn8Bits || data.has(value)) ? point.dequantized : value;
  });
}

/** Writes how `value` becomes 8-bit numbers on the scale of `point`, and from those again `out`. */
function roundTrip(
  { nodes, constant }: Draft,
  value: string,
  point: string,
  out: string,
  scales: ReadonlyMap<string, ActivationScale>,
): void {
  const { scale, zeroPoint } = scales.get(point) as ActivationScale;
  const parameters = [
    constant(`${point}.scale`, [], Float32Array.of(scale)),
    constant(`${point}.zero_point`, [], Uint8Array.of(zeroPoint)),
  ];
  const quantized = `${point}.quantized`;
  nodes.push(createNode('QuantizeLinear', quantized, [value, ...parameters]));
  nodes.push(createNode('DequantizeLinear', out, [quantized, ...parameters]));
}

/** Writes weights and bias of a layer as integers, and gives the layer's inputs. */
function quantizeLayer(
  { nodes, constant }: Draft,
  { index }: Plan,
  node: NodeProto,
  scales: ReadonlyMap<string, ActivationScale>,
  bits: 7 | 8,
): string[] {
  const [data = '', weightName = '', biasName = ''] = node.input;
  const weight = index.constants.get(weightName) as TensorProto;
  const shape = shapeOf(weight);
  const channels = shape[0] as number;
  const { values, scales: own } = quantizeWeights(floatValues(weight) as Float32Array, channels, bits);

  function integers(part: string, size: number[], numbers: TensorValues, scale: Float32Array, zero: TensorValues) {
    const name = `${nameOf(node)}.${part}`;
    const inputs = [
      constant(`${name}.integers`, size, numbers),
      constant(`${name}.scales`, [channels], scale),
      constant(`${name}.zero_points`, [channels], zero),
    ];
    nodes.push(createNode('DequantizeLinear', `${name}.dequantized`, inputs, { axis: 0 }));
    return `${name}.dequantized`;
  }

  const inputs = [data, integers('weight', shape, values, own, new Int8Array(channels))];
  const bias = index.constants.get(biasName);
  if (bias) {
    const { scale } = scales.get(data) as ActivationScale;
    const steps = own.map((weightScale) => weightScale * scale);
    const sums = quantizeBias(floatValues(bias) as Float32Array, steps);
    inputs.push(integers('bias', [channels], sums, steps, new Int32Array(channels)));
  }
  return inputs;
}

/** A pool that takes the largest value makes no new ones: it keeps the scale of what it takes them from. */
function scalesOf({ points, index }: Plan, ranges: ReadonlyMap<string, Range>): Map<string, ActivationScale> {
  const source = (point: string): string => {
    const producer = index.producerOf(point);
    const pooled = producer?.opType === 'MaxPool' ? producer.input[0] : undefined;
    return pooled !== undefined && ranges.has(pooled) ? source(pooled) : point;
  };
  return new Map(points.map((point) => [point, activationScale(ranges.get(source(point)) as Range)]));
}
