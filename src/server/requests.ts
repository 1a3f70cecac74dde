/** What every request goes through: an id, the schema of its route, a line in the log, its part in the metrics. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import { AppError } from '../errors.js';
import type { Logger } from '../logger.js';
import { describeIssue } from '../validation.js';
import type { Metrics } from './metrics.js';

const ID_HEADER = 'X-Request-Id';

/** A client's own, if it can be written in a log and a header; otherwise a new one. */
export function requestId({ headers }: IncomingMessage): string {
  const given = headers[ID_HEADER.toLowerCase()];
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}

declare module 'fastify' {
  interface FastifyReply {
    /** The code of the error that the request was refused with. */
    refusedWith?: string;
  }
}

/** Valibot checks what comes in; what goes out is checked by the compiler. */
export function useContract(app: FastifyInstance): void {
  app.setValidatorCompiler<v.GenericSchema>(({ schema, httpPart = 'body' }) => (value) => {
    const parsed = v.safeParse(schema, value);
    return parsed.success ? { value: parsed.output } : { error: mismatch(parsed.issues[0], httpPart, keysOf(schema)) };
  });
  app.setSerializerCompiler(() => JSON.stringify);
}

const PARTS: Readonly<Record<string, string>> = { querystring: 'the query', params: 'the address', body: 'the body' };

/** What was expected of a part of a request, and what came; `keys` are those that the part may have. */
export function mismatch(issue: v.BaseIssue<unknown>, part: string, keys: readonly string[]): AppError {
  const { path, expected, found, about } = describeIssue(issue);
  const where = PARTS[part] ?? part;
  const subject = path === '' ? where : `${path} in ${where}`;
  if (about === 'missing key') return invalid(`Expected ${subject}, but it is missing. Add it; see /docs.`);
  const isKey = about === 'unknown key' && issue.path?.length === 1;
  const wanted = isKey
    ? `nothing${keys.length > 0 ? ` but ${keys.join(', ')}` : ''} in ${where}`
    : `${subject} to be ${expected}`;
  return invalid(`Expected ${wanted}, but got ${found.slice(0, 100)}. Correct it, or leave it out; see /docs.`);
}

const invalid = (problem: string) => new AppError('REQUEST_INVALID', { problem });

/** Those of an object. */
const keysOf = (schema: v.GenericSchema): string[] =>
  'entries' in schema && schema.entries instanceof Object ? Object.keys(schema.entries) : [];

/** The status, as nginx has it, of a request whose client left before its answer. */
const LEFT = 499;

/** Those that watch ask often, and say nothing about the service. */
const QUIET = new Set(['/health', '/livez', '/readyz', '/metrics']);

export function observeRequests(app: FastifyInstance, metrics: Metrics, log: Logger): void {
  function ended(request: FastifyRequest, { refusedWith }: FastifyReply, status: number, elapsedMs: number): void {
    const { id, method, routeOptions } = request;
    const route = routeOptions.url ?? 'none';
    metrics.requestEnded({ route, method, status, ms: elapsedMs });
    const ms = Math.round(elapsedMs * 10) / 10;
    const line = { requestId: id, method, route, status, ms, ...(refusedWith && { code: refusedWith }) };
    if (QUIET.has(route) && status < 400) log.debug(line);
    else log.info(line);
  }
  app.addHook('onRequest', async (request, reply) => {
    reply.header(ID_HEADER, request.id);
    const begun = performance.now();
    let isOpen = true;
    const end = (status: number) => {
      if (isOpen) ended(request, reply, status, performance.now() - begun);
      isOpen = false;
    };
    // Fastify's own hooks are not called for a client that leaves once it has sent everything.
    reply.raw.once('finish', () => end(reply.statusCode));
    reply.raw.once('close', () => end(LEFT));
  });
}
