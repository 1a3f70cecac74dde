/** The HTTP service as an application that tests can drive without a socket. */
import multipart from '@fastify/multipart';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Classifier } from '../classification/classifier.js';
import { AppError } from '../errors.js';
import { type OnError, refuse, refuseConnection } from './refusals.js';
import { healthRoute } from './routes/health.js';
import { predictRoute } from './routes/predict.js';
import { formLimits } from './upload.js';

export interface AppOptions {
  readonly classifier: Classifier;
  /** Time for a request to arrive; a later one is answered with UPLOAD_TIMEOUT. */
  readonly uploadTimeoutSeconds: number;
  readonly onError: OnError;
}

export async function createApp({ classifier, uploadTimeoutSeconds, onError }: AppOptions): Promise<FastifyInstance> {
  let closing = false;
  const requestTimeout = uploadTimeoutSeconds * 1000;
  const app = Fastify({
    logger: false,
    requestTimeout,
    http: {
      // Node looks this often for requests that are late, and by default only every 30 s.
      connectionsCheckingInterval: 1000,
      // Node overlooks late bodies while the time for the headers is longer than that for the request; 60 s is its default.
      headersTimeout: Math.min(requestTimeout, 60_000),
      requireHostHeader: false,
    },
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => refuse(error, request, reply, onError),
    clientErrorHandler: (error, socket) => refuseConnection(error, socket, uploadTimeoutSeconds),
  });
  // Node would refuse a request that expects something unknown; HTTP allows to pass over it.
  app.server.on('checkExpectation', app.routing);
  app.removeAllContentTypeParsers();
  await app.register(multipart, { limits: formLimits });
  // Any other body is left unread, so that the route can say what it expected.
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.addHook('preClose', async () => {
    closing = true;
  });
  // Fastify and Node would do both, but say so in words of their own.
  app.addHook('onRequest', async ({ raw }) => {
    if (closing) throw new AppError('CLOSED', {});
    if (raw.httpVersion === '1.1' && raw.headers.host === undefined) {
      const problem = 'Expected the header Host, but there is none. Send it, as HTTP/1.1 demands.';
      throw new AppError('REQUEST_INVALID', { problem });
    }
  });
  app.setErrorHandler((thrown, request, reply) => refuse(thrown, request, reply, onError));
  app.setNotFoundHandler((request) => {
    throw new AppError('NOT_FOUND', { path: `${request.method} ${request.url.split('?')[0]}` });
  });
  healthRoute(app);
  predictRoute(app, classifier);
  return app;
}
