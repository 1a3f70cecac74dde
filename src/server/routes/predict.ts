/** `POST /predict`: one picture as the multipart field `image`, answered with its three best classes in percent. */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import { AppError } from '../../errors.js';
import type { Serving } from '../../serving/serving.js';
import { whileWaiting } from '../connection.js';
import { type AnswerOf, predictAnswer, predictQuery } from '../contract.js';
import { job } from '../job-contract.js';
import { ACCEPT_ERRORS, type AcceptJob, acceptFew, FEW_HEADERS, prefersJob } from '../jobs/accept.js';
import type { Metrics } from '../metrics.js';
import { nameModel } from '../model-header.js';
import { form, PICTURE_ERRORS } from '../openapi.js';
import { announcedBytes, gather, isForm, readForm, requireLengthWithin } from '../upload.js';
import type { UploadBuffers } from '../upload-buffers.js';

const TOP = 3;

interface Route {
  readonly Querystring: InferOutput<typeof predictQuery>;
  readonly Reply: AnswerOf<typeof predictAnswer> | AnswerOf<typeof job>;
}

export interface PredictDependencies {
  readonly serving: Serving;
  readonly metrics: Metrics;
  readonly buffers: UploadBuffers;
  readonly acceptJob: AcceptJob;
}

export function predictRoute(
  app: FastifyInstance,
  { serving, metrics, buffers, acceptJob }: PredictDependencies,
): void {
  const { settings } = serving;
  const { maxBytes } = settings;
  // All files together may not be larger than the picture may be.
  const limits = { pictures: 1, pictureBytes: maxBytes, requestBytes: maxBytes };
  const options = {
    config: {
      requestBody: form(1),
      headers: FEW_HEADERS,
      namesModel: true,
      errors: [...PICTURE_ERRORS, ...ACCEPT_ERRORS],
    },
    schema: {
      operationId: 'predict',
      summary: 'The three best classes of one picture, in percent.',
      tags: ['Classify'],
      querystring: predictQuery,
      response: { 200: predictAnswer, 202: job },
    },
  };
  app.post<Route>('/predict', options, async (request, reply) => {
    const { lang } = request.query;
    const { signal } = whileWaiting(reply);
    if (!isForm(request)) throw new AppError('IMAGE_MISSING', {});
    requireLengthWithin(request, limits);
    if (prefersJob(request))
      return acceptFew(acceptJob, request, reply, { options: { top: TOP, lang }, pictures: 1, settings });
    const place = serving.admit();
    try {
      const image = gather(place, limits, announcedBytes(request), buffers);
      let found = false;
      await readForm(request, limits, (field) => {
        if (field !== 'image' || found) return undefined;
        found = true;
        return { take: image.take, end: () => undefined };
      });
      if (!found) throw new AppError('IMAGE_MISSING', {});
      const result = await serving.use({}, (classifier) =>
        classifier.classify(image.bytes(), { top: TOP, signal, place, ...(lang && { lang }) }),
      );
      image.release();
      metrics.classified(result);
      nameModel(reply, result.model);
      return result.predictions.map(({ label, probability }) => ({
        label,
        confidence: Math.round(probability * 10_000) / 100,
      }));
    } finally {
      place.leave();
    }
  });
}
