/** `POST /api/v1/preview`: a picture as a JPEG, for browsers that cannot show it, such as HEIC and TIFF. */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import { startDeadline } from '../../classification/deadline.js';
import { makeThumbnail } from '../../image/thumbnail.js';
import { previewQuery } from '../explain-contract.js';
import { text } from '../job-contract.js';
import { formOrPicture, PICTURE_ERRORS } from '../openapi.js';
import { type PictureDependencies, withPicture } from '../pictures.js';

const SIDE = 1024;

interface Route {
  readonly Querystring: InferOutput<typeof previewQuery>;
}

export function previewRoute(app: FastifyInstance, dependencies: PictureDependencies): void {
  const { decode, settings } = dependencies.serving;
  const options = {
    config: { requestBody: formOrPicture(1), produces: 'image/jpeg', errors: PICTURE_ERRORS },
    schema: {
      operationId: 'preview',
      summary: 'A picture as an upright JPEG.',
      description:
        'For what a browser cannot show, such as HEIC and TIFF: on white, without what a camera writes beside it. Nothing is kept.',
      tags: ['Classify'],
      querystring: previewQuery,
      response: { 200: text },
    },
  };
  app.post<Route>('/api/v1/preview', options, async (request, reply) => {
    const { size: side = SIDE } = request.query;
    const jpeg = await withPicture(request, reply, dependencies, (read) =>
      read(async (bytes, place, caller) => {
        place.arrive();
        const { signal, clear } = startDeadline(settings.deadlineMs, caller);
        // No answer: the queue would think that this machine classifies so fast.
        return makeThumbnail(bytes, { decode, signal, side }).finally(clear);
      }),
    );
    return reply.type('image/jpeg').send(jpeg);
  });
}
