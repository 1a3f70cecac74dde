/** The worker behind `decoder.ts`: decodes BMP or HEIC pictures, one message each. */
import { parentPort, workerData } from 'node:worker_threads';
import type { SoftwareFormat, SoftwareReply, SoftwareRequest } from './decoder.js';

type Decode = (request: SoftwareRequest) => Promise<SoftwareReply> | SoftwareReply;

const loaders: Record<SoftwareFormat, () => Promise<Decode>> = {
  BMP: async () => (await import('./bmp.js')).decodeBmp,
  HEIC: async () => (await import('./heic.js')).decodeHeic,
};

const decode = loaders[workerData as SoftwareFormat]();
parentPort?.on('message', async (request: SoftwareRequest) => {
  let reply: SoftwareReply;
  try {
    reply = await (await decode)(request);
  } catch (error) {
    reply = { failure: 'corrupt', reason: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(reply, 'image' in reply ? [reply.image.data.buffer as ArrayBuffer] : []);
});
