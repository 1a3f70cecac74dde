/** The real inference worker, which breaks in a real way when it is handed a picture one pixel wide; its height says how. */
import { parentPort } from 'node:worker_threads';
import type { WorkerRequest } from '#kaiyan/inference/protocol.js';
import { ways } from './ways-to-break.js';

parentPort?.on('message', (request: WorkerRequest) => {
  if (request.kind !== 'classify' || request.image.width !== 1) return;
  ways[request.image.height]?.();
});

await import('#kaiyan/inference/worker.js');
