/** Operations that work on each number alone, or on two of the same place. */
import { float } from '../../../onnx/graph-index.js';
import type { NodeProto } from '../../../onnx/onnx_pb.js';
import { inputOf, type Rule, resultOf, sumToOperand, type Tape } from './rule.js';

/** `slope` is what the gradient is multiplied with. */
function unary(
  slope: (node: NodeProto, tape: Tape) => string,
  attributes: (node: NodeProto) => Record<string, { float: number }> = () => ({}),
): Rule {
  return {
    forward: (node, tape) => void tape.node(node.opType, [inputOf(node, 0)], attributes(node), resultOf(node)),
    backward: (node, gradient, tape) => [tape.node('Mul', [gradient, slope(node, tape)])],
  };
}

const scalar = (tape: Tape, value: number) => tape.floats([], Float32Array.of(value));

export const relu = unary((node, tape) => within(tape, resultOf(node), 0, undefined));

export const sigmoid = unary((node, tape) => {
  const value = resultOf(node);
  return tape.node('Mul', [value, tape.node('Sub', [scalar(tape, 1), value])]);
});

export const hardSigmoid = unary(
  (node, tape) => tape.node('Mul', [within(tape, resultOf(node), 0, 1), scalar(tape, float(node, 'alpha', 0.2))]),
  (node) => ({ alpha: { float: float(node, 'alpha', 0.2) }, beta: { float: float(node, 'beta', 0.5) } }),
);

const GATE = { alpha: { float: 1 / 6 }, beta: { float: 0.5 } };

/** `x·gate(x)`, where the gate is a hard sigmoid. */
export const hardSwish = unary((node, tape) => {
  const x = inputOf(node, 0);
  const gate = tape.node('HardSigmoid', [x], GATE);
  const rising = tape.node('Mul', [within(tape, gate, 0, 1), scalar(tape, 1 / 6)]);
  return tape.node('Add', [gate, tape.node('Mul', [x, rising])]);
});

/** ONNX's number for float32. */
const FLOAT = 1;

/** 1 where a value is between both limits, else 0. */
function within(tape: Tape, value: string, least: number | undefined, most: number | undefined): string {
  const above = least === undefined ? [] : [tape.node('Greater', [value, scalar(tape, least)])];
  const below = most === undefined ? [] : [tape.node('Less', [value, scalar(tape, most)])];
  const both = [...above, ...below].reduce((one, other) => tape.node('And', [one, other]));
  return tape.node('Cast', [both], { to: FLOAT });
}

/** Nothing goes back where a limit has taken effect. */
export const clip: Rule = {
  refuses: (node, { numbersOf }) =>
    node.input.slice(1).some((limit) => limit !== '' && numbersOf(limit) === undefined)
      ? 'its limits are not constants'
      : undefined,
  forward: (node, tape) => {
    const { least, most } = limitsOf(node, tape);
    const limits = [least, most].map((limit) => (limit === undefined ? '' : scalar(tape, limit)));
    tape.node('Clip', [inputOf(node, 0), ...limits], {}, resultOf(node));
  },
  backward: (node, gradient, tape) => {
    const { least, most } = limitsOf(node, tape);
    if (least === undefined && most === undefined) return [gradient];
    return [tape.node('Mul', [gradient, within(tape, resultOf(node), least, most)])];
  },
};

/** Until version 10 the limits are attributes. */
function limitsOf(node: NodeProto, { numbersOf }: Pick<Tape, 'numbersOf'>) {
  const given = (position: number, name: string) =>
    numbersOf(inputOf(node, position))?.[0] ?? node.attribute.find((one) => one.name === name)?.f;
  return { least: given(1, 'min'), most: given(2, 'max') };
}

/** Rows of pictures are added to rows, and constants to all of them. */
const refusesPictures: Rule['refuses'] = (node, { isBatched, shapeOf }) =>
  node.input.some((value) => isBatched(value) && shapeOf(value).length !== shapeOf(resultOf(node)).length)
    ? 'it puts values of different numbers of axes together'
    : undefined;

export const add: Rule = {
  trains: [0, 1],
  refuses: refusesPictures,
  forward: (node, tape) => void tape.node('Add', node.input, {}, resultOf(node)),
  backward: (node, gradient, tape, wants) =>
    node.input.map((operand, i) => (wants(i) ? sumToOperand(tape, gradient, resultOf(node), operand) : undefined)),
};

export const multiply: Rule = {
  trains: [0, 1],
  refuses: refusesPictures,
  forward: (node, tape) => void tape.node('Mul', node.input, {}, resultOf(node)),
  backward: (node, gradient, tape, wants) =>
    node.input.map((operand, i) => {
      if (!wants(i)) return undefined;
      const other = inputOf(node, 1 - i);
      return sumToOperand(tape, tape.node('Mul', [gradient, other]), resultOf(node), operand);
    }),
};
