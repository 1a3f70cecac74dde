/** Averages and largest values of windows, and of whole maps. */
import { integer, integers } from '../../../onnx/graph-index.js';
import type { NodeProto } from '../../../onnx/onnx_pb.js';
import { rest, type Window, windowOf } from './convolution.js';
import { axisOf, inputOf, likeValue, type Rule, resultOf, type Tape } from './rule.js';

const poolingAttributes = (node: NodeProto, { kernel, strides, before, after, dilations }: Window) => ({
  kernel_shape: kernel,
  strides,
  pads: [...before, ...after],
  ceil_mode: integer(node, 'ceil_mode', 0),
  ...(dilations.some((one) => one !== 1) && { dilations }),
});

const isFlat: Rule['refuses'] = (node, { shapeOf }) =>
  shapeOf(inputOf(node, 0)).length === 4 ? undefined : 'it pools over another number of axes than two';

/** The mean over some axes: what comes back is spread evenly. */
function mean(
  axesOf: (node: NodeProto, tape: Pick<Tape, 'shapeOf' | 'numbersOf'>) => readonly number[],
  keepsAxes: (node: NodeProto) => boolean,
): Rule {
  return {
    refuses: (node, tape) => (axesOf(node, tape).includes(0) ? 'it takes the mean of several pictures' : undefined),
    forward: (node, tape) => {
      const attributes = { axes: axesOf(node, tape), keepdims: keepsAxes(node) ? 1 : 0 };
      tape.node('ReduceMean', [inputOf(node, 0)], attributes, resultOf(node));
    },
    backward: (node, gradient, tape) => {
      const axes = axesOf(node, tape);
      const shape = tape.shapeOf(inputOf(node, 0));
      const kept = shape.map((size, axis) => (axis === 0 ? -1 : axes.includes(axis) ? 1 : size));
      const spread = shape.map((size, axis) => (axes.includes(axis) ? size : 1));
      const count = spread.reduce((product, size) => product * size, 1);
      const share = tape.floats(spread, new Float32Array(count).fill(1 / count));
      const column = keepsAxes(node) ? gradient : tape.node('Reshape', [gradient, tape.integers(kept)]);
      return [tape.node('Mul', [column, share])];
    },
  };
}

export const globalAveragePool = mean(
  (node, { shapeOf }) => shapeOf(inputOf(node, 0)).flatMap((_, axis) => (axis < 2 ? [] : [axis])),
  () => true,
);

/** From version 18 the axes are an input. */
export const reduceMean = mean(
  (node, { shapeOf, numbersOf }) => {
    const shape = shapeOf(inputOf(node, 0));
    const given = numbersOf(inputOf(node, 1)) ?? integers(node, 'axes');
    return given.length === 0 ? shape.map((_, axis) => axis) : [...given].map((axis) => axisOf(axis, shape.length));
  },
  (node) => integer(node, 'keepdims', 1) === 1,
);

export const averagePool: Rule = {
  refuses: (node, tape) => {
    const sticksOut = ([0, 1] as const).some((axis) => rest(windowOf(node, tape), axis) < 0);
    if (sticksOut && integer(node, 'count_include_pad', 0) === 1) return 'its windows go beyond the padding they count';
    return isFlat(node, tape);
  },
  forward: (node, tape) => {
    const attributes = poolingAttributes(node, windowOf(node, tape));
    const counts = { count_include_pad: integer(node, 'count_include_pad', 0) };
    tape.node('AveragePool', [inputOf(node, 0)], { ...attributes, ...counts }, resultOf(node));
  },
  backward: (node, gradient, tape) => {
    const window = windowOf(node, tape);
    const { kernel, strides, dilations, out, before, after } = window;
    const shares = tape.floats([1, 1, ...out], sharesOf(window, integer(node, 'count_include_pad', 0) === 1));
    const maps = tape.node('Reshape', [tape.node('Mul', [gradient, shares]), tape.integers([-1, 1, ...out])]);
    const ones = tape.floats([1, 1, ...kernel], new Float32Array(kernel[0] * kernel[1]).fill(1));
    const rests = ([0, 1] as const).map((axis) => rest(window, axis));
    const spread = tape.node('ConvTranspose', [maps, ones], {
      kernel_shape: kernel,
      strides,
      dilations,
      // Where windows stick out at the end, so much more is cut off.
      pads: [...before, ...after.map((pad, axis) => pad + Math.max(0, -(rests[axis] as number)))],
      output_padding: rests.map((more) => Math.max(0, more)),
    });
    return [likeValue(tape, spread, inputOf(node, 0))];
  },
};

/** One over the number of values that each window is the average of: those of the picture, or with its padding. */
function sharesOf(
  { size, out, kernel, strides, dilations, before, after }: Window,
  withPadding: boolean,
): Float32Array {
  const along = (axis: 0 | 1) =>
    Array.from({ length: out[axis] }, (_, i) => {
      const places = Array.from(
        { length: kernel[axis] },
        (__, k) => i * strides[axis] - before[axis] + k * dilations[axis],
      );
      const [least, most] = withPadding ? [-before[axis], size[axis] + after[axis]] : [0, size[axis]];
      return places.filter((place) => place >= least && place < most).length;
    });
  const [rows, columns] = [along(0), along(1)];
  return Float32Array.from(rows.flatMap((row) => columns.map((column) => 1 / (row * column))));
}

/** What comes back goes to the place that the largest value was taken from; where several windows took it, it is summed. */
export const maxPool: Rule = {
  refuses: isFlat,
  forward: (node, tape) => {
    tape.node('MaxPool', [inputOf(node, 0)], poolingAttributes(node, windowOf(node, tape)), resultOf(node));
  },
  backward: (node, gradient, tape) => {
    const input = inputOf(node, 0);
    const [, places] = tape.nodes('MaxPool', 2, [input], poolingAttributes(node, windowOf(node, tape)));
    const flat = (value: string) => tape.node('Reshape', [value, tape.integers([-1])]);
    const nothing = flat(tape.node('ConstantOfShape', [tape.node('Shape', [input])]));
    const scattered = tape.node('ScatterElements', [nothing, flat(places as string), flat(gradient)], {
      axis: 0,
      reduction: 'add',
    });
    return [likeValue(tape, scattered, input)];
  },
};
