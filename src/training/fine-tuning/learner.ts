/** The end of a network with weights that change: what it says of boundary values, and how its weights have to change. */
import type { Values } from '../../inference/session.js';
import { openValues } from '../../inference/values-session.js';
import type { LinearHead } from '../head/linear-head.js';
import { buildLearningGraphs, gradientOf, HEAD, LEARNING, type Parameter } from './learning-graph.js';
import type { Network } from './network.js';
import type { Cut } from './stages.js';

export interface Learner {
  readonly parameters: readonly Parameter[];
  /** The weights, in the order of the parameters: whoever changes them changes what comes next. */
  readonly weights: readonly Float32Array[];
  /** Of the last `learn`, in the same order. */
  readonly gradients: readonly Float32Array[];
  /** Logits, n×classes, of the boundary values of n pictures. */
  readonly answer: (values: Float32Array, pictures: number) => Promise<Float32Array>;
  /** The same, and the gradients. `targets` is n×classes; `shares` says how much each picture counts. */
  readonly learn: (values: Float32Array, targets: Float32Array, shares: Float32Array) => Promise<Float32Array>;
  readonly release: () => Promise<void>;
}

/** @throws AppError MODEL_INVALID */
export async function openLearner(network: Network, cut: Cut, head: LinearHead): Promise<Learner> {
  const { parameters, answering, learning } = buildLearningGraphs(network, cut, head);
  const weights = parameters.map(({ name }) => Float32Array.from(startOf(name, network, head)));
  const gradients = weights.map(({ length }) => new Float32Array(length));
  const valuesOf = (data: readonly Float32Array[], call: (name: string) => string) =>
    parameters.map(({ name, shape }, i) => [call(name), { dims: shape, data: data[i] as Float32Array }] as const);
  const inputs = valuesOf(weights, (name) => name);
  const outputs = valuesOf(gradients, gradientOf);
  const boundaryShape = network.shapeOf(cut.boundary).slice(1);
  const boundary = (data: Float32Array, pictures: number): [string, Values] => [
    cut.boundary,
    { dims: [pictures, ...boundaryShape], data },
  ];
  const logitsOf = (pictures: number): Values => ({
    dims: [pictures, head.classes],
    data: new Float32Array(pictures * head.classes),
  });
  const loss = { dims: [1, 1], data: new Float32Array(1) };
  const answers = await openValues(answering, network.name);
  const lessons = await openValues(learning, network.name).catch(async (error) => {
    await answers.release();
    throw error;
  });

  return {
    parameters,
    weights,
    gradients,
    answer: async (values, pictures) => {
      const logits = logitsOf(pictures);
      await answers.run(new Map([...inputs, boundary(values, pictures)]), new Map([[LEARNING.logits, logits]]));
      return logits.data;
    },
    learn: async (values, targets, shares) => {
      const logits = logitsOf(shares.length);
      const given: [string, Values][] = [
        boundary(values, shares.length),
        [LEARNING.targets, { dims: logits.dims, data: targets }],
        [LEARNING.shares, { dims: [shares.length], data: shares }],
      ];
      const wanted: [string, Values][] = [
        [LEARNING.logits, logits],
        [LEARNING.loss, loss],
      ];
      await lessons.run(new Map([...inputs, ...given]), new Map([...outputs, ...wanted]));
      return logits.data;
    },
    release: async () => {
      await Promise.all([answers.release(), lessons.release()]);
    },
  };
}

function startOf(name: string, { constantOf }: Network, { weights, bias }: LinearHead): ArrayLike<number> {
  if (name === HEAD.weights) return weights;
  if (name === HEAD.bias) return bias;
  return constantOf(name)?.values ?? [];
}
