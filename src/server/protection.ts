/** What browsers are told about the service, and how often one address may call it. */
import type { FastifyInstance } from 'fastify';
import type { Settings } from '../config.js';
import { AppError } from '../errors.js';
import { notFound } from './refusals.js';

type ProtectionSettings = Pick<Settings, 'corsOrigins' | 'rateLimit'>;

export async function protect(app: FastifyInstance, { corsOrigins, rateLimit }: ProtectionSettings): Promise<void> {
  const headers = {
    ...HEADERS,
    // Pages of other origins may show what they may read.
    'Cross-Origin-Resource-Policy': corsOrigins.length > 0 ? 'cross-origin' : 'same-origin',
  };
  app.addHook('onRequest', async (_request, reply) => void reply.headers(headers));
  if (corsOrigins.length > 0) {
    const { default: cors } = await import('@fastify/cors');
    // @fastify/cors would refuse it in words of its own.
    app.addHook('onRequest', async (request) => {
      const { origin, 'access-control-request-method': method } = request.headers;
      if (request.method === 'OPTIONS' && !(origin && method)) throw notFound(request);
    });
    await app.register(cors, {
      origin: corsOrigins.includes('*') ? '*' : [...corsOrigins],
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders: [
        ...['Kaiyan-Model', 'X-Request-Id', 'Retry-After'],
        ...['Location', 'Preference-Applied', 'Idempotent-Replayed', 'Content-Disposition'],
      ],
      maxAge: 600,
    });
  }
  if (rateLimit > 0) {
    const { default: limit } = await import('@fastify/rate-limit');
    await app.register(limit, {
      // Not by its routes: whoever guesses keys may do so at any address.
      global: false,
      max: rateLimit,
      timeWindow: '1 minute',
      allowList: ({ routeOptions }) => routeOptions.config.access === 'everyone',
      errorResponseBuilder: (_request, { max, ttl }) =>
        new AppError('RATE_LIMITED', { limit: max, seconds: Math.ceil(ttl / 1000) }),
    });
    app.addHook('onRequest', app.rateLimit());
  }
}

/** Nothing but the service's own files, and pictures that the page has been given. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Those that OWASP asks for and that mean something here; the same for all answers, so they are written once. Whether the
 * service is also reached by HTTPS (Strict-Transport-Security) is for the proxy to say.
 * https://owasp.org/www-project-secure-headers/
 */
const HEADERS = {
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};
