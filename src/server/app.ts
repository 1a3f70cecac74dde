/** The HTTP service as an application that tests can drive without a socket. */
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { KeptDatasets } from '../dataset/kept/datasets.js';
import type { AppError } from '../errors.js';
import type { Jobs } from '../jobs/jobs.js';
import type { Logger } from '../logger.js';
import type { Promotion } from '../models/promotions.js';
import { createPromoter } from '../serving/promoting.js';
import type { Serving } from '../serving/serving.js';
import type { Trainings } from '../training/runs/trainings.js';
import { guard, namesOf } from './access.js';
import { reachableAt } from './addresses.js';
import type { ServerCertificate } from './certificate/certificate.js';
import { allowLongRequests, closeEveryAnswer, limitIdling, limitTaking } from './connection.js';
import { createAcceptJob } from './jobs/accept.js';
import { createLife } from './life.js';
import { methodsByAddress, refuseOtherMethods } from './methods.js';
import { createMetrics, type Metrics } from './metrics.js';
import { describeService } from './openapi.js';
import { protect } from './protection.js';
import { LATE, notFound, type OnError, refuse, refuseConnection } from './refusals.js';
import { checkHeaders } from './request-headers.js';
import { observeRequests, requestId, useContract } from './requests.js';
import { classifyRoute } from './routes/classify.js';
import { compareRoute } from './routes/compare.js';
import { correctionRoutes } from './routes/corrections.js';
import { datasetRoutes } from './routes/datasets.js';
import { explainRoute } from './routes/explain.js';
import { healthRoutes } from './routes/health.js';
import { jobRoutes } from './routes/jobs.js';
import { modelRoutes } from './routes/models.js';
import { pageRoute } from './routes/page.js';
import { predictRoute } from './routes/predict.js';
import { previewRoute } from './routes/preview.js';
import { promotionRoutes } from './routes/promotions.js';
import { serviceRoute } from './routes/service.js';
import { trainingRoutes } from './routes/trainings.js';
import { secureServer } from './secure.js';
import { createUploadBuffers } from './upload-buffers.js';

export interface AppOptions {
  readonly serving: Serving;
  readonly jobs: Jobs;
  /** Without it nothing can be trained. */
  readonly training?: { readonly datasets: KeptDatasets; readonly trainings: Trainings } | undefined;
  readonly log: Logger;
  /** With it the service speaks HTTPS. */
  readonly certificate?: ServerCertificate | undefined;
  /** Told of each promotion, which is a choice for the next start too. */
  readonly onPromotion?: (promotion: Promotion) => void;
  /** A worker answers only whether it runs, and with its numbers. */
  readonly healthOnly?: boolean;
}

export interface App {
  readonly http: FastifyInstance;
  readonly certificate: ServerCertificate | undefined;
  /** URLs under which other machines of the network reach it, the likeliest first; empty while it does not listen. */
  readonly addresses: () => readonly string[];
  /** Ends the service as the settings say. */
  readonly close: () => Promise<void>;
}

export async function createApp(options: AppOptions): Promise<App> {
  const { serving, jobs, training, log, certificate, onPromotion = () => undefined, healthOnly = false } = options;
  const { settings } = serving;
  const requestTimeout = settings.uploadTimeoutSeconds * 1000;
  const takingLong = new WeakSet<Socket>();
  const onError: OnError = (error, route) => log.error({ route, code: error.code, reason: traceOf(error) });
  const http = {
    // Node looks this often for requests that are late, and by default only every 30 s.
    connectionsCheckingInterval: 1000,
    // Node overlooks late bodies while the time for the headers is longer than that for the request; 60 s is its default.
    headersTimeout: Math.min(requestTimeout, 60_000),
    requireHostHeader: false,
  };
  const app = Fastify({
    logger: false,
    genReqId: requestId,
    requestIdHeader: false,
    requestTimeout,
    http,
    ...(certificate && { serverFactory: secureServer(certificate, { ...http, requestTimeout }) }),
    return503OnClosing: false,
    trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    frameworkErrors: (error, request, reply) => refuse(error, request, reply, onError),
    clientErrorHandler: (error, socket) => {
      if (error.code === LATE && takingLong.has(socket)) return;
      refuseConnection(error, socket, settings.uploadTimeoutSeconds);
    },
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
  limitIdling(app);
  allowLongRequests(app, takingLong);
  app.addHook('onSend', async (request, reply) => limitTaking(request, reply, settings.uploadTimeoutSeconds));
  const metrics = createMetrics(app, serving, jobs);
  observeRequests(app, metrics, log);
  const life = createLife(app, settings);
  app.setErrorHandler((thrown, request, reply) => {
    const refusal = refuse(thrown, request, reply, onError);
    if (reply.refusedWith) metrics.failed(reply.refusedWith);
    return refusal;
  });
  app.setNotFoundHandler((request) => {
    throw notFound(request);
  });
  // Before any refusal, so that the pages that may call can read it.
  await protect(app, settings);
  guard(app, settings);
  checkHeaders(app);
  const methods = methodsByAddress(app);
  if (!healthOnly) await describeService(app);
  metrics.addRoute();
  healthRoutes(app, life.isEnding);
  const answersTo = namesOf(settings);
  const addresses = () =>
    reachableAt({
      bound: app.server.address(),
      scheme: certificate ? 'https' : 'http',
      answersTo,
      certified: certificate?.names ?? [],
    });
  if (!healthOnly)
    await addRoutes(app, {
      ...{ serving, jobs, training, metrics, onError, onPromotion },
      ...{ closing: life.closing, addresses, certificate },
    });
  refuseOtherMethods(app, methods);
  return { http: app, certificate, addresses, close: life.end };
}

interface RouteDependencies {
  readonly serving: Serving;
  readonly jobs: Jobs;
  readonly training: AppOptions['training'];
  readonly metrics: Metrics;
  readonly onError: OnError;
  readonly onPromotion: (promotion: Promotion) => void;
  readonly closing: AbortSignal;
  readonly addresses: () => readonly string[];
  readonly certificate: ServerCertificate | undefined;
}

async function addRoutes(
  app: FastifyInstance,
  { serving, jobs, training, metrics, onError, onPromotion, closing, addresses, certificate }: RouteDependencies,
): Promise<void> {
  const buffers = createUploadBuffers();
  const acceptJob = createAcceptJob(app, jobs, serving);
  predictRoute(app, { serving, metrics, buffers, acceptJob });
  classifyRoute(app, { serving, metrics, buffers, onError, acceptJob });
  compareRoute(app, { serving, metrics, buffers, onError });
  explainRoute(app, { serving, metrics, buffers, onError });
  previewRoute(app, { serving, metrics, buffers, onError });
  await correctionRoutes(app, { serving, metrics, buffers, onError });
  const onUnrecorded = (error: AppError) => onError(error, 'PUT /api/v1/models/active');
  const promoter = createPromoter(serving, { onPromotion, onUnrecorded });
  await modelRoutes(app, serving, promoter);
  await promotionRoutes(app, promoter);
  jobRoutes(app, { jobs, acceptJob, closing });
  if (training) {
    await datasetRoutes(app, training.datasets, serving.settings);
    await trainingRoutes(app, { trainings: training.trainings, serving, closing });
  }
  serviceRoute(app, { settings: serving.settings, jobs, addresses, fingerprint: certificate?.fingerprint ?? null });
  await pageRoute(app);
}

/** On one line, so that a log keeps it together. */
function traceOf({ message, cause }: AppError): string {
  const trace = cause instanceof Error ? (cause.stack ?? cause.message) : message;
  return trace.replace(/\s*\n\s*/g, ' ');
}
