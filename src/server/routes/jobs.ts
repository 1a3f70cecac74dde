/** `/api/v1/jobs`: pictures that are answered in the background, any number of them. */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import { AppError } from '../../errors.js';
import type { AnswerOf } from '../contract.js';
import {
  downloadQuery,
  eventsQuery,
  job,
  jobParams,
  jobQuery,
  jobsAnswer,
  jobsQuery,
  nothing,
  resultsAnswer,
  resultsQuery,
  text,
  thumbnailParams,
} from '../job-contract.js';
import { ACCEPT_ERRORS, type AcceptJob } from '../jobs/accept.js';
import { hasHeardAll, jobEvents, sequenceIn } from '../jobs/events.js';
import { fillFrom, type IntakeLimits } from '../jobs/intake.js';
import type { Jobs } from '../jobs/jobs.js';
import { csvLines, jsonLines } from '../jobs/results.js';
import { sendStream, streamSignal } from '../jobs/streams.js';
import { viewItem, viewJob } from '../jobs/views.js';
import { jobBody } from '../openapi.js';
import { notFound } from '../refusals.js';

export interface JobRoutesDependencies {
  readonly jobs: Jobs;
  readonly acceptJob: AcceptJob;
  /** Aborted when the service ends. */
  readonly closing: AbortSignal;
}

interface OfJob {
  readonly Params: InferOutput<typeof jobParams>;
}
interface OneJob extends OfJob {
  readonly Reply: AnswerOf<typeof job>;
}

const FOUND = ['JOB_NOT_FOUND', 'QUEUE_UNAVAILABLE'] as const;
const CHANGED = [...FOUND, 'ORIGIN_REFUSED'] as const;
const tags = ['Jobs'];

export function jobRoutes(app: FastifyInstance, dependencies: JobRoutesDependencies): void {
  createRoute(app, dependencies);
  readRoutes(app, dependencies);
  changeRoutes(app, dependencies);
  downloadRoutes(app, dependencies);
  eventsRoute(app, dependencies);
}

function createRoute(app: FastifyInstance, { jobs, acceptJob }: JobRoutesDependencies): void {
  const { maxJobPictures, maxJobBytes, uploadTimeoutSeconds, jobFolders } = jobs.settings;
  const limits: IntakeLimits = {
    ...{ pictures: maxJobPictures, bytes: maxJobBytes },
    ...{ setting: 'maxJobBytes', seconds: uploadTimeoutSeconds },
  };
  app.post<{ Querystring: InferOutput<typeof jobQuery>; Reply: AnswerOf<typeof job> }>(
    '/api/v1/jobs',
    {
      config: {
        takesLong: true,
        requestBody: jobBody(maxJobPictures),
        errors: [...ACCEPT_ERRORS, 'ARCHIVE_INVALID', 'PATH_REFUSED', 'FILE_UNREADABLE'],
      },
      schema: {
        operationId: 'createJob',
        summary: 'Takes many pictures, to be answered in the background.',
        description:
          'A form, an archive, the paths of pictures on this machine, or one picture. One that cannot be taken does not end the others: it fails as a picture of the job. With the header `Idempotency-Key` the same request, sent again, gives the same job (200, `Idempotent-Replayed: true`).',
        tags,
        querystring: jobQuery,
        response: { 200: job, 202: job },
      },
    },
    (request, reply) => acceptJob(request, reply, request.query, fillFrom(request, limits, jobFolders)),
  );
}

function readRoutes(app: FastifyInstance, { jobs: { store, pictures } }: JobRoutesDependencies): void {
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

function changeRoutes(app: FastifyInstance, { jobs: { store, remove } }: JobRoutesDependencies): void {
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

function downloadRoutes(app: FastifyInstance, { jobs: { store } }: JobRoutesDependencies): void {
  const downloads = {
    jsonl: { type: 'application/x-ndjson', pieces: jsonLines, what: 'as a line of JSON each' },
    csv: { type: 'text/csv', pieces: csvLines, what: 'as a table; what a spreadsheet would calculate is kept from it' },
  } as const;
  for (const [ending, { type, pieces, what }] of Object.entries(downloads)) {
    app.get<OfJob & { Querystring: InferOutput<typeof downloadQuery> }>(
      `/api/v1/jobs/:id/results.${ending}`,
      {
        config: { errors: FOUND, produces: type, streams: true },
        schema: {
          operationId: `download${ending === 'csv' ? 'Csv' : 'JsonLines'}`,
          summary: `What became of all pictures of a job, in their order, ${what}.`,
          tags,
          params: jobParams,
          querystring: downloadQuery,
          response: { 200: text },
        },
      },
      async (request, reply) => {
        const found = await store.get(request.params.id);
        const { state } = request.query;
        reply.header('Content-Disposition', `attachment; filename="job-${found.id}.${ending}"`);
        return sendStream(request, reply, `${type}; charset=utf-8`, pieces(store, found, state && [state]));
      },
    );
  }
}

function eventsRoute(app: FastifyInstance, { jobs: { store }, closing }: JobRoutesDependencies): void {
  app.get<OfJob & { Querystring: InferOutput<typeof eventsQuery> }>(
    '/api/v1/jobs/:id/events',
    {
      config: { errors: FOUND, produces: 'text/event-stream', streams: true },
      schema: {
        operationId: 'followJob',
        summary: 'What happens in a job, as server-sent events.',
        description:
          'An event `item` for each outcome, whose id is its sequence number, and an event `job` when the job changes. The stream ends after the last `job`, at the end of the job. A client that comes back with `Last-Event-ID` is told what came after that; with that of the last `job` it is answered with 204, and need not come again.',
        tags,
        params: jobParams,
        querystring: eventsQuery,
        response: { 200: text, 204: nothing },
      },
    },
    async (request, reply) => {
      if (closing.aborted) throw new AppError('CLOSED', {});
      const { id } = request.params;
      const found = await store.get(id);
      const lastEventId = [request.headers['last-event-id']].flat()[0];
      if (hasHeardAll(lastEventId, found)) return reply.code(204).send();
      const after = lastEventId === undefined ? (request.query.after ?? 0) : sequenceIn(lastEventId);
      reply.headers({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
      const signal = streamSignal(reply, closing);
      return sendStream(request, reply, 'text/event-stream', jobEvents({ store, id, after, signal }));
    },
  );
}
