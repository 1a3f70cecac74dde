/** Answers of any length, made as fast as their client takes them. */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { whileWaiting } from '../connection.js';

/** Ended when the client leaves, or with `closing`. */
export function streamSignal(reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const work = whileWaiting(reply);
  const end = () => work.abort();
  closing.addEventListener('abort', end);
  reply.raw.once('close', () => closing.removeEventListener('abort', end));
  if (closing.aborted) end();
  return work.signal;
}

/** Each piece is asked for when the one before is on its way. */
export function sendStream(
  { method }: FastifyRequest,
  reply: FastifyReply,
  type: string,
  pieces: AsyncIterable<string>,
): FastifyReply {
  reply.type(type);
  // Fastify would read the whole answer to a HEAD request, to no purpose.
  return reply.send(Readable.from(method === 'HEAD' ? [] : pieces, { objectMode: false, highWaterMark: 1 }));
}
