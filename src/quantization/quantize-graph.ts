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

/** Changes the plan's graph. `ranges` has one for each of the plan's points. */
export function quantizeGraph(plan: Plan, ranges: ReadonlyMap<string, Range>, bits: 7 | 8): void {
  const { graph, index, nodes, absorbed } = plan;
  const scales = scalesOf(plan, ranges);
  const constants = new Map<string, TensorProto>(graph.initializer.map((one) => [one.name, one]));
  const rewritten: NodeProto[] = [];
  const points = new Set(plan.points);
  const activations = new Set(absorbed.values());

  const constant = (name: string, shape: number[], values: TensorValues) => {
    constants.set(name, tensor(name, shape, values));
    return name;
  };

  /** The quantized and dequantized value, under the name `out`, of what is called `value`. */
  function roundTrip(value: string, point: string, out: string): void {
    const { scale, zeroPoint } = scales.get(point) as ActivationScale;
    const parameters = [
      constant(`${point}.scale`, [], Float32Array.of(scale)),
      constant(`${point}.zero_point`, [], Uint8Array.of(zeroPoint)),
    ];
    const quantized = `${point}.quantized`;
    rewritten.push(createNode('QuantizeLinear', quantized, [value, ...parameters]));
    rewritten.push(createNode('DequantizeLinear', out, [quantized, ...parameters]));
  }

  const dequantized = (point: string) => (index.isOutput(point) ? point : `${point}.dequantized`);

  /** Whether everybody takes the 8-bit value, and not only those who calculate in 8 bits. */
  function isMadeIn8Bits(point: string): boolean {
    const producer = index.producerOf(point);
    const node = [...absorbed].find(([, activation]) => activation === producer)?.[0] ?? producer;
    return node !== undefined && nodes.has(node) && !isExact(node);
  }

  function inputsOf(node: NodeProto): string[] {
    const data = nodes.has(node) ? new Set(dataInputs(node)) : new Set<string>();
    return node.input.map((value) => {
      if (!points.has(value)) return value;
      if (isMadeIn8Bits(value)) return dequantized(value);
      return data.has(value) ? `${value}.dequantized` : value;
    });
  }

  /** Weights and bias of a layer as integers, and back. */
  function quantizeLayer(node: NodeProto): string[] {
    const [data = '', weightName = '', biasName] = node.input;
    const weight = index.constants.get(weightName) as TensorProto;
    const shape = shapeOf(weight);
    const channels = shape[0] as number;
    const { values, scales: own } = quantizeWeights(floatValues(weight) as Float32Array, channels, bits);
    const prefix = nameOf(node);
    const integers = (part: string, size: number[], numbers: TensorValues, scale: Float32Array, zero: TensorValues) => {
      const inputs = [
        constant(`${prefix}.${part}.integers`, size, numbers),
        constant(`${prefix}.${part}.scales`, [channels], scale),
        constant(`${prefix}.${part}.zero_points`, [channels], zero),
      ];
      rewritten.push(createNode('DequantizeLinear', `${prefix}.${part}.dequantized`, inputs, { axis: 0 }));
      return `${prefix}.${part}.dequantized`;
    };
    const inputs = [data, integers('weight', shape, values, own, new Int8Array(channels))];
    const bias = biasName === undefined ? undefined : index.constants.get(biasName);
    if (bias) {
      const { scale } = scales.get(data) as ActivationScale;
      const steps = own.map((weightScale) => weightScale * scale);
      const sums = quantizeBias(floatValues(bias) as Float32Array, steps);
      inputs.push(integers('bias', [channels], sums, steps, new Int32Array(channels)));
    }
    return inputs;
  }

  for (const { name } of graph.input) if (points.has(name)) roundTrip(name, name, `${name}.dequantized`);
  for (const node of graph.node) {
    if (activations.has(node)) continue;
    const point = nameOf(absorbed.get(node) ?? node);
    if (plan.layers.includes(node)) node.input = quantizeLayer(node);
    node.input = inputsOf(node);
    rewritten.push(node);
    if (!points.has(point)) continue;
    const madeHere = isMadeIn8Bits(point);
    if (madeHere) node.output[0] = index.isOutput(point) ? `${point}.sum` : point;
    roundTrip(node.output[0] as string, point, madeHere ? dequantized(point) : `${point}.dequantized`);
  }
  const used = new Set(rewritten.flatMap(({ input }) => input));
  graph.node = rewritten;
  graph.initializer = [...constants.values()].filter(({ name }) => used.has(name));
}

/** A pool that takes the largest value makes no new ones: it keeps the scale of what it takes them from. */
function scalesOf({ points, index }: Plan, ranges: ReadonlyMap<string, Range>): Map<string, ActivationScale> {
  const source = (point: string): string => {
    const producer = index.producerOf(point);
    return producer?.opType === 'MaxPool' && ranges.has(producer.input[0] as string)
      ? source(producer.input[0] as string)
      : point;
  };
  return new Map(points.map((point) => [point, activationScale(ranges.get(source(point)) as Range)]));
}
