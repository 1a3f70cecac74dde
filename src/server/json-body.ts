/** Routes that are told something in JSON; the bodies of all others are left to themselves (see app.ts). */
import type { FastifyInstance } from 'fastify';

const MOST_BYTES = 10_000;

export async function withJsonBody(app: FastifyInstance, addRoutes: (app: FastifyInstance) => void): Promise<void> {
  await app.register(async (scope) => {
    const parser = scope.getDefaultJsonParser('error', 'error');
    scope.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: MOST_BYTES }, parser);
    addRoutes(scope);
  });
}
