/** Whether the service runs (`/health`, `/livez`), and whether to send it requests (`/readyz`). */
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../errors.js';
import { statusAnswer } from '../contract.js';

export function healthRoutes(app: FastifyInstance, isDraining: () => boolean): void {
  const answering = (summary: string, more: { readonly byAnyName?: true } = {}) => ({
    config: { access: 'everyone', ...more } as const,
    schema: { summary, tags: ['Health'], response: { 200: statusAnswer } },
  });
  const ok = () => ({ status: 'ok' });
  app.get('/health', answering('The service runs.'), ok);
  app.get('/livez', answering('The service runs.', { byAnyName: true }), ok);
  const ready = answering('The service takes requests; 503 once it was asked to end.', { byAnyName: true });
  app.get('/readyz', ready, () => {
    if (isDraining()) throw new AppError('CLOSED', {});
    return ok();
  });
}
