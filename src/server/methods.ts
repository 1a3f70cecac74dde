/** Addresses that are asked with a method that they do not have. */
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { AppError } from '../errors.js';

type Methods = ReadonlyMap<string, ReadonlySet<string>>;

/** Which methods each address has, of the routes that are added from now on. */
export function methodsByAddress(app: FastifyInstance): Methods {
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
export function refuseOtherMethods(app: FastifyInstance, methods: Methods): void {
  for (const [url, known] of [...methods]) {
    if (url.includes('*')) continue;
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
