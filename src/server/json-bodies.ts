/** Routes whose bodies are JSON: the others leave them unread, or read them in their own way. */
import type { FastifyInstance } from 'fastify';

const MOST_BYTES = 10_000;

/** Routes that `add` adds take a body of at most 10 kB of JSON. */
export async function withJsonBodies(app: FastifyInstance, add: (app: FastifyInstance) => void): Promise<void> {
  await app.register(async (inner) => {
    inner.addContentTypeParser(
      'application/json',
      { parseAs: 'string', bodyLimit: MOST_BYTES },
      inner.getDefaultJsonParser('error', 'error'),
    );
    add(inner);
  });
}
