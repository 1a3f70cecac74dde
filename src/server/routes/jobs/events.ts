/** `GET /api/v1/jobs/{id}/events`: what happens in a job, while it happens. */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import { AppError } from '../../../errors.js';
import type { Jobs } from '../../../jobs/jobs.js';
import { eventsQuery, jobParams, nothing, serverSentEvent } from '../../job-contract.js';
import { hasHeardAll, jobEvents, sequenceIn } from '../../jobs/events.js';
import { sendStream, streamSignal } from '../../jobs/streams.js';
import { headerOf } from '../../request-headers.js';
import { FOUND, type OfJob, tags } from './shared.js';

/** `closing` is aborted when the service ends. */
export function eventsRoute(app: FastifyInstance, { store }: Jobs, closing: AbortSignal): void {
  app.get<OfJob & { Querystring: InferOutput<typeof eventsQuery> }>(
    '/api/v1/jobs/:id/events',
    {
      config: { errors: FOUND, headers: ['Last-Event-ID'], produces: 'text/event-stream', streams: true },
      schema: {
        operationId: 'followJob',
        summary: 'What happens in a job, as server-sent events.',
        description:
          'An event `item` for each outcome, whose id is its sequence number, and an event `job` when the job changes. The stream ends after the last `job`, at the end of the job. A client that comes back with `Last-Event-ID` is told what came after that; with that of the last `job` it is answered with 204, and need not come again.',
        tags,
        params: jobParams,
        querystring: eventsQuery,
        response: { 200: serverSentEvent, 204: nothing },
      },
    },
    async (request, reply) => {
      if (closing.aborted) throw new AppError('CLOSED', {});
      const { id } = request.params;
      const found = await store.get(id);
      const lastEventId = headerOf(request, 'Last-Event-ID');
      if (hasHeardAll(lastEventId, found)) return reply.code(204).send();
      const after = lastEventId === undefined ? (request.query.after ?? 0) : sequenceIn(lastEventId);
      reply.headers({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
      const signal = streamSignal(reply, closing);
      return sendStream(request, reply, 'text/event-stream', jobEvents({ store, id, after, signal }));
    },
  );
}
