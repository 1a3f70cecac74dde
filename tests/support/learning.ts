/** Small networks to train, and their gradients by finite differences. */

import type { Values } from '#kaiyan/inference/session.js';
import { openValues } from '#kaiyan/inference/values-session.js';
import type { GraphBuilder } from '#kaiyan/onnx/graph-builder.js';
import { createGraphBuilder } from '#kaiyan/onnx/graph-builder.js';
import { createRandom } from '#kaiyan/random.js';
import { buildLearningGraphs, gradientOf, LEARNING } from '#kaiyan/training/fine-tuning/learning-graph.js';
import { readNetwork } from '#kaiyan/training/fine-tuning/network.js';

/** Numbers from a bell curve of this width. */
export function normal(count: number, width: number, ...seed: (string | number)[]): Float32Array {
  const { next } = createRandom(...seed);
  return Float32Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    return width * radius * Math.cos(2 * Math.PI * next());
  });
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, one) => product * one, 1);

const CLASSES = 3;
export const PICTURES = 4;

/**
 * Pictures in which every number of a map is another one: 0.05 from any tenth, and 0.1 from the next. So small steps do not
 * come over an edge of a function, and do not change which of them is the largest.
 */
export function apart([channels, height, width]: readonly [number, number, number]): Float32Array {
  const { shuffled } = createRandom('apart');
  const all = Array.from(
    { length: height * width },
    (_, i) => (i - (height * width) / 2) / 10 + ((height * width) % 2 === 0 ? 0.05 : 0),
  );
  return Float32Array.from(Array.from({ length: PICTURES * channels }, () => shuffled(all)).flat());
}

export interface SmallNetwork {
  /** Writes the network behind its input `input` of this shape; its value is to be called `embedding`. */
  readonly build: (graph: GraphBuilder) => void;
  readonly shape: readonly [3, number, number];
  readonly dimensions: number;
  /** N×shape, instead of random numbers. */
  readonly pictures?: Float32Array;
}

export interface GradientError {
  readonly parameter: string;
  /** The length of the difference of both gradients, over the numbers looked at, against that of the gradient. */
  readonly error: number;
}

/** How far the gradients of a network's learning graph are from finite differences. */
export async function gradientErrors({ build, shape, dimensions, pictures }: SmallNetwork): Promise<GradientError[]> {
  const graph = createGraphBuilder('small');
  graph.input('input', ['batch', ...shape]);
  build(graph);
  graph.output('embedding', ['batch', dimensions]);
  const network = await readNetwork(graph.build(), { name: 'small', input: 'input', shape, embedding: 'embedding' });
  const cut = { boundary: 'input', nodes: network.nodes };
  const graphs = buildLearningGraphs(network, cut, { classes: CLASSES, dimensions });

  const values = new Map<string, Values>(
    graphs.parameters.map(({ name, shape: dims }) => {
      const given = network.constantOf(name)?.values;
      const data = given ? Float32Array.from(given) : normal(sizeOf(dims), 1, name);
      return [name, { dims, data }];
    }),
  );
  values.set('input', {
    dims: [PICTURES, ...shape],
    data: pictures ?? normal(PICTURES * sizeOf(shape), 1, 'pictures'),
  });
  const targets = Float32Array.from({ length: PICTURES * CLASSES }, (_, i) => ([0, 4, 8, 9].includes(i) ? 0.9 : 0.05));
  const shares = Float32Array.of(0.5, 0.2, 0.2, 0.1);

  const answering = await openValues(graphs.answering, 'small');
  const logits = { dims: [PICTURES, CLASSES], data: new Float32Array(PICTURES * CLASSES) };
  async function loss(): Promise<number> {
    await answering.run(values, new Map([[LEARNING.logits, logits]]));
    return crossEntropy(logits.data, targets, shares);
  }

  const learning = await openValues(graphs.learning, 'small');
  const gradients = new Map(
    graphs.parameters.map(({ name, shape: dims }) => [name, { dims, data: new Float32Array(sizeOf(dims)) }]),
  );
  const found = { dims: [1, 1], data: new Float32Array(1) };
  await learning.run(
    new Map([
      ...values,
      [LEARNING.targets, { dims: [PICTURES, CLASSES], data: targets }],
      [LEARNING.shares, { dims: [PICTURES], data: shares }],
    ]),
    new Map<string, Values>([
      [LEARNING.loss, found],
      ...[...gradients].map(([name, one]) => [gradientOf(name), one] as const),
    ]),
  );
  const errors = [{ parameter: 'loss', error: Math.abs((found.data[0] as number) / (await loss()) - 1) }];
  for (const { name } of graphs.parameters) {
    const { data } = values.get(name) as Values;
    const gradient = (gradients.get(name) as Values).data;
    const places = createRandom('places', name).shuffled(data.keys()).slice(0, 24);
    let [difference, length] = [0, 0];
    for (const place of places) {
      const numeric = await slope(data, place, loss);
      difference += (numeric - (gradient[place] as number)) ** 2;
      length += numeric ** 2;
    }
    errors.push({ parameter: name, error: Math.sqrt(difference / length) });
  }
  await answering.release();
  await learning.release();
  return errors;
}

/** By the value at four places, so that the error falls with the fourth power of their distance. */
async function slope(data: Float32Array, place: number, loss: () => Promise<number>): Promise<number> {
  const here = data[place] as number;
  const at = async (distance: number) => {
    data[place] = here + distance;
    const moved = (data[place] as number) - here;
    return { moved, loss: await loss() };
  };
  const step = 0.005;
  const [near, back] = [await at(step), await at(-step)];
  const [far, farBack] = [await at(2 * step), await at(-2 * step)];
  data[place] = here;
  const narrow = (near.loss - back.loss) / (near.moved - back.moved);
  const wide = (far.loss - farBack.loss) / (far.moved - farBack.moved);
  return (4 * narrow - wide) / 3;
}

export function crossEntropy(logits: Float32Array, targets: Float32Array, shares: Float32Array): number {
  const classes = logits.length / shares.length;
  let sum = 0;
  for (const [row, share] of shares.entries()) {
    const own = [...logits.subarray(row * classes, (row + 1) * classes)];
    const most = Math.max(...own);
    const total = Math.log(own.reduce((all, one) => all + Math.exp(one - most), 0)) + most;
    for (const [i, logit] of own.entries()) sum += share * (targets[row * classes + i] as number) * (total - logit);
  }
  return sum;
}
