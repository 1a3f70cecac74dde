/** Constants of a graph as numbers, also those that are kept in 8 bits. */
import { type GraphIndex, integer } from '../onnx/graph-index.js';
import { TensorProto_DataType as DataType, type NodeProto, type TensorProto } from '../onnx/onnx_pb.js';
import { floatValues, integerValues, shapeOf } from '../onnx/tensors.js';

export interface Numbers {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array | Float64Array;
}

/** Undefined for a value that depends on the picture, or that is of another type. */
export function constantOf(value: string | undefined, index: GraphIndex): Numbers | undefined {
  const tensor = index.constants.get(value ?? '');
  if (tensor) {
    const values = floatValues(tensor) ?? integerValues(tensor);
    return values && { shape: shapeOf(tensor), values };
  }
  const maker = index.producerOf(value ?? '');
  return maker?.opType === 'DequantizeLinear' ? dequantized(maker, index) : undefined;
}

/** Scale and zero point are for all, or for each position along one axis. */
function dequantized(node: NodeProto, index: GraphIndex): Numbers | undefined {
  const [stored, scale, zero] = node.input.map((value) => constantOf(value, index));
  if (!stored || !scale) return undefined;
  const { shape, values } = stored;
  const axis = integer(node, 'axis', 1);
  const inner = shape.slice(axis < 0 ? axis + shape.length : axis).slice(1);
  const repeat = scale.values.length === 1 ? values.length : inner.reduce((product, size) => product * size, 1);
  const at = (numbers: Numbers['values'], i: number) => numbers[Math.floor(i / repeat) % numbers.length] as number;
  return {
    shape,
    values: Float32Array.from(values, (number, i) => (number - (zero ? at(zero.values, i) : 0)) * at(scale.values, i)),
  };
}

/** The numbers that its 8-bit type has; undefined for another type. */
export function rangeOf(tensor: TensorProto | undefined): { least: number; most: number } | undefined {
  if (tensor?.dataType === DataType.INT8) return { least: -128, most: 127 };
  return tensor?.dataType === DataType.UINT8 ? { least: 0, most: 255 } : undefined;
}
