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

/** Elements of one type, one behind the other, where they lie in the file. */
export interface Storage {
  readonly bytes: Uint8Array;
  readonly dtype: DType;
  readonly littleEndian: boolean;
}

/** How a tensor sees a storage; offset and strides count elements. */
export interface View {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export const bytesPerElement: Readonly<Record<DType, number>> = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

/** The number of elements of a shape; 1 for a scalar. */
export const elementsOf = (shape: readonly number[]): number =>
  // So that a huge size beside a 0 cannot make a number that is none.
  shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);

/** The strides of a tensor that lies in row-major order. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape.toReversed()) {
    strides.unshift(stride);
    stride *= size;
  }
  return strides;
}

/** The view has to lie within the storage: see `reachOf`. */
export function createTensor(storage: Storage, view: View): Tensor {
  return { dtype: storage.dtype, shape: view.shape, float32: () => toFloat32(storage, view) };
}

/** The first element behind the last one that a view sees, counted from the start of the storage; 0 if it sees none. */
export function reachOf({ offset, shape, strides }: View): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((reach, size, axis) => reach + (size - 1) * (strides[axis] as number), offset + 1);
}

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function toFloat32(storage: Storage, { offset, shape, strides }: View): Float32Array {
  const elements = new Float32Array(elementsOf(shape));
  if (isRowMajor(shape, strides)) {
    if (storage.dtype === 'float32' && storage.littleEndian && HOST_IS_LITTLE_ENDIAN) {
      const start = offset * elements.BYTES_PER_ELEMENT;
      new Uint8Array(elements.buffer).set(storage.bytes.subarray(start, start + elements.byteLength));
      return elements;
    }
    const read = readerOf(storage);
    for (let i = 0; i < elements.length; i++) elements[i] = read(offset + i);
    return elements;
  }
  copyStrided(elements, readerOf(storage), { offset, shape, strides });
  return elements;
}

/** Axes of one element may have any stride. */
function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  const expected = rowMajor(shape);
  return shape.every((size, axis) => size === 1 || strides[axis] === expected[axis]);
}

/** Walks along the last axis; the others count up like the digits of an odometer. */
function copyStrided(elements: Float32Array, read: (index: number) => number, { offset, shape, strides }: View): void {
  const last = shape.length - 1;
  const length = shape[last] as number;
  const step = strides[last] as number;
  const digits = new Array<number>(last).fill(0);
  let start = offset;
  for (let at = 0; at < elements.length; at += length) {
    for (let i = 0; i < length; i++) elements[at + i] = read(start + i * step);
    for (let axis = last - 1; axis >= 0; axis--) {
      const digit = (digits[axis] as number) + 1;
      start += strides[axis] as number;
      digits[axis] = digit;
      if (digit < (shape[axis] as number)) break;
      start -= digit * (strides[axis] as number);
      digits[axis] = 0;
    }
  }
}

function readerOf({ bytes, dtype, littleEndian }: Storage): (index: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (dtype) {
    case 'float64':
      return (i) => view.getFloat64(i * 8, littleEndian);
    case 'float32':
      return (i) => view.getFloat32(i * 4, littleEndian);
    case 'float16': {
      halves ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => fromHalf(bits));
      const table = halves;
      return (i) => table[view.getUint16(i * 2, littleEndian)] as number;
    }
    case 'bfloat16':
      return createBfloat16Reader(view, littleEndian);
    case 'int64':
      return (i) => Number(view.getBigInt64(i * 8, littleEndian));
    case 'int32':
      return (i) => view.getInt32(i * 4, littleEndian);
    case 'int16':
      return (i) => view.getInt16(i * 2, littleEndian);
    case 'int8':
      return (i) => view.getInt8(i);
    case 'uint8':
      return (i) => view.getUint8(i);
    case 'bool':
      return (i) => (view.getUint8(i) === 0 ? 0 : 1);
  }
}

/** The value of every float16, made when the first one is read: five times as fast as computing each. */
let halves: Float32Array | undefined;

/** IEEE 754 binary16: 1 sign bit, 5 of the exponent, 10 of the fraction. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 is the upper half of a float32. */
function createBfloat16Reader(view: DataView, littleEndian: boolean): (index: number) => number {
  const word = new Uint32Array(1);
  const number = new Float32Array(word.buffer);
  return (i) => {
    word[0] = view.getUint16(i * 2, littleEndian) << 16;
    return number[0] as number;
  };
}
