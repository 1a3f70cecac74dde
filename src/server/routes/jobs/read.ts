/** `GET /api/v1/jobs`, and one of them. */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import type { Jobs } from '../../../jobs/jobs.js';
import type { AnswerOf } from '../../contract.js';
import { job, jobParams, jobsAnswer, jobsQuery } from '../../job-contract.js';
import { viewJob } from '../../jobs/views.js';
import { FOUND, type OneJob, tags } from './shared.js';

export function readRoutes(app: FastifyInstance, { store }: Jobs): void {
  app.get<{ Querystring: InferOutput<typeof jobsQuery>; Reply: AnswerOf<typeof jobsAnswer> }>(
    '/api/v1/jobs',
    {
      config: { errors: FOUND },
      schema: {
        operationId: 'listJobs',
        summary: 'The jobs, the newest first.',
        tags,
        querystring: jobsQuery,
        response: { 200: jobsAnswer },
      },
    },
    async ({ query }) => {
      const found = await store.list(query);
      return { jobs: found.map(viewJob), next: (found.length === query.limit && found.at(-1)?.id) || null };
    },
  );

  app.get<OneJob>(
    '/api/v1/jobs/:id',
    {
      config: { errors: FOUND },
      schema: {
        operationId: 'showJob',
        summary: 'One job: how far it is, and how long it may still take.',
        tags,
        params: jobParams,
        response: { 200: job },
      },
    },
    async ({ params }) => viewJob(await store.get(params.id)),
  );
}
