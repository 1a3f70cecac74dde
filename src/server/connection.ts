/** The client at the other end: whether it still waits, and how its connection ends if it is still sending. */
import { setMaxListeners } from 'node:events';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Go's net/http waits as long, for the same reason. */
export const LINGER_MS = 500;

/** The rest of such a request is not waited for, to use its connection again: it may take as long as its sender likes. */
export function endIfUnread({ raw }: FastifyRequest, reply: FastifyReply): void {
  const hasBody = raw.headers['content-length'] !== undefined || raw.headers['transfer-encoding'] !== undefined;
  if (raw.complete || !hasBody) return;
  reply.header('Connection', 'close');
  // Node ends with destroySoon() the connection of an answer that has this header.
  raw.socket.destroySoon = () => endWith(raw.socket);
}

/**
 * Sends the last words, if any, and what was written before, and goes on reading for a moment, to no purpose: closing
 * over bytes that were not read resets the connection, and a client that is still sending would never see its answer.
 */
export function endWith(socket: Socket, lastWords = ''): void {
  socket.end(lastWords);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** Aborts the work for a client that leaves before its answer. */
export function whileWaiting({ raw }: FastifyReply): AbortController {
  const work = new AbortController();
  // Each picture of the request listens; Node would warn of more than ten.
  setMaxListeners(0, work.signal);
  raw.once('close', () => {
    if (!raw.writableFinished) work.abort();
  });
  return work;
}
