/** A session of any graph, for those who want other values than logits: what a network has inside, or gives beside them. */
import './telemetry.js';
import { Tensor } from 'onnxruntime-node';
import { AppError } from '../errors.js';
import { createSession, floatsOf, type Values } from './session.js';

export interface GraphSession {
  /** The values of `outputs`, by their names, for one input. */
  readonly run: (input: Values, outputs: readonly string[]) => Promise<Map<string, Values>>;
  readonly release: () => Promise<void>;
}

/** `path` is for errors alone. The graph has one input, called `input`. @throws AppError MODEL_INVALID, also from a run */
export async function openGraph(
  bytes: Uint8Array,
  { path, input, threads }: { readonly path: string; readonly input: string; readonly threads: number },
): Promise<GraphSession> {
  const session = await createSession(bytes, path, threads);
  const invalid = (reason: string) => new AppError('MODEL_INVALID', { path, reason });

  async function run({ data, dims }: Values, outputs: readonly string[]): Promise<Map<string, Values>> {
    const results = await session.run({ [input]: new Tensor('float32', data, dims) }, [...outputs]).catch((error) => {
      throw invalid((error as Error).message.split('\n')[0] ?? '');
    });
    return new Map(outputs.map((name) => [name, floatsOf(name, results[name], path)]));
  }

  return { run, release: () => session.release() };
}
