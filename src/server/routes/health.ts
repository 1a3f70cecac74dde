/** `GET /health`: the service runs. */
import type { FastifyInstance } from 'fastify';

export function healthRoute(app: FastifyInstance): void {
  app.get('/health', () => ({ status: 'ok' }));
}
