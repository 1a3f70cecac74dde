/** The tensors of a checkpoint, taken by name with the shape that an architecture expects. */
import { AppError } from '../../errors.js';
import type { Tensor } from '../checkpoints/tensor.js';

export interface Weights {
  /** @throws AppError WEIGHTS_MISMATCH, if the tensor is missing or has another shape */
  readonly take: (name: string, shape: readonly number[]) => Float32Array;
  readonly has: (name: string) => boolean;
  /** The size of a tensor's first dimension; undefined if there is no such tensor. */
  readonly outputs: (name: string) => number | undefined;
  /** Says whether a tensor has this shape. */
  readonly fits: (name: string, shape: readonly number[]) => boolean;
  /** @throws AppError WEIGHTS_MISMATCH, if there are tensors that were not taken: the network is another one */
  readonly requireAllTaken: () => void;
}

/** Statistics of training that no architecture needs. */
const COUNTER = /(^|\.)num_batches_tracked$/;
const BUFFER = /(^|\.)(running_mean|running_var|num_batches_tracked)$/;

const written = (shape: readonly number[]) => (shape.length === 0 ? 'a single value' : shape.join('×'));

export function createWeights(tensors: ReadonlyMap<string, Tensor>, path: string, architecture: string): Weights {
  const taken = new Set<string>();
  const mismatch = (name: string, expected: string, found: string) =>
    new AppError('WEIGHTS_MISMATCH', { path, architecture, tensor: name, expected, found });

  function take(name: string, shape: readonly number[]): Float32Array {
    const tensor = tensors.get(name);
    if (!tensor) throw mismatch(name, written(shape), 'no such tensor');
    if (!sameShape(tensor.shape, shape)) throw mismatch(name, written(shape), written(tensor.shape));
    taken.add(name);
    return tensor.float32();
  }

  function requireAllTaken(): void {
    const spare = [...tensors.keys()].find((name) => !taken.has(name) && !COUNTER.test(name));
    if (spare !== undefined) throw mismatch(spare, 'no such tensor', written(tensors.get(spare)?.shape ?? []));
  }

  return {
    take,
    has: (name) => tensors.has(name),
    outputs: (name) => tensors.get(name)?.shape[0],
    fits: (name, shape) => sameShape(tensors.get(name)?.shape ?? [], shape),
    requireAllTaken,
  };
}

const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((size, i) => size === b[i]);

/** How many values were learned; running statistics are not counted, as in PyTorch's `parameters()`. */
export function countParameters(tensors: ReadonlyMap<string, Tensor>): number {
  return [...tensors]
    .filter(([name]) => !BUFFER.test(name))
    .reduce((sum, [, { shape }]) => sum + shape.reduce((product, size) => product * size, 1), 0);
}
