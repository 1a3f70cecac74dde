/** All results of a job in one file: `/api/v1/jobs/{id}/results.jsonl` and `.csv`. */
import type { FastifyInstance } from 'fastify';
import type { InferOutput } from 'valibot';
import type { Jobs } from '../../../jobs/jobs.js';
import { downloadQuery, jobParams, text } from '../../job-contract.js';
import { csvLines, jsonLines } from '../../jobs/results.js';
import { sendStream } from '../../jobs/streams.js';
import { FOUND, type OfJob, tags } from './shared.js';

export function downloadRoutes(app: FastifyInstance, { store, settings }: Jobs): void {
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
        return sendStream(
          request,
          reply,
          `${type}; charset=utf-8`,
          pieces(store, found, { states: state && [state], top: found.options.top ?? settings.top }),
        );
      },
    );
  }
}
