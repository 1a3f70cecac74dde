/** Constants of a graph: typed arrays to ONNX tensors, and back. */
import { create } from '@bufbuild/protobuf';
import { TensorProto_DataType as DataType, type TensorProto, TensorProtoSchema } from './onnx_pb.js';

export type TensorValues = Float32Array | Int8Array | Uint8Array | Int32Array | BigInt64Array;

function dataTypeOf(values: TensorValues): DataType {
  if (values instanceof Float32Array) return DataType.FLOAT;
  if (values instanceof Int8Array) return DataType.INT8;
  if (values instanceof Uint8Array) return DataType.UINT8;
  if (values instanceof Int32Array) return DataType.INT32;
  return DataType.INT64;
}

/** Row-major values; a scalar has the shape []. ONNX is little-endian, as is every machine that Kaiyan runs on. */
export function tensor(name: string, shape: readonly number[], values: TensorValues): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: dataTypeOf(values),
    rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  });
}

export const shapeOf = ({ dims }: TensorProto): number[] => dims.map(Number);

export const isFloat = ({ dataType }: TensorProto): boolean => dataType === DataType.FLOAT;

/** The values of a float32 tensor, in memory of their own; undefined for one of another type. */
export function floatValues({ dataType, rawData, floatData }: TensorProto): Float32Array | undefined {
  if (dataType !== DataType.FLOAT) return undefined;
  return rawData.length > 0 ? new Float32Array(new Uint8Array(rawData).buffer) : Float32Array.from(floatData);
}

/** The values of an integer tensor of 8, 32 or 64 bits; undefined for one of another type. */
export function integerValues({ dataType, rawData, int32Data, int64Data }: TensorProto): Float64Array | undefined {
  // In memory of their own, where they begin at a multiple of their size.
  const memory = new Uint8Array(rawData).buffer;
  const values = (raw: ArrayLike<number>) => Float64Array.from(rawData.length > 0 ? raw : int32Data);
  switch (dataType) {
    case DataType.INT8:
      return values(new Int8Array(memory));
    case DataType.UINT8:
      return values(new Uint8Array(memory));
    case DataType.INT32:
      return values(new Int32Array(memory));
    case DataType.INT64:
      return Float64Array.from([...(rawData.length > 0 ? new BigInt64Array(memory) : int64Data)], Number);
    default:
      return undefined;
  }
}
