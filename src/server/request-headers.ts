/** The request headers that mean something to some routes, as they are checked and described. The keys are in `access.ts`. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import { described } from './contract.js';
import { mismatch } from './requests.js';

export const requestHeaders = {
  Prefer: described(
    v.string(),
    'With `respond-async` the answer is a job, at once (`Preference-Applied: respond-async`).',
  ),
  'Idempotency-Key': described(
    v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 visible ASCII characters, such as a UUID')),
    'Sent again with the same key, a request for a job gives the job that it gave before (`Idempotent-Replayed: true`): 1 to 255 visible ASCII characters, such as a UUID.',
  ),
  'Last-Event-ID': described(v.string(), 'The id of the last event that is known: only what came after it is told.'),
} as const;

export type RequestHeader = keyof typeof requestHeaders;

/** What was sent of it; of several Node makes one, with commas between them. */
export const headerOf = ({ headers }: FastifyRequest, name: RequestHeader): string | undefined =>
  [headers[name.toLowerCase()]].flat()[0];

/** Those that a route understands have to be as they are described, also where they change nothing. */
export function checkHeaders(app: FastifyInstance): void {
  app.addHook('preValidation', async (request) => {
    for (const name of request.routeOptions.config.headers ?? []) {
      const sent = headerOf(request, name);
      if (sent === undefined) continue;
      const parsed = v.safeParse(requestHeaders[name], sent);
      if (!parsed.success) throw mismatch(parsed.issues[0], `the header ${name}`, []);
    }
  });
}
