/**
 * An inference worker: resamples a picture and runs the model on it.
 * It ends by itself when asked to, between two runs: onnxruntime-node aborts the whole process if it is ended during one.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../errors.js';
import { createPreprocessor } from '../image/preprocess.js';
import {
  type InferenceResult,
  LOGITS_ALONE,
  type Wanted,
  type WorkerReply,
  type WorkerRequest,
  type WorkerSetup,
} from './protocol.js';
import { openSession } from './session.js';

if (!parentPort) throw new Error('inference/worker.js is a worker thread');
const port = parentPort;
const { file, spec, threads } = workerData as WorkerSetup;

const reply = (message: WorkerReply, handedBack: readonly ArrayBuffer[] = []) => port.postMessage(message, handedBack);
const reasonOf = (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown));

function fail(thrown: unknown): void {
  const error: AppError =
    thrown instanceof AppError ? thrown : new AppError('WORKER_FAILED', { reason: reasonOf(thrown) });
  reply({ kind: 'failed', code: error.code, details: error.details });
}

async function start() {
  const preprocessor = await createPreprocessor(spec);
  const session = await openSession(file, threads);

  async function infer(prepare: () => Float32Array, { outputs, crop }: Wanted): Promise<InferenceResult> {
    const begun = performance.now();
    const tensor = prepare();
    const prepared = performance.now();
    const result = await session.run(tensor, outputs);
    const inferenceMs = performance.now() - prepared;
    return {
      ...result,
      crop: crop ? preprocessor.pixels().slice() : undefined,
      preprocessMs: prepared - begun,
      inferenceMs,
    };
  }

  port.on('message', async (request: WorkerRequest) => {
    if (request.kind === 'close') {
      await session.release();
      port.close();
      return;
    }
    try {
      const [pixels, result] =
        request.kind === 'classify'
          ? [request.image.data, await infer(() => preprocessor.tensor(request.image), request.wanted)]
          : [request.pixels, await infer(() => preprocessor.tensorOfCrop(request.pixels), LOGITS_ALONE)];
      const memory = pixels.buffer as ArrayBuffer;
      reply({ kind: 'result', ...result, pixels: memory }, [memory]);
    } catch (error) {
      fail(error);
    }
  });
}

start().then(() => reply({ kind: 'ready' }), fail);
