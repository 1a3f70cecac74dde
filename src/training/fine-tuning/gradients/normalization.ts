/** Normalization with the statistics that the network was trained with: they stay, its scale and its shift are trained. */
import { float } from '../../../onnx/graph-index.js';
import { inputOf, type Rule, resultOf } from './rule.js';

const DEFAULT_EPSILON = 1e-5;

export const batchNormalization: Rule = {
  trains: [1, 2],
  refuses: (node, { numbersOf }) =>
    [3, 4].every((position) => numbersOf(inputOf(node, position))) ? undefined : 'its statistics are not constants',
  forward: (node, tape) => {
    const epsilon = { float: float(node, 'epsilon', DEFAULT_EPSILON) };
    tape.node('BatchNormalization', node.input, { epsilon }, resultOf(node));
  },
  backward: (node, gradient, tape, wants) => {
    const [input, scale] = [inputOf(node, 0), inputOf(node, 1)];
    const shape = tape.shapeOf(input);
    const column = [1, shape[1] as number, ...shape.slice(2).map(() => 1)];
    const [mean, variance] = [3, 4].map((position) =>
      Float32Array.from(tape.numbersOf(inputOf(node, position)) ?? []),
    ) as [Float32Array, Float32Array];
    const epsilon = float(node, 'epsilon', DEFAULT_EPSILON);
    const inverse = variance.map((one) => 1 / Math.sqrt(one + epsilon));
    const perChannel = tape.floats(column, inverse);
    const others = tape.integers(shape.flatMap((_, axis) => (axis === 1 ? [] : [axis])));
    const sum = (value: string) => tape.node('ReduceSum', [value, others], { keepdims: 0 });
    const byScale = () => {
      const centred = tape.node('Sub', [input, tape.floats(column, mean)]);
      return sum(tape.node('Mul', [gradient, tape.node('Mul', [centred, perChannel])]));
    };
    const byInput = () => {
      const slope = tape.node('Mul', [tape.node('Reshape', [scale, tape.integers(column)]), perChannel]);
      return tape.node('Mul', [gradient, slope]);
    };
    return [wants(0) ? byInput() : undefined, wants(1) ? byScale() : undefined, wants(2) ? sum(gradient) : undefined];
  },
};
