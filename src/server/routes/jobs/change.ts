/** What changes a job: `/api/v1/jobs/{id}/cancel`, `/retry`, and `DELETE`. */
import type { FastifyInstance } from 'fastify';
import type { Jobs } from '../../../jobs/jobs.js';
import { job, jobParams, nothing } from '../../job-contract.js';
import { viewJob } from '../../jobs/views.js';
import { FOUND, type OfJob, type OneJob, tags } from './shared.js';

const CHANGED = [...FOUND, 'ORIGIN_REFUSED'] as const;

export function changeRoutes(app: FastifyInstance, { store, remove }: Jobs): void {
  const changes = {
    cancel: 'Ends a job: pictures without an outcome get none.',
    retry: 'Has what failed or was canceled done again; a job with nothing of that stays as it is.',
  } as const;
  for (const [name, summary] of Object.entries(changes)) {
    app.post<OneJob>(
      `/api/v1/jobs/:id/${name}`,
      {
        config: { errors: CHANGED },
        schema: { operationId: `${name}Job`, summary, tags, params: jobParams, response: { 200: job } },
      },
      async ({ params }) => viewJob(await store[name as keyof typeof changes](params.id)),
    );
  }

  app.delete<OfJob>(
    '/api/v1/jobs/:id',
    {
      config: { errors: CHANGED },
      schema: {
        operationId: 'deleteJob',
        summary: 'Deletes a job with its results and all pictures that are kept for it.',
        tags,
        params: jobParams,
        response: { 204: nothing },
      },
    },
    async ({ params }, reply) => {
      await remove(params.id);
      return reply.code(204).send();
    },
  );
}
