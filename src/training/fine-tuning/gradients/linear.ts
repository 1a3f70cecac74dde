/** Products of matrices. */
import { float, integer } from '../../../onnx/graph-index.js';
import { inputOf, likeValue, type Rule, resultOf, sumToOperand } from './rule.js';

/** `alpha·A·B + beta·C`, where A has a row for each picture. */
export const gemm: Rule = {
  trains: [1, 2],
  refuses: (node, { isBatched }) =>
    integer(node, 'transA', 0) !== 0 || isBatched(inputOf(node, 1)) || isBatched(inputOf(node, 2))
      ? 'its second or third value depends on the picture, or its first is transposed'
      : undefined,
  forward: (node, tape) => {
    const attributes = { alpha: { float: float(node, 'alpha', 1) }, beta: { float: float(node, 'beta', 1) } };
    tape.node('Gemm', node.input, { ...attributes, transB: integer(node, 'transB', 0) }, resultOf(node));
  },
  backward: (node, gradient, tape, wants) => {
    const [rows, matrix, added] = [inputOf(node, 0), inputOf(node, 1), inputOf(node, 2)];
    const transB = integer(node, 'transB', 0);
    const alpha = { float: float(node, 'alpha', 1) };
    const beta = float(node, 'beta', 1);
    const byMatrix = () =>
      transB === 1
        ? tape.node('Gemm', [gradient, rows], { alpha, transA: 1 })
        : tape.node('Gemm', [rows, gradient], { alpha, transA: 1 });
    const byAdded = () => {
      const sum = sumToOperand(tape, gradient, resultOf(node), added);
      return beta === 1 ? sum : tape.node('Mul', [sum, tape.floats([1], Float32Array.of(beta))]);
    };
    return [
      wants(0) ? tape.node('Gemm', [gradient, matrix], { alpha, transB: 1 - transB }) : undefined,
      wants(1) ? byMatrix() : undefined,
      wants(2) ? byAdded() : undefined,
    ];
  },
};

/** Rows of any number of axes, and one matrix for all of them. */
export const matMul: Rule = {
  trains: [1],
  refuses: (node, { isBatched, shapeOf }) =>
    isBatched(inputOf(node, 1)) || shapeOf(inputOf(node, 1)).length !== 2
      ? 'it multiplies two values that depend on the picture, or more than one matrix'
      : undefined,
  forward: (node, tape) => void tape.node('MatMul', node.input, {}, resultOf(node)),
  backward: (node, gradient, tape, wants) => {
    const [rows, matrix] = [inputOf(node, 0), inputOf(node, 1)];
    const [from = 0, to = 0] = tape.shapeOf(matrix);
    const flat = (value: string, width: number) => tape.node('Reshape', [value, tape.integers([-1, width])]);
    const gradients = flat(gradient, to);
    return [
      wants(0) ? likeValue(tape, tape.node('Gemm', [gradients, matrix], { transB: 1 }), rows) : undefined,
      wants(1) ? tape.node('Gemm', [flat(rows, from), gradients], { transA: 1 }) : undefined,
    ];
  },
};
