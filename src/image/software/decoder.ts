/**
 * Decoders that run as JavaScript or WebAssembly in a worker of their own, one picture at a time.
 * They can take seconds, so they hold nothing that other pictures need, and are ended when their time is up.
 */
import { Worker } from 'node:worker_threads';
import { AppError } from '../../errors.js';
import { createSemaphore } from '../../semaphore.js';
import type { DecodedImage } from '../input-spec.js';
import { tooManyPixels } from '../limits.js';
import { type Timed, timed } from '../timed.js';

export type SoftwareFormat = 'BMP' | 'HEIC';

export interface SoftwareRequest {
  readonly bytes: Uint8Array;
  readonly maxPixels: number;
}

/** What the worker answers: a picture, or why there is none. */
export type SoftwareReply =
  | { readonly image: DecodedImage }
  | { readonly failure: 'corrupt'; readonly reason: string }
  | { readonly failure: 'too-large'; readonly width: number; readonly height: number }
  | { readonly failure: 'unavailable' };

export interface SoftwareDecoder {
  /** An aborted signal rejects at once with its reason; a decoder that is at work on the picture is ended. */
  readonly decode: (bytes: Uint8Array, signal?: AbortSignal) => Promise<Timed<DecodedImage>>;
  /** Ends the decoder, and waits until its thread is gone; what is in hand or waits is rejected with CLOSED. */
  readonly close: () => Promise<void>;
}

export interface SoftwareDecoderOptions {
  readonly maxPixels: number;
  readonly timeoutSeconds: number;
}

/** The worker starts with the first picture; once it is idle for a while, late or broken, the next picture gets a new one. */
export function createSoftwareDecoder(format: SoftwareFormat, options: SoftwareDecoderOptions): SoftwareDecoder {
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let ending: Promise<unknown> = Promise.resolve();
  let closed = false;
  const turn = createSemaphore(1);

  async function decode(bytes: Uint8Array, signal?: AbortSignal): Promise<Timed<DecodedImage>> {
    const leave = await turn.acquire(1, signal);
    try {
      return await timed(decodeNow(bytes, signal));
    } finally {
      leave();
    }
  }

  function start(): Worker {
    const started = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: format,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 512 },
      stdout: true,
    });
    // libheif logs its complaints there, and standard output is for answers.
    started.stdout.resume();
    const drop = () => {
      if (worker === started) end();
    };
    started.on('error', drop).once('exit', drop);
    return started;
  }

  async function decodeNow(bytes: Uint8Array, signal?: AbortSignal): Promise<DecodedImage> {
    // Both may have happened since its turn came.
    if (closed) throw new AppError('CLOSED', {});
    signal?.throwIfAborted();
    worker ??= start();
    const reply = await ask(worker, { bytes, maxPixels: options.maxPixels }, signal);
    if ('failure' in reply) throw failure(reply);
    return reply.image;
  }

  function ask(current: Worker, request: SoftwareRequest, signal?: AbortSignal): Promise<SoftwareReply> {
    return new Promise((resolve, reject) => {
      // First, since it throws if the caller has given the bytes away meanwhile.
      current.postMessage(request);
      current.ref();
      clearTimeout(idle);
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
        current.off('message', answered).off('error', failed).off('exit', exited);
      };
      const answered = (reply: SoftwareReply) => {
        settle();
        idle = setTimeout(end, IDLE_MS).unref();
        current.unref();
        resolve(reply);
      };
      const replace = (error: unknown) => {
        settle();
        end();
        reject(error);
      };
      const corrupt = (reason: string) => new AppError('IMAGE_CORRUPT', { format, reason });
      const failed = (error: Error) => replace(corrupt(error.message));
      const exited = () => replace(closed ? new AppError('CLOSED', {}) : corrupt('its decoder ended'));
      const late = () => replace(new AppError('IMAGE_TIMEOUT', { seconds: options.timeoutSeconds }));
      const aborted = () => replace(signal?.reason);
      signal?.addEventListener('abort', aborted, { once: true });
      const timer = setTimeout(late, options.timeoutSeconds * 1000);
      current.on('message', answered).on('error', failed).on('exit', exited);
    });
  }

  function failure(reply: Extract<SoftwareReply, { failure: string }>): AppError {
    if (reply.failure === 'unavailable') return new AppError('HEIC_UNAVAILABLE', {});
    if (reply.failure === 'corrupt') return new AppError('IMAGE_CORRUPT', { format, reason: reply.reason });
    return tooManyPixels(reply.width, reply.height, options.maxPixels);
  }

  function end(): void {
    clearTimeout(idle);
    ending = Promise.all([ending, worker?.terminate()]);
    worker = undefined;
  }

  async function close(): Promise<void> {
    closed = true;
    end();
    await ending;
  }

  return { decode, close };
}

/** A worker that has waited this long is ended, since its WebAssembly memory never shrinks. */
const IDLE_MS = 10_000;
