/** The mean cross-entropy of a linear layer and its gradient, calculated by ONNX Runtime a chunk of the vectors at a time. */
import { AppError } from '../../errors.js';
import { usableCores } from '../../inference/machine.js';
import type { Values } from '../../inference/session.js';
import { openValues } from '../../inference/values-session.js';
import { createGraphBuilder } from '../../onnx/graph-builder.js';
import { serializeModel } from '../../onnx/model-file.js';
import type { LinearHead } from './linear-head.js';

/** Vectors, what they show, and how much each one counts. */
export interface WeightedSamples {
  /** `n × dimensions`. */
  readonly vectors: Float32Array;
  /** The class of each, as the graph takes it: a whole number in float32. */
  readonly labels: Float32Array;
  readonly weights: Float32Array;
}

export interface Gradient {
  /** `classes × dimensions`. */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

export interface SoftmaxLoss {
  /** Mean loss in nats, by the weights of the samples; its derivatives are written into `gradient`. */
  readonly lossAndGradient: (head: LinearHead, samples: WeightedSamples, gradient: Gradient) => Promise<number>;
  /** `n × classes`. */
  readonly logits: (head: LinearHead, vectors: Float32Array) => Promise<Float32Array>;
  readonly release: () => Promise<void>;
}

/** Numbers in the inner values of a chunk: with 5,000 classes some 800 vectors. */
const CHUNK_NUMBERS = 1 << 22;
const NAME = 'the loss of a linear layer';

/** Multiplications below which threads cost more than they save, the more so on a machine that has other work. */
const WORTH_THREADS = 1e7;

/** `count` is how many vectors it is used with at once, if they are few. @throws AppError ABORTED, also from its functions */
export async function createSoftmaxLoss(
  classes: number,
  dimensions: number,
  signal: AbortSignal,
  count = Number.POSITIVE_INFINITY,
): Promise<SoftmaxLoss> {
  const threads = count * classes * dimensions < WORTH_THREADS ? 1 : usableCores();
  const most = Math.max(16, Math.floor(CHUNK_NUMBERS / Math.max(classes, dimensions)));
  const [forward, both] = await Promise.all([
    openValues(serializeModel(logitsGraph(classes, dimensions)), NAME, threads),
    openValues(serializeModel(lossGraph(classes, dimensions)), NAME, threads),
  ]);
  const part = { weights: new Float32Array(classes * dimensions), bias: new Float32Array(classes) };

  const inputs = ({ weights, bias }: LinearHead, vectors: Float32Array, from: number, to: number) =>
    new Map<string, Values>([
      ['weights', { dims: [classes, dimensions], data: weights }],
      ['bias', { dims: [classes], data: bias }],
      ['vectors', { dims: [to - from, dimensions], data: vectors.subarray(from * dimensions, to * dimensions) }],
    ]);

  function* chunksOf(count: number): Generator<readonly [number, number]> {
    for (let from = 0; from < count; from += most) {
      if (signal.aborted) throw new AppError('ABORTED', {});
      yield [from, Math.min(count, from + most)];
    }
  }

  const lossAndGradient: SoftmaxLoss['lossAndGradient'] = async (head, { vectors, labels, weights }, gradient) => {
    gradient.weights.fill(0);
    gradient.bias.fill(0);
    const losses = new Float32Array(Math.min(labels.length, most));
    let [sum, total] = [0, 0];
    for (const [from, to] of chunksOf(labels.length)) {
      const dims = [to - from];
      const own = losses.subarray(0, to - from);
      const counts = weights.subarray(from, to);
      await both.run(
        new Map<string, Values>([
          ...inputs(head, vectors, from, to),
          ['labels', { dims, data: labels.subarray(from, to) }],
          ['counts', { dims, data: counts }],
        ]),
        new Map<string, Values>([
          ['losses', { dims, data: own }],
          ['weights gradient', { dims: [classes, dimensions], data: part.weights }],
          ['bias gradient', { dims: [classes], data: part.bias }],
        ]),
      );
      for (let i = 0; i < own.length; i++) {
        sum += own[i] as number;
        total += counts[i] as number;
      }
      add(gradient.weights, part.weights);
      add(gradient.bias, part.bias);
    }
    for (const values of [gradient.weights, gradient.bias])
      for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) / total;
    return sum / total;
  };

  async function logits(head: LinearHead, vectors: Float32Array): Promise<Float32Array> {
    const count = vectors.length / dimensions;
    const all = new Float32Array(count * classes);
    for (const [from, to] of chunksOf(count)) {
      const own = { dims: [to - from, classes], data: all.subarray(from * classes, to * classes) };
      await forward.run(inputs(head, vectors, from, to), new Map([['logits', own]]));
    }
    return all;
  }

  return {
    lossAndGradient,
    logits,
    release: async () => void (await Promise.all([forward.release(), both.release()])),
  };
}

function logitsGraph(classes: number, dimensions: number) {
  const graph = createGraphBuilder('logits');
  addLogits(graph, classes, dimensions);
  graph.output('logits', ['n', classes]);
  return graph.build();
}

function addLogits(graph: ReturnType<typeof createGraphBuilder>, classes: number, dimensions: number): void {
  graph.input('vectors', ['n', dimensions]);
  graph.input('weights', [classes, dimensions]);
  graph.input('bias', [classes]);
  graph.node('Gemm', 'logits', ['vectors', 'weights', 'bias'], { transB: 1 });
}

/** The derivative by a logit is its probability, less 1 for the right class. */
function lossGraph(classes: number, dimensions: number) {
  const graph = createGraphBuilder('loss');
  addLogits(graph, classes, dimensions);
  graph.input('labels', ['n']);
  graph.input('counts', ['n']);
  graph.constant('last axis', [1], new BigInt64Array([1n]));
  graph.constant('first axis', [1], new BigInt64Array([0n]));
  graph.constant('depth', [1], new BigInt64Array([BigInt(classes)]));
  graph.constant('off and on', [2], new Float32Array([0, 1]));
  graph.node('LogSoftmax', 'log probabilities', ['logits'], { axis: 1 });
  graph.node('Cast', 'classes', ['labels'], { to: INT64 });
  graph.node('Unsqueeze', 'column of counts', ['counts', 'last axis']);
  graph.node('Unsqueeze', 'column of classes', ['classes', 'last axis']);
  graph.node('GatherElements', 'column of right ones', ['log probabilities', 'column of classes'], { axis: 1 });
  graph.node('Mul', 'column of gains', ['column of right ones', 'column of counts']);
  graph.node('Squeeze', 'gains', ['column of gains', 'last axis']);
  graph.node('Neg', 'losses', ['gains']);
  graph.node('Exp', 'probabilities', ['log probabilities']);
  graph.node('OneHot', 'truths', ['classes', 'depth', 'off and on'], { axis: -1 });
  graph.node('Sub', 'errors', ['probabilities', 'truths']);
  graph.node('Mul', 'logits gradient', ['errors', 'column of counts']);
  graph.node('Gemm', 'weights gradient', ['logits gradient', 'vectors'], { transA: 1 });
  graph.node('ReduceSum', 'bias gradient', ['logits gradient', 'first axis'], { keepdims: 0 });
  graph.output('losses', ['n']);
  graph.output('weights gradient', [classes, dimensions]);
  graph.output('bias gradient', [classes]);
  return graph.build();
}

/** ONNX's number for that type. */
const INT64 = 7;

function add(to: Float64Array, what: Float32Array): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] as number) + (what[i] as number);
}

/** Of `n × dimensions` vectors: `n × classes`. @throws AppError ABORTED */
export async function logitsOf(head: LinearHead, vectors: Float32Array, signal: AbortSignal): Promise<Float32Array> {
  const { classes, dimensions } = head;
  const loss = await createSoftmaxLoss(classes, dimensions, signal, vectors.length / dimensions);
  return loss.logits(head, vectors).finally(loss.release);
}
