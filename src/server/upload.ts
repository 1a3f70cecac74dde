/** The pictures of a request, their bytes counted as they arrive. */
import type { BusboyFileStream } from '@fastify/busboy';
import type { FastifyRequest } from 'fastify';
import type { Place } from '../classification/admission.js';
import { AppError } from '../errors.js';
import { tooManyBytes } from '../image/limits.js';
import { formParser, tooManyParts, unreadableForm } from './form-parser.js';
import type { UploadBuffers } from './upload-buffers.js';

/** What a form may have beside its pictures: other fields, and the headers and boundaries of all parts. */
const BESIDE_PICTURES = 65_536;

export interface UploadLimits {
  /** Pictures in one request. */
  readonly pictures: number;
  /** Bytes of one picture. */
  readonly pictureBytes: number;
  /** Bytes of all files together. */
  readonly requestBytes: number;
}

/** Takes the bytes of one file; it may throw, which ends the reading of the request. */
export interface Sink {
  readonly take: (chunk: Buffer) => void;
  readonly end: () => void;
}

/** The bytes that a request says it has; 0 if it does not say. */
export const announcedBytes = ({ headers }: FastifyRequest): number => Number(headers['content-length'] ?? 0);

/** Refuses what is announced to be too large. @throws AppError IMAGE_TOO_LARGE, REQUEST_TOO_LARGE */
export function requireLengthWithin(request: FastifyRequest, limits: UploadLimits): void {
  const bytes = announcedBytes(request);
  if (limits.pictures === 1 && bytes > limits.pictureBytes + BESIDE_PICTURES)
    throw tooManyBytes(bytes, limits.pictureBytes);
  if (bytes > limits.requestBytes + BESIDE_PICTURES) throw requestTooLarge(`${bytes} bytes`, limits);
}

function requestTooLarge(actual: string, { requestBytes }: UploadLimits): AppError {
  const remedy = 'Send fewer pictures at once, or raise the setting maxRequestBytes';
  return new AppError('REQUEST_TOO_LARGE', { actual, limit: `${requestBytes} bytes`, remedy });
}

/** Without `multipart/form-data` there are no fields. */
export const isForm = ({ headers }: FastifyRequest): boolean =>
  /^multipart\/form-data\b/i.test(headers['content-type'] ?? '');

/** The type of a body without its parameters; undefined if none is given. */
export const mediaType = ({ headers }: FastifyRequest): string | undefined =>
  headers['content-type']?.split(';')[0]?.trim().toLowerCase();

/** Bytes without a type may be a picture too. */
export function isBarePicture(request: FastifyRequest): boolean {
  const type = mediaType(request);
  return type === undefined || type.startsWith('image/') || type === 'application/octet-stream';
}

/** It has neither a body nor a type of one. */
export const isWithoutBody = ({ headers }: FastifyRequest): boolean =>
  headers['content-type'] === undefined &&
  (headers['content-length'] === '0' || !('content-length' in headers || 'transfer-encoding' in headers));

/** A picture's bytes as they come, within its limit and that of the queue. */
export interface Gathered {
  /** @throws AppError IMAGE_TOO_LARGE, QUEUE_FULL */
  readonly take: (chunk: Buffer) => void;
  readonly bytes: () => Buffer;
  /** The picture was answered: nothing reads its bytes any more. */
  readonly release: () => void;
}

/** So many times what has come is made room for, but not for more than is announced: it may never come. */
const AHEAD = 4;

export function gather(
  place: Place,
  { pictureBytes }: UploadLimits,
  announced: number,
  buffers: UploadBuffers,
): Gathered {
  let room: Buffer | undefined;
  let received = 0;

  function makeRoom(bytes: number): Buffer {
    if (room && room.length >= bytes) return room;
    const larger = buffers.take(Math.max(bytes, Math.min(announced, bytes * AHEAD)));
    if (room) {
      room.copy(larger, 0, 0, received);
      buffers.giveBack(room);
    }
    room = larger;
    return larger;
  }

  return {
    take: (chunk) => {
      const bytes = received + chunk.length;
      if (bytes > pictureBytes) throw tooManyBytes(bytes, pictureBytes);
      place.grow(bytes);
      chunk.copy(makeRoom(bytes), received);
      received = bytes;
    },
    bytes: () => room?.subarray(0, received) ?? Buffer.alloc(0),
    release: () => {
      if (room) buffers.giveBack(room);
      room = undefined;
    },
  };
}

/** A body that is one picture. @throws AppError ABORTED, and what `take` throws */
export async function readBody(request: FastifyRequest, take: (chunk: Buffer) => void): Promise<void> {
  await untilRead(request, (finish, attempt) => {
    request.raw.on('data', (chunk: Buffer) => attempt(() => take(chunk)));
    request.raw.on('end', finish);
  });
}

/**
 * A form's files, in their order. `open` gives each one's sink by the name of its field, or undefined for one that is of
 * no use; it may throw too.
 * @throws AppError REQUEST_INVALID, REQUEST_TOO_LARGE, ABORTED, and what `open` and its sinks throw
 */
export async function readForm(
  request: FastifyRequest,
  limits: UploadLimits,
  open: (field: string) => Sink | undefined,
): Promise<void> {
  let received = 0;
  const count = (bytes: number) => {
    received += bytes;
    if (received <= limits.requestBytes) return;
    throw limits.pictures === 1 ? tooManyBytes(received, limits.pictureBytes) : requestTooLarge('more', limits);
  };
  await untilRead(request, (finish, attempt, fail) => {
    const form = formParser(request, limits.pictures);
    form.on('file', (field: string, file: BusboyFileStream) => {
      let sink: Sink | undefined;
      attempt(() => {
        sink = open(field);
      });
      file.on('data', (chunk: Buffer) =>
        attempt(() => {
          count(chunk.length);
          sink?.take(chunk);
        }),
      );
      file.on('end', () => attempt(() => sink?.end()));
      file.on('error', (error: Error) => fail(unreadableForm(error.message)));
    });
    form.on('partsLimit', () => fail(tooManyParts(limits.pictures)));
    form.on('error', (error: unknown) => fail(unreadableForm((error as Error).message)));
    form.on('finish', finish);
    request.raw.pipe(form);
  });
}

type Fail = (error: unknown) => void;

/**
 * Runs `read` until it finishes or fails; `attempt` calls something that may throw, which fails it. A request that ends
 * early fails with ABORTED.
 */
async function untilRead(
  { raw }: FastifyRequest,
  read: (finish: () => void, attempt: (work: () => void) => void, fail: Fail) => void,
): Promise<void> {
  let over = false;
  try {
    await new Promise<void>((resolve, reject) => {
      const attempt = (work: () => void) => {
        if (over) return;
        try {
          work();
        } catch (error) {
          over = true;
          reject(error);
        }
      };
      const fail = (error: unknown) =>
        attempt(() => {
          throw error;
        });
      raw.once('error', (cause) => fail(new AppError('ABORTED', {}, { cause })));
      raw.once('close', () => {
        if (!raw.complete) fail(new AppError('ABORTED', {}));
        // The client has sent all it meant to; a form that is not over then never will be.
        else setImmediate(() => fail(unreadableForm('it ends too early')));
      });
      attempt(() => read(resolve, attempt, fail));
    });
  } finally {
    over = true;
    // What is left is read to no purpose: only then does a client that is still sending come to read its answer.
    raw.unpipe();
    raw.resume();
  }
}
