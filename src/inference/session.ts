/** One ONNX Runtime session: an input tensor in, logits out. */
import './telemetry.js';
import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '../errors.js';
import { sha256Of } from '../hashes.js';

export interface ModelFile {
  readonly path: string;
  readonly sha256: string;
  readonly input: string;
  readonly logits: string;
  /** The shape of one picture's input: channels, height, width. */
  readonly shape: readonly [3, number, number];
  /** How many logits the labels are for. */
  readonly classes: number;
}

/** Row-major values of the shape `dims`. */
export interface Values {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface ModelSession {
  /** Logits of one picture: an array that the next call overwrites. `tensor` has the model file's shape. */
  readonly logits: (tensor: Float32Array) => Promise<Float32Array>;
  /** The same, and further outputs of the same run by their names. @throws AppError MODEL_INVALID for one that is not there */
  readonly run: (tensor: Float32Array, outputs: readonly string[]) => Promise<ModelOutputs>;
  readonly release: () => Promise<void>;
}

export interface ModelOutputs {
  readonly logits: Float32Array;
  /** The outputs that were asked for beside the logits. */
  readonly outputs: ReadonlyMap<string, Values>;
}

/**
 * Loads a model from one reading of its file, so that what was verified is what runs.
 * @throws AppError MODEL_DAMAGED if the file's hash is another, MODEL_INVALID if the runtime refuses it.
 */
export async function openSession(file: ModelFile, threads: number): Promise<ModelSession> {
  const bytes = await readVerified(file);
  const session = await createSession(bytes, file.path, threads);
  requireOutputs(session, file);
  let last: { readonly source: Float32Array; readonly feeds: Record<string, Tensor> } | undefined;

  async function run(tensor: Float32Array, outputs: readonly string[]): Promise<ModelOutputs> {
    if (last?.source !== tensor) {
      last = { source: tensor, feeds: { [file.input]: new Tensor('float32', tensor, [1, ...file.shape]) } };
    }
    for (const name of outputs) requireOutput(session, file.path, name);
    const results = await session.run(last.feeds, [file.logits, ...outputs]);
    return {
      logits: (results[file.logits] as Tensor).data as Float32Array,
      outputs: new Map(outputs.map((name) => [name, floatsOf(name, results[name], file.path)])),
    };
  }

  return { logits: async (tensor) => (await run(tensor, [])).logits, run, release: () => session.release() };
}

/** @throws AppError MODEL_INVALID for values of another type; `path` is for the error alone */
export function floatsOf(name: string, tensor: Tensor | undefined, path: string): Values {
  if (tensor?.type === 'float32') return { dims: tensor.dims, data: tensor.data as Float32Array };
  throw new AppError('MODEL_INVALID', {
    path,
    reason: `its value "${name}" is ${tensor?.type ?? 'no tensor'}, not float32`,
  });
}

function requireOutput({ outputNames }: InferenceSession, path: string, name: string): void {
  if (outputNames.includes(name)) return;
  throw new AppError('MODEL_INVALID', { path, reason: `it has the outputs ${outputNames.join(', ')}, not "${name}"` });
}

function requireOutputs(session: InferenceSession, { path, input, logits, classes }: ModelFile): void {
  const invalid = (reason: string) => new AppError('MODEL_INVALID', { path, reason });
  const list = (names: readonly string[]) => names.join(', ');
  if (!session.inputNames.includes(input))
    throw invalid(`it has the inputs ${list(session.inputNames)}, not "${input}"`);
  requireOutput(session, path, logits);
  const output = session.outputMetadata.find(({ name }) => name === logits);
  if (output?.isTensor && output.type !== 'float32')
    throw invalid(`its output "${logits}" is ${output.type}, not float32`);
  const width = output?.isTensor ? output.shape.at(-1) : undefined;
  if (typeof width === 'number' && width !== classes)
    throw invalid(`it has ${width} classes, but labels for ${classes}`);
}

/** The bytes of a model's file. @throws AppError MODEL_DAMAGED if the file's hash is another, MODEL_INVALID if it cannot be read */
export async function readVerified({ path, sha256 }: Pick<ModelFile, 'path' | 'sha256'>): Promise<Buffer> {
  const bytes = await readModel(path);
  const found = sha256Of(bytes);
  if (found === sha256) return bytes;
  throw new AppError('MODEL_DAMAGED', { path, expected: sha256, found });
}

async function readModel(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new AppError('MODEL_INVALID', { path, reason: (error as Error).message }, { cause: error });
  }
}

/** ONNX may keep tensors in other files. A bundle's model is one file with one hash, so there is nowhere to find others. */
const NO_FOLDER = '/external-data-is-refused';

/** `path` is for the error alone. @throws AppError MODEL_INVALID */
export async function createSession(bytes: Uint8Array, path: string, threads: number): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      // One picture a run takes little memory, always the same: kept, it is faster and fragments nothing.
      enableCpuMemArena: true,
      enableMemPattern: true,
      logSeverityLevel: 3,
      extra: { session: { model_external_initializers_file_folder_path: NO_FOLDER } },
    });
  } catch (error) {
    throw new AppError('MODEL_INVALID', { path, reason: (error as Error).message }, { cause: error });
  }
}
