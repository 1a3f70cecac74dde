/** A session of any graph of numbers: several values in, several out, on all cores. */
import './telemetry.js';
import { Tensor } from 'onnxruntime-node';
import { AppError } from '../errors.js';
import { usableCores } from './machine.js';
import { createSession, type Values } from './session.js';

export interface ValuesSession {
  /**
   * Calculates the values of `outputs` into their own memory, from those of `inputs`, both by their names.
   * The event loop waits meanwhile.
   */
  readonly run: (inputs: ReadonlyMap<string, Values>, outputs: ReadonlyMap<string, Values>) => Promise<void>;
  readonly release: () => Promise<void>;
}

/** `path` is for errors alone. @throws AppError MODEL_INVALID, also from a run */
export async function openValues(bytes: Uint8Array, path: string, threads = usableCores()): Promise<ValuesSession> {
  const session = await createSession(bytes, path, threads);
  const tensors = (values: ReadonlyMap<string, Values>) =>
    Object.fromEntries([...values].map(([name, { data, dims }]) => [name, new Tensor('float32', data, dims)]));
  return {
    run: async (inputs, outputs) => {
      await session.run(tensors(inputs), tensors(outputs)).catch((error) => {
        throw refused(path, error);
      });
    },
    release: () => session.release(),
  };
}

/** The shape of every output of a graph for one input, and whether its elements are float32. */
export async function outputShapes(
  bytes: Uint8Array,
  path: string,
  input: { readonly name: string; readonly values: Values },
): Promise<ReadonlyMap<string, readonly number[]>> {
  const session = await createSession(bytes, path, usableCores());
  try {
    const { data, dims } = input.values;
    const results = await session.run({ [input.name]: new Tensor('float32', data, dims) });
    return new Map(Object.entries(results).map(([name, tensor]) => [name, tensor.dims]));
  } catch (error) {
    throw refused(path, error as Error);
  } finally {
    await session.release();
  }
}

const refused = (path: string, { message }: Error): AppError =>
  new AppError('MODEL_INVALID', { path, reason: message.split('\n')[0] ?? '' });
