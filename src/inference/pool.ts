/**
 * Inference workers and the pictures that wait for them.
 * A worker that throws, exits or exhausts its heap is replaced, and its picture is answered with WORKER_FAILED.
 */
import { Worker } from 'node:worker_threads';
import { AppError } from '../errors.js';
import type { DecodedImage } from '../image/input-spec.js';
import { copyNeededPart } from '../image/preprocess.js';
import { createPixelBuffers } from './pixel-buffers.js';
import {
  type InferenceResult,
  LOGITS_ALONE,
  type Wanted,
  type WorkerReply,
  type WorkerRequest,
  type WorkerSetup,
} from './protocol.js';
import { requireTelemetryOff } from './telemetry.js';

export interface PoolOptions extends WorkerSetup {
  readonly workers: number;
  /** The worker's script; another one serves to prove what happens when a worker breaks. */
  readonly script?: URL;
}

export interface Pool {
  /** Settles once one worker can run, or none can. */
  readonly ready: () => Promise<void>;
  /** Settles once every worker can run, or one cannot. */
  readonly allReady: () => Promise<unknown>;
  /**
   * Logits of one picture, whose pixels are copied before the call returns: sharp's memory cannot be transferred, and a
   * large picture that is held for long is not collected soon. An aborted signal rejects at once with its reason; a run
   * that has begun ends unheard. `wanted` is what else is to come with the logits.
   */
  readonly run: (image: DecodedImage, signal?: AbortSignal, wanted?: Wanted) => Promise<InferenceResult>;
  /** Logits of pixels as the network is given them (`height×width×3` bytes of RGB), which are copied as well. */
  readonly runCrop: (pixels: Uint8Array, signal?: AbortSignal) => Promise<InferenceResult>;
  /** Takes no more pictures, answers those that wait, and ends every worker between two runs. */
  readonly close: () => Promise<void>;
}

interface Task {
  readonly request: WorkerRequest;
  /** Of the pixels: it is transferred. */
  readonly memory: ArrayBuffer;
  readonly resolve: (result: InferenceResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Member {
  readonly worker: Worker;
  readonly exited: Promise<unknown>;
  readonly readiness: Readiness;
  state: 'starting' | 'idle' | 'busy' | 'closing';
  task: Task | undefined;
}

/** A worker that could not start is not tried again before. */
const RETRY_MS = 10_000;

const DEFAULT_SCRIPT = new URL('./worker.js', import.meta.url);

export function createPool(options: PoolOptions): Pool {
  requireTelemetryOff();
  const { workers, script = DEFAULT_SCRIPT, ...setup } = options;
  const members = new Set<Member>();
  const waiting: Task[] = [];
  const buffers = createPixelBuffers(workers * 2);
  const readiness = createReadiness();
  let closed = false;
  let retryAt = 0;

  function startMember(): void {
    const worker = new Worker(script, { workerData: setup satisfies WorkerSetup, execArgv: [] });
    const member: Member = {
      worker,
      exited: new Promise((resolve) => worker.once('exit', resolve)),
      readiness: createReadiness(),
      state: 'starting',
      task: undefined,
    };
    members.add(member);
    let reason = 'it exited';
    worker.on('message', (message: WorkerReply) => receive(member, message));
    worker.on('error', (error) => {
      reason = error.message;
    });
    worker.once('exit', () => {
      members.delete(member);
      lose(member, new AppError('WORKER_FAILED', { reason }));
    });
  }

  function receive(member: Member, message: WorkerReply): void {
    if (message.kind === 'failed') {
      fail(member, message);
      return;
    }
    if (message.kind === 'result') {
      buffers.giveBack(message.pixels);
      member.task?.resolve(message);
    } else {
      member.readiness.resolve();
      readiness.resolve();
    }
    rest(member);
  }

  /** A worker says what went wrong: with a picture, after which it goes on, or with its start, after which it cannot. */
  function fail(member: Member, { code, details }: Extract<WorkerReply, { kind: 'failed' }>): void {
    const error = new AppError(code, details);
    if (member.state !== 'starting') {
      member.task?.reject(error);
      rest(member);
      return;
    }
    member.state = 'closing';
    member.readiness.reject(error);
    void member.worker.terminate();
    refuse(error);
  }

  function rest(member: Member): void {
    member.task = undefined;
    member.state = 'idle';
    dispatch();
  }

  /** Accounts for a worker that has ended. One that never got ready would not do better at once. */
  function lose(member: Member, error: AppError): void {
    member.task?.reject(error);
    member.readiness.reject(error);
    if (member.state === 'closing') return;
    if (member.state === 'starting') refuse(error);
    else if (!closed || waiting.length > 0) startMember();
    dispatch();
  }

  /** Gives up what waits if no worker is left that could take it. */
  function refuse(error: AppError): void {
    retryAt = performance.now() + RETRY_MS;
    if (living().length > 0) return;
    readiness.reject(error);
    for (const task of waiting.splice(0)) task.reject(error);
  }

  const living = () => [...members].filter(({ state }) => state !== 'closing');

  /** A pool without a worker tries at once, one that lacks some tries now and then. */
  function startMissing(): void {
    const alive = living();
    const due = performance.now() >= retryAt && !alive.some(({ state }) => state === 'starting');
    if (alive.length === 0 || (alive.length < workers && due)) startMember();
  }

  function dispatch(): void {
    for (const member of members) {
      if (member.state !== 'idle') continue;
      const task = waiting.shift();
      if (task) hand(member, task);
      else if (closed) finish(member);
    }
  }

  function hand(member: Member, task: Task): void {
    member.state = 'busy';
    member.task = task;
    send(member, task.request, [task.memory]);
  }

  function finish(member: Member): void {
    member.state = 'closing';
    send(member, { kind: 'close' });
  }

  async function run(image: DecodedImage, signal?: AbortSignal, wanted = LOGITS_ALONE): Promise<InferenceResult> {
    getReady(signal);
    const part = copyNeededPart(image, setup.spec, buffers.take);
    return wait({ kind: 'classify', image: part, wanted }, part.data.buffer as ArrayBuffer, signal);
  }

  async function runCrop(pixels: Uint8Array, signal?: AbortSignal): Promise<InferenceResult> {
    getReady(signal);
    const copy = buffers.take(pixels.length);
    copy.set(pixels);
    return wait({ kind: 'crop', pixels: copy }, copy.buffer, signal);
  }

  function getReady(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (closed) throw new AppError('CLOSED', {});
    startMissing();
  }

  function wait(
    request: WorkerRequest,
    memory: ArrayBuffer,
    signal: AbortSignal | undefined,
  ): Promise<InferenceResult> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        const place = waiting.indexOf(task);
        if (place >= 0) waiting.splice(place, 1);
        reject(signal?.reason);
      };
      const settled = () => signal?.removeEventListener('abort', abort);
      const task: Task = {
        request,
        memory,
        resolve: (result) => {
          settled();
          resolve(result);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      waiting.push(task);
      dispatch();
    });
  }

  async function close(): Promise<void> {
    closed = true;
    dispatch();
    // A worker that breaks while pictures wait is replaced even now.
    while (members.size > 0) await Promise.all([...members].map(({ exited }) => exited));
  }

  for (let i = 0; i < workers; i++) startMember();
  return {
    ready: () => readiness.promise,
    allReady: () => Promise.all([...members].map((member) => member.readiness.promise)),
    run,
    runCrop,
    close,
  };
}

interface Readiness {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: AppError) => void;
}

/** A promise and its two ends; nobody need wait for it. */
function createReadiness(): Readiness {
  let resolve: () => void = () => undefined;
  let reject: (error: AppError) => void = () => undefined;
  const promise = new Promise<void>((accept, refuse) => {
    resolve = accept;
    reject = refuse;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

const send = (member: Member, request: WorkerRequest, handedOver: readonly ArrayBuffer[] = []) =>
  member.worker.postMessage(request, handedOver);
