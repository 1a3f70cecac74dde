/** Operations that hand numbers on as they are, in another shape or side by side. */
import { integer, integers } from '../../../onnx/graph-index.js';
import { axisOf, inputOf, likeValue, type Rule, resultOf } from './rule.js';

/** The rows of pictures stay rows: of `1×…` it makes `1×…`. */
export const reshape: Rule = {
  refuses: (node, { shapeOf }) =>
    shapeOf(inputOf(node, 0))[0] === 1 && shapeOf(resultOf(node))[0] === 1 ? undefined : 'it mixes the pictures',
  forward: (node, tape) => {
    const sizes = tape.integers([-1, ...tape.shapeOf(resultOf(node)).slice(1)]);
    tape.node('Reshape', [inputOf(node, 0), sizes], {}, resultOf(node));
  },
  backward: (node, gradient, tape) => [likeValue(tape, gradient, inputOf(node, 0))],
};

/** Dropout too, where a network answers. */
export const identity: Rule = {
  forward: (node, tape) => void tape.node('Identity', [inputOf(node, 0)], {}, resultOf(node)),
  backward: (_node, gradient) => [gradient],
};

export const concat: Rule = {
  refuses: (node, { shapeOf, isBatched }) => {
    const axis = axisOf(integer(node, 'axis', 1), shapeOf(resultOf(node)).length);
    if (axis === 0) return 'it puts pictures together';
    return node.input.every((value) => isBatched(value)) ? undefined : 'it puts pictures and constants together';
  },
  forward: (node, tape) => void tape.node('Concat', node.input, { axis: integer(node, 'axis', 1) }, resultOf(node)),
  backward: (node, gradient, tape) => {
    const axis = axisOf(integer(node, 'axis', 1), tape.shapeOf(resultOf(node)).length);
    const sizes = node.input.map((value) => tape.shapeOf(value)[axis] as number);
    if (sizes.length === 1) return [gradient];
    return tape.nodes('Split', sizes.length, [gradient, tape.integers(sizes)], { axis });
  },
};

export const transpose: Rule = {
  refuses: (node) => (integers(node, 'perm')[0] === 0 ? undefined : 'it moves the axis of the pictures'),
  forward: (node, tape) => {
    tape.node('Transpose', [inputOf(node, 0)], { perm: integers(node, 'perm') }, resultOf(node));
  },
  backward: (node, gradient, tape) => {
    const order = integers(node, 'perm');
    return [tape.node('Transpose', [gradient], { perm: order.map((_, axis) => order.indexOf(axis)) })];
  },
};
