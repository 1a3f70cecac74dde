/** A network without its last layer: pictures in, vectors out. */
import { openGraph } from '../../inference/graph-session.js';
import { usableCores } from '../../inference/machine.js';
import { readVerified } from '../../inference/session.js';
import { type Bundle, modelFile } from '../../models/bundle.js';
import { parseModel, serializeModel, withOutputs } from '../../onnx/model-file.js';
import { embeddingOf } from '../bundle/embedding.js';

export interface EmbeddingNetwork {
  /** Numbers in a vector. */
  readonly dimensions: number;
  /** What the vectors depend on: the file and the name of its value. */
  readonly identity: string;
  /** `tensors` is `n×3×height×width`; `n × dimensions` come out. At most `batch` at once. */
  readonly run: (tensors: Float32Array) => Promise<Float32Array>;
  readonly batch: number;
  readonly release: () => Promise<void>;
}

/** More at once are hardly faster, and take memory. */
const BATCH = 4;

/** FP32 alone: what INT8 rounds is not to be learned from. @throws AppError PRECISION_UNAVAILABLE, MODEL_DAMAGED, MODEL_INVALID */
export async function openEmbeddingNetwork(bundle: Bundle): Promise<EmbeddingNetwork> {
  const file = modelFile(bundle, 'fp32');
  const model = parseModel(await readVerified(file), file.path);
  const { name, batch } = embeddingOf(model, bundle.manifest.output, file.path);
  const bytes = serializeModel(withOutputs(model, [name]));
  const session = await openGraph(bytes, { path: file.path, input: file.input, threads: usableCores() });
  const size = file.shape.reduce((product, side) => product * side, 1);

  async function run(tensors: Float32Array): Promise<Float32Array> {
    const values = await session.run({ dims: [tensors.length / size, ...file.shape], data: tensors }, [name]);
    return values.get(name)?.data ?? new Float32Array();
  }

  try {
    const { length: dimensions } = await run(new Float32Array(size));
    return {
      dimensions,
      identity: `${file.sha256} ${name}`,
      run,
      batch: Math.min(batch ?? BATCH, BATCH),
      release: session.release,
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}
