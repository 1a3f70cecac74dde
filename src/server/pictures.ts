/** The pictures of a request that takes one or several, from the request's first byte to their answers. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Place } from '../classification/admission.js';
import { AppError } from '../errors.js';
import type { Serving } from '../serving/serving.js';
import { type ArrivalOptions, answerForm, type Outcome } from './arrivals.js';
import { whileWaiting } from './connection.js';
import type { AnswerOf, refusal } from './contract.js';
import type { Metrics } from './metrics.js';
import { type OnError, refusalOf } from './refusals.js';
import {
  announcedBytes,
  type Gathered,
  gather,
  isBarePicture,
  isForm,
  isWithoutBody,
  mediaType,
  readBody,
  requireLengthWithin,
  type UploadLimits,
} from './upload.js';
import type { UploadBuffers } from './upload-buffers.js';

/** In one form. */
export const MOST_PICTURES = 32;

export interface PictureDependencies {
  readonly serving: Serving;
  readonly metrics: Metrics;
  readonly buffers: UploadBuffers;
  readonly onError: OnError;
}

/** Answers one picture, whose place is its caller's to give back. */
type AnswerPicture<Answer> = (bytes: Buffer, place: Place, signal: AbortSignal) => Promise<Answer>;
/** Reads the pictures of the request; each has its answer, or why it has none. */
export type ReadPictures = <Answer>(answer: AnswerPicture<Answer>) => Promise<Outcome<Answer>[]>;
type ReadPicture = <Answer>(answer: AnswerPicture<Answer>) => Promise<Answer>;

/**
 * Calls `work`, which gets ready and then reads the pictures: a body that is one, or a form with one or several. A request
 * that would be refused is refused before that. Once `work` has ended, what is still being answered is given up.
 * @throws AppError IMAGE_MISSING, IMAGE_TOO_LARGE, REQUEST_TOO_LARGE, MEDIA_TYPE_UNSUPPORTED, QUEUE_FULL, REQUEST_INVALID, ABORTED
 */
export async function withPictures<Result>(
  request: FastifyRequest,
  reply: FastifyReply,
  {
    serving,
    buffers,
    most = MOST_PICTURES,
  }: Pick<PictureDependencies, 'serving' | 'buffers'> & { readonly most?: number },
  work: (read: ReadPictures, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { maxBytes, maxRequestBytes } = serving.settings;
  const form = isForm(request);
  if (!form) requireBarePicture(request);
  const pictures = form ? most : 1;
  const requestBytes = pictures > 1 ? maxRequestBytes : maxBytes;
  const limits: UploadLimits = { pictures, pictureBytes: maxBytes, requestBytes };
  requireLengthWithin(request, limits);
  const first = serving.admit();
  const waiting = whileWaiting(reply);
  try {
    return await work((answer) => {
      const arrivals = {
        ...{ first, admit: serving.admit, limits },
        gather: (place: Place) => gather(place, limits, announcedBytes(request), buffers),
        answer: async (image: Gathered, place: Place) => {
          const result = await answer(image.bytes(), place, waiting.signal);
          image.release();
          return result;
        },
      };
      return form ? answerForm(request, arrivals) : answerBody(request, arrivals);
    }, waiting.signal);
  } finally {
    // What is still in work when the form turns out to be broken is of no use.
    waiting.abort();
    first.leave();
  }
}

/**
 * The same for one picture, whose failure is that of the request: a body, or a form with that one.
 * @throws AppError as `withPictures` does, and what `answer` throws
 */
export function withPicture<Result>(
  request: FastifyRequest,
  reply: FastifyReply,
  dependencies: Pick<PictureDependencies, 'serving' | 'buffers'>,
  work: (read: ReadPicture, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  return withPictures(request, reply, { ...dependencies, most: 1 }, (readAll, signal) => {
    const read: ReadPicture = async (answer) => {
      const [outcome] = await readAll(answer);
      if (outcome === undefined) throw new AppError('IMAGE_MISSING', {});
      if (outcome instanceof AppError) throw outcome;
      return outcome;
    };
    return work(read, signal);
  });
}

/** What is told of a picture that failed, in its place among the others. `route` is like `POST /predict`. */
export function refusePicture(
  error: AppError,
  route: string,
  { metrics, onError }: Pick<PictureDependencies, 'metrics' | 'onError'>,
): AnswerOf<typeof refusal> {
  metrics.failed(error.code);
  if (error.http >= 500) onError(error, route);
  return refusalOf(error);
}

/** A type that says nothing of a picture is a mistake that is better told; bytes without a type may be one. */
function requireBarePicture(request: FastifyRequest): void {
  if (isWithoutBody(request)) throw new AppError('IMAGE_MISSING', {});
  if (isBarePicture(request)) return;
  throw new AppError('MEDIA_TYPE_UNSUPPORTED', { found: (mediaType(request) ?? '').slice(0, 100) });
}

async function answerBody<Answer>(
  request: FastifyRequest,
  { first, answer, gather }: ArrivalOptions<Answer>,
): Promise<Outcome<Answer>[]> {
  const image = gather(first);
  await readBody(request, image.take);
  return [await answer(image, first)];
}
