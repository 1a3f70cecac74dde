/** How an operation is written into a graph that learns, and how a gradient goes back through it. */
import type { Attribute } from '../../../onnx/graph-builder.js';
import type { NodeProto } from '../../../onnx/onnx_pb.js';

/** What a rule writes with, and what it may know of the values. */
export interface Tape {
  /** Writes a node, and gives the name of its value. */
  readonly node: (
    type: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
    name?: string,
  ) => string;
  /** The same for a node of several values. */
  readonly nodes: (
    type: string,
    values: number,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
  ) => readonly string[];
  readonly floats: (shape: readonly number[], values: Float32Array) => string;
  readonly integers: (values: readonly number[]) => string;
  /** The shape of a value of the forward pass, where one picture runs: the first size is 1 for what depends on the picture. */
  readonly shapeOf: (value: string) => readonly number[];
  /** Whether it has a row for each picture. */
  readonly isBatched: (value: string) => boolean;
  /** Of a constant. */
  readonly numbersOf: (value: string) => Float32Array | Float64Array | undefined;
}

export interface Rule {
  /** Positions of the inputs that are trained, if they are constants. */
  readonly trains?: readonly number[];
  /** Why a node cannot be trained through although its kind can: what it has, as a part of a sentence. */
  readonly refuses?: (node: NodeProto, tape: Pick<Tape, 'shapeOf' | 'isBatched' | 'numbersOf'>) => string | undefined;
  /** Writes the operation in the graph's own version; its value keeps its name. */
  readonly forward: (node: NodeProto, tape: Tape) => void;
  /**
   * The gradients of the node's inputs, by their positions, made of that of its value, which has the value's shape. `wants` says
   * for which positions they are asked.
   */
  readonly backward: (
    node: NodeProto,
    gradient: string,
    tape: Tape,
    wants: (position: number) => boolean,
  ) => readonly (string | undefined)[];
}

export const inputOf = ({ input }: NodeProto, position: number): string => input[position] ?? '';
export const resultOf = ({ output }: NodeProto): string => output[0] as string;

/** Axes from the end are counted from the beginning. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** The same numbers in the shape of a value of the forward pass, for any number of pictures. */
export function likeValue(tape: Tape, numbers: string, value: string): string {
  const shape = tape.shapeOf(value);
  const sizes = tape.isBatched(value) ? [-1, ...shape.slice(1)] : shape;
  return tape.node('Reshape', [numbers, tape.integers(sizes)]);
}

/** Sums a gradient over what was repeated when `operand` was spread over a larger shape, as NumPy does. */
export function sumToOperand(tape: Tape, gradient: string, result: string, operand: string): string {
  const to = tape.shapeOf(result);
  const from = tape.shapeOf(operand);
  const missing = to.length - from.length;
  const axes = to.flatMap((size, axis) => {
    const repeatsPictures = axis === 0 && tape.isBatched(result) && !tape.isBatched(operand);
    const own = axis < missing ? 1 : (from[axis - missing] as number);
    return own === 1 && (size > 1 || repeatsPictures || axis < missing) ? [axis] : [];
  });
  const sum = axes.length === 0 ? gradient : tape.node('ReduceSum', [gradient, tape.integers(axes)], { keepdims: 1 });
  return missing === 0 ? sum : likeValue(tape, sum, operand);
}
