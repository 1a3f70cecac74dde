/** A tensor of a checkpoint: its shape, and its elements on demand. */

export type DType =
  | 'float64'
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint8'
  | 'bool';

export interface Tensor {
  readonly dtype: DType;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
  /** The elements in row-major order as float32 (views and strides resolved); a fresh array, made when asked. */
  readonly float32: () => Float32Array;
}
