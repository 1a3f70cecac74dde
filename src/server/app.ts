/** The HTTP service as an application that tests can drive without a socket. */
import multipart from '@fastify/multipart';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Classifier } from '../classification/classifier.js';
import { AppError, toAppError } from '../errors.js';
import { healthRoute } from './routes/health.js';
import { predictRoute } from './routes/predict.js';

export interface AppOptions {
  readonly classifier: Classifier;
  readonly maxBytes: number;
}

export async function createApp({ classifier, maxBytes }: AppOptions): Promise<FastifyInstance> {
  const app = Fastify({ bodyLimit: maxBytes + 65_536, logger: false });
  app.removeAllContentTypeParsers();
  // One byte more than a picture may have, so that the decoder's own limit names the error.
  await app.register(multipart, {
    limits: { files: 1, fields: 10, fileSize: maxBytes + 1 },
    throwFileSizeLimit: false,
  });
  // Any other body is left unread, so that the route can say what it expected.
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.setErrorHandler((thrown, _request, reply) => {
    const error = fromFastify(thrown);
    if (error.code === 'QUEUE_FULL') reply.header('Retry-After', '1');
    return reply.code(error.http).send({ error: error.message, code: error.code });
  });
  app.setNotFoundHandler((request) => {
    throw new AppError('NOT_FOUND', { path: `${request.method} ${request.url.split('?')[0]}` });
  });
  healthRoute(app);
  predictRoute(app, classifier);
  return app;
}

/** Fastify's own refusals are the caller's mistakes; their status says so. */
function fromFastify(thrown: unknown): AppError {
  if (
    !(thrown instanceof AppError) &&
    thrown instanceof Error &&
    'statusCode' in thrown &&
    Number(thrown.statusCode) < 500
  ) {
    return new AppError('REQUEST_INVALID', {
      problem: `${thrown.message}. Send one picture as the multipart field "image".`,
    });
  }
  return toAppError(thrown);
}
