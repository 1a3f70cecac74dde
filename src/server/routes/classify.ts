/** `POST /api/v1/classify`: the whole answer for one picture, or for several. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { InferOutput } from 'valibot';
import type { Place } from '../../classification/admission.js';
import type { Classification } from '../../classification/classification.js';
import { AppError } from '../../errors.js';
import type { Serving } from '../../serving/serving.js';
import { type ArrivalOptions, classifyForm, type Outcome } from '../arrivals.js';
import { whileWaiting } from '../connection.js';
import { type AnswerOf, classifyAnswer, classifyQuery } from '../contract.js';
import type { Metrics } from '../metrics.js';
import { nameModel } from '../model-header.js';
import { formOrPicture, PICTURE_ERRORS } from '../openapi.js';
import { type OnError, refusalOf } from '../refusals.js';
import {
  announcedBytes,
  type Gathered,
  gather,
  isForm,
  readBody,
  requireLengthWithin,
  type UploadLimits,
} from '../upload.js';
import type { UploadBuffers } from '../upload-buffers.js';

const MOST_PICTURES = 32;

interface Route {
  readonly Querystring: InferOutput<typeof classifyQuery>;
  readonly Reply: AnswerOf<typeof classifyAnswer>;
}

export interface ClassifyDependencies {
  readonly serving: Serving;
  readonly metrics: Metrics;
  readonly buffers: UploadBuffers;
  readonly onError: OnError;
}

export function classifyRoute(app: FastifyInstance, dependencies: ClassifyDependencies): void {
  const { serving, metrics, buffers, onError } = dependencies;
  const { maxBytes, maxRequestBytes } = serving.settings;
  const options = {
    config: { requestBody: formOrPicture(MOST_PICTURES), namesModel: true, errors: PICTURE_ERRORS },
    schema: {
      operationId: 'classify',
      summary: 'What pictures show.',
      description: `The whole answer for one picture; for several (up to ${MOST_PICTURES} in one form) an array in their order, in which one that failed has its error in its place.`,
      tags: ['Classify'],
      querystring: classifyQuery,
      response: { 200: classifyAnswer },
    },
  };
  app.post<Route>('/api/v1/classify', options, async (request, reply) => {
    const { top, lang, model, precision } = request.query;
    const form = isForm(request);
    if (!form) requireBarePicture(request);
    const pictures = form ? MOST_PICTURES : 1;
    const limits: UploadLimits = { pictures, pictureBytes: maxBytes, requestBytes: form ? maxRequestBytes : maxBytes };
    requireLengthWithin(request, limits);
    const first = serving.admit();
    const work = whileWaiting(reply);
    try {
      const outcomes = await serving.use({ model, precision }, async (classifier) => {
        const classify = async (image: Gathered, place: Place) => {
          const wanted = { ...(top && { top }), ...(lang && { lang }) };
          const result = await classifier.classify(image.bytes(), { ...wanted, place, signal: work.signal });
          image.release();
          metrics.classified(result);
          return result;
        };
        const gatherIn = (place: Place) => gather(place, limits, announcedBytes(request), buffers);
        const arrivals = { first, admit: serving.admit, gather: gatherIn, classify, limits };
        const outcomes = await (form ? classifyForm(request, arrivals) : classifyBody(request, arrivals));
        const answered = outcomes.find((outcome) => !(outcome instanceof AppError)) as Classification | undefined;
        nameModel(reply, answered?.model ?? classifier.model());
        return outcomes;
      });
      return answerOf(outcomes);
    } finally {
      // What is still in work when the form turns out to be broken is of no use.
      work.abort();
      first.leave();
    }
  });

  /** One outcome stands for the request; of several each stands for itself. */
  function answerOf(outcomes: readonly Outcome[]): Route['Reply'] {
    const [first, ...others] = outcomes;
    if (!first) throw new AppError('IMAGE_MISSING', {});
    if (others.length > 0) return outcomes.map((outcome) => (outcome instanceof AppError ? refused(outcome) : outcome));
    if (first instanceof AppError) throw first;
    return first;
  }

  function refused(error: AppError) {
    metrics.failed(error.code);
    if (error.http >= 500) onError(error, 'POST /api/v1/classify');
    return refusalOf(error);
  }
}

/** A type that says nothing of a picture is a mistake that is better told; bytes without a type may be one. */
function requireBarePicture({ headers }: FastifyRequest): void {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const isEmpty = headers['content-length'] === '0' || !('content-length' in headers || 'transfer-encoding' in headers);
  if (type === undefined && isEmpty) throw new AppError('IMAGE_MISSING', {});
  if (type === undefined || type.startsWith('image/') || type === 'application/octet-stream') return;
  throw new AppError('MEDIA_TYPE_UNSUPPORTED', { found: type.slice(0, 100) });
}

async function classifyBody(request: FastifyRequest, { first, classify, gather }: ArrivalOptions): Promise<Outcome[]> {
  const image = gather(first);
  await readBody(request, image.take);
  return [await classify(image, first)];
}
