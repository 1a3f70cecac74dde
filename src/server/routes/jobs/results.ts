/** What became of a job's pictures: `/api/v1/jobs/{id}/results`, and the small pictures. */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import type { Jobs } from '../../../jobs/jobs.js';
import type { AnswerOf } from '../../contract.js';
import { jobParams, resultsAnswer, resultsQuery, text, thumbnailParams } from '../../job-contract.js';
import { viewItem } from '../../jobs/views.js';
import { notFound } from '../../refusals.js';
import { FOUND, type OfJob, tags } from './shared.js';

export function resultRoutes(app: FastifyInstance, { store, pictures }: Jobs): void {
  app.get<OfJob & { Querystring: InferOutput<typeof resultsQuery>; Reply: AnswerOf<typeof resultsAnswer> }>(
    '/api/v1/jobs/:id/results',
    {
      config: { errors: FOUND },
      schema: {
        operationId: 'listResults',
        summary: "What became of a job's pictures, page by page, in their order.",
        tags,
        params: jobParams,
        querystring: resultsQuery,
        response: { 200: resultsAnswer },
      },
    },
    async ({ params: { id }, query: { from, limit, state } }) => {
      const found = await store.get(id);
      const items = await store.items(id, { from, limit, states: state && [state] });
      const last = items.length === limit ? items.at(-1)?.item : undefined;
      const next = last === undefined || last + 1 >= found.counts.total ? null : last + 1;
      return { items: items.map((item) => viewItem(item, found)), next };
    },
  );

  app.get<{ Params: InferOutput<typeof thumbnailParams> }>(
    '/api/v1/jobs/:id/thumbnails/:item',
    {
      config: { errors: [...FOUND, 'NOT_FOUND'], produces: 'image/jpeg' },
      schema: {
        operationId: 'showThumbnail',
        summary: 'A small picture, of a job that keeps them.',
        tags,
        params: thumbnailParams,
        response: { 200: text },
      },
    },
    async (request, reply) => {
      const { id, item } = request.params;
      const [found] = await store.items(id, { from: item, limit: 1 });
      const sha256 = found?.item === item ? found.sha256 : undefined;
      const jpeg = sha256 === undefined ? undefined : await pictures.thumbnail(id, sha256);
      if (!jpeg) throw notFound(request);
      reply.type('image/jpeg').header('Cache-Control', 'private, max-age=31536000, immutable');
      return reply.send(jpeg);
    },
  );
}
