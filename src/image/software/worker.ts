/**
 * The worker behind `decoder.ts`: decodes BMP or HEIC pictures, one message each.
 * Nothing is caught: what a decoder throws is no answer, but ends the worker, so that no other picture meets what is broken.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { SoftwareFormat, SoftwareReply, SoftwareRequest } from './decoder.js';

type Decode = (request: SoftwareRequest) => Promise<SoftwareReply> | SoftwareReply;

const loaders: Record<SoftwareFormat, () => Promise<Decode>> = {
  BMP: async () => (await import('./bmp.js')).decodeBmp,
  HEIC: async () => (await import('./heic.js')).decodeHeic,
};

const decode = loaders[workerData as SoftwareFormat]();
parentPort?.on('message', async (request: SoftwareRequest) => {
  const reply = await (await decode)(request);
  parentPort?.postMessage(reply, 'image' in reply ? [reply.image.data.buffer as ArrayBuffer] : []);
});
