/** The HTTP service as an application that tests can drive without a socket. */
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify, { type FastifyInstance, type HTTPMethods } from 'fastify';
import { AppError } from '../errors.js';
import type { Logger } from '../logger.js';
import type { Serving } from '../serving/serving.js';
import { guard } from './access.js';
import { closeEveryAnswer, limitTaking } from './connection.js';
import { createMetrics } from './metrics.js';
import { describeService } from './openapi.js';
import { protect } from './protection.js';
import { type OnError, refuse, refuseConnection } from './refusals.js';
import { observeRequests, requestId, useContract } from './requests.js';
import { classifyRoute } from './routes/classify.js';
import { healthRoutes } from './routes/health.js';
import { modelRoutes } from './routes/models.js';
import { predictRoute } from './routes/predict.js';

export interface AppOptions {
  readonly serving: Serving;
  readonly log: Logger;
}

export interface App {
  readonly http: FastifyInstance;
  /**
   * Ends the service: `/readyz` says so for `drainSeconds`, while all goes on; then new requests are refused with
   * CLOSED until those that have begun are answered; what is left after `shutdownSeconds` is cut.
   */
  readonly close: () => Promise<void>;
}

export async function createApp({ serving, log }: AppOptions): Promise<App> {
  const { settings } = serving;
  let state: 'running' | 'draining' | 'closing' = 'running';
  const requestTimeout = settings.uploadTimeoutSeconds * 1000;
  const onError: OnError = (error, route) => log.error({ route, code: error.code, reason: traceOf(error) });
  const app = Fastify({
    logger: false,
    genReqId: requestId,
    requestIdHeader: false,
    requestTimeout,
    http: {
      // Node looks this often for requests that are late, and by default only every 30 s.
      connectionsCheckingInterval: 1000,
      // Node overlooks late bodies while the time for the headers is longer than that for the request; 60 s is its default.
      headersTimeout: Math.min(requestTimeout, 60_000),
      requireHostHeader: false,
    },
    return503OnClosing: false,
    trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    frameworkErrors: (error, request, reply) => refuse(error, request, reply, onError),
    clientErrorHandler: (error, socket) => refuseConnection(error, socket, settings.uploadTimeoutSeconds),
  });
  app.server.maxConnections = settings.maxConnections;
  app.server.on('drop', () => log.warn({ msg: `more than ${settings.maxConnections} connections: one was closed` }));
  // Node would refuse a request that expects something unknown; HTTP allows to pass over it.
  app.server.on('checkExpectation', app.routing);
  useContract(app);
  app.removeAllContentTypeParsers();
  // A body is left unread, so that its route can say what it expected, and count what comes.
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  closeEveryAnswer(app);
  const inWork = trackRequests(app);
  // Fastify and Node would do both, but say so in words of their own.
  app.addHook('onRequest', async ({ raw, routeOptions }) => {
    if (state === 'closing' && routeOptions.config.access !== 'everyone') throw new AppError('CLOSED', {});
    if (raw.httpVersion === '1.1' && raw.headers.host === undefined) {
      const problem = 'Expected the header Host, but there is none. Send it, as HTTP/1.1 demands.';
      throw new AppError('REQUEST_INVALID', { problem });
    }
  });
  app.addHook('onSend', async (request, reply) => limitTaking(request, reply, settings.uploadTimeoutSeconds));
  const metrics = createMetrics(app, serving);
  observeRequests(app, metrics, log);
  app.setErrorHandler((thrown, request, reply) => {
    const refusal = refuse(thrown, request, reply, onError);
    if (reply.refusedWith) metrics.failed(reply.refusedWith);
    return refusal;
  });
  app.setNotFoundHandler((request) => {
    throw new AppError('NOT_FOUND', { path: `${request.method} ${request.url.split('?')[0]}` });
  });
  guard(app, settings);
  await protect(app, settings);
  const methods = methodsByAddress(app);
  await describeService(app);
  metrics.route();
  healthRoutes(app, () => state !== 'running');
  predictRoute(app, serving, metrics);
  classifyRoute(app, { serving, metrics, onError });
  await modelRoutes(app, serving);
  refuseOtherMethods(app, methods);

  async function close(): Promise<void> {
    state = 'draining';
    await sleep(settings.drainSeconds * 1000);
    state = 'closing';
    const limit = new AbortController();
    const late = sleep(settings.shutdownSeconds * 1000, undefined, { signal: limit.signal }).catch(() => undefined);
    await Promise.race([inWork.none(), late]);
    limit.abort();
    app.server.closeAllConnections();
    await app.close();
  }

  return { http: app, close };
}

/** On one line, so that a log keeps it together. */
function traceOf({ message, cause }: AppError): string {
  const trace = cause instanceof Error ? (cause.stack ?? cause.message) : message;
  return trace.replace(/\s*\n\s*/g, ' ');
}

/** Requests whose head has come and whose answer has not gone. */
function trackRequests(app: FastifyInstance) {
  let count = 0;
  let waiting: (() => void)[] = [];
  app.addHook('onRequest', async (_request, reply) => {
    count += 1;
    reply.raw.once('close', () => {
      count -= 1;
      if (count > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    });
  });
  return {
    none: () => new Promise<void>((resolve) => (count === 0 ? resolve() : void waiting.push(resolve))),
  };
}

type Methods = ReadonlyMap<string, ReadonlySet<string>>;

/** Which methods each address has, of the routes that are added from now on. */
function methodsByAddress(app: FastifyInstance): Methods {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = methods.get(url) ?? new Set();
    for (const name of [method].flat()) known.add(name);
    methods.set(url, known);
  });
  return methods;
}

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'QUERY'];

/** An address that is known, but not for this method, says for which it is. */
function refuseOtherMethods(app: FastifyInstance, methods: Methods): void {
  for (const [url, known] of [...methods]) {
    if (url.includes('*') || url.startsWith('/docs')) continue;
    const allowed = [...known].join(', ');
    app.route({
      url,
      method: METHODS.filter((method) => !known.has(method)),
      schema: { hide: true },
      config: { access: 'everyone' },
      // Before Fastify asks for a body that some of them ought to have.
      onRequest: async ({ method }, reply) => {
        reply.header('Allow', allowed);
        throw new AppError('METHOD_NOT_ALLOWED', { path: url, method, allowed });
      },
      handler: () => undefined,
    });
  }
}
