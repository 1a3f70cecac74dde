/** From the first request to the end: what has begun is answered, and what comes too late is told so. */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Settings } from '../config.js';
import { AppError } from '../errors.js';
import { LINGER_MS } from './connection.js';

export interface Life {
  readonly isEnding: () => boolean;
  /** Aborted once new requests are refused: what would never end by itself ends. */
  readonly closing: AbortSignal;
  /**
   * Goes on for `drainSeconds`, while `/readyz` says that this is the end; then refuses new requests with CLOSED until
   * those that have begun are answered; cuts what is left after `shutdownSeconds`.
   */
  readonly end: () => Promise<void>;
}

export function createLife(app: FastifyInstance, settings: Pick<Settings, 'drainSeconds' | 'shutdownSeconds'>): Life {
  let state: 'running' | 'draining' | 'closing' = 'running';
  const closing = new AbortController();
  // Every stream listens; Node would warn of more than ten.
  setMaxListeners(0, closing.signal);
  const requests = countRequests(app);
  app.addHook('onRequest', async ({ routeOptions }) => {
    if (state === 'closing' && routeOptions.config.access !== 'everyone') throw new AppError('CLOSED', {});
  });

  async function end(): Promise<void> {
    state = 'draining';
    await sleep(settings.drainSeconds * 1000);
    state = 'closing';
    closing.abort();
    const inTime = await within(settings.shutdownSeconds * 1000, requests.answered());
    // Those that were refused while they sent are given a moment to read their answer.
    const cut = setTimeout(() => app.server.closeAllConnections(), inTime ? LINGER_MS : 0);
    await app.close();
    clearTimeout(cut);
  }

  return { isEnding: () => state !== 'running', closing: closing.signal, end };
}

/** Whether it is done by then. */
async function within(ms: number, work: Promise<void>): Promise<boolean> {
  const over = new AbortController();
  const late = sleep(ms, false, { signal: over.signal }).catch(() => false);
  const inTime = await Promise.race([work.then(() => true), late]);
  over.abort();
  return inTime;
}

/** Counts requests from their head to the end of their answer. */
function countRequests(app: FastifyInstance) {
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
    /** Resolves when there is none. */
    answered: () => new Promise<void>((resolve) => (count === 0 ? resolve() : void waiting.push(resolve))),
  };
}
