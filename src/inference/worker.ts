/**
 * An inference worker: resamples a picture and runs the model on it.
 * It ends by itself when asked to, between two runs: onnxruntime-node aborts the whole process if it is ended during one.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../errors.js';
import { createPreprocessor } from '../image/preprocess.js';
import type { InferenceResult, WorkerReply, WorkerRequest, WorkerSetup } from './protocol.js';
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

  async function classify(image: Extract<WorkerRequest, { kind: 'classify' }>['image']): Promise<InferenceResult> {
    const begun = performance.now();
    const tensor = preprocessor.tensor(image);
    const prepared = performance.now();
    const logits = await session.logits(tensor);
    return { logits, preprocessMs: prepared - begun, inferenceMs: performance.now() - prepared };
  }

  port.on('message', async (request: WorkerRequest) => {
    if (request.kind === 'close') {
      await session.release();
      port.close();
      return;
    }
    try {
      const result = await classify(request.image);
      const pixels = request.image.data.buffer as ArrayBuffer;
      reply({ kind: 'result', ...result, pixels }, [pixels]);
    } catch (error) {
      fail(error);
    }
  });
}

start().then(() => reply({ kind: 'ready' }), fail);
