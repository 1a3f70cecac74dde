/** A session of any graph, for those who want other values than logits: what a network has inside, or gives beside them. */
import { Tensor } from 'onnxruntime-node';
import { createSession } from './session.js';

/** Row-major values of the shape `dims`. */
interface Values {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface GraphSession {
  /** The values of `outputs`, by their names, for one input. */
  readonly run: (input: Values, outputs: readonly string[]) => Promise<Map<string, Values>>;
  readonly release: () => Promise<void>;
}

/** `path` is for the error alone. The graph has one input, called `input`. @throws AppError MODEL_INVALID */
export async function openGraph(
  bytes: Uint8Array,
  { path, input, threads }: { readonly path: string; readonly input: string; readonly threads: number },
): Promise<GraphSession> {
  const session = await createSession(bytes, path, threads);

  async function run({ data, dims }: Values, outputs: readonly string[]): Promise<Map<string, Values>> {
    const results = await session.run({ [input]: new Tensor('float32', data, dims) }, [...outputs]);
    return new Map(
      outputs.map((name) => {
        const tensor = results[name] as Tensor;
        return [name, { dims: tensor.dims, data: tensor.data as Float32Array }];
      }),
    );
  }

  return { run, release: () => session.release() };
}
