/** The operations that a network can be trained through. */
import { convolution } from './convolution.js';
import { add, clip, hardSigmoid, hardSwish, multiply, relu, sigmoid } from './elementwise.js';
import { gemm, matMul } from './linear.js';
import { batchNormalization } from './normalization.js';
import { averagePool, globalAveragePool, maxPool, reduceMean } from './pooling.js';
import type { Rule } from './rule.js';
import { concat, identity, reshape, transpose } from './shape.js';

/** By the names that ONNX gives them. */
export const rules: Readonly<Record<string, Rule>> = {
  Add: add,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Clip: clip,
  Concat: concat,
  Conv: convolution,
  Dropout: identity,
  Flatten: reshape,
  Gemm: gemm,
  GlobalAveragePool: globalAveragePool,
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  Identity: identity,
  MatMul: matMul,
  MaxPool: maxPool,
  Mul: multiply,
  ReduceMean: reduceMean,
  Relu: relu,
  Reshape: reshape,
  Sigmoid: sigmoid,
  Squeeze: reshape,
  Transpose: transpose,
  Unsqueeze: reshape,
};
