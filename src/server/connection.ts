/** The client at the other end: whether it still waits, and how its connection ends if it is still sending. */
import { setMaxListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its request may take as long as bytes come; the route sees to that. */
    readonly takesLong?: true;
    /** Its answer may take as long as its client takes of it. */
    readonly streams?: true;
  }
}

/** Go's net/http waits as long, for the same reason. */
export const LINGER_MS = 500;

/** So much is read sooner than a new connection is made. */
const SMALL_BYTES = 1_000_000;
const REST_MS = 5_000;

/**
 * The rest of such a request is not waited for, to use its connection again: it may take as long as its sender likes.
 * Only one who is to come back, `soon`, keeps it for a small request, whose rest is there at once as a rule: under a load
 * that is many times too much, new connections would be most of the work.
 */
export function endIfUnread(
  { raw }: FastifyRequest,
  reply: FastifyReply,
  soon: boolean,
  lingerMs: number = LINGER_MS,
): void {
  const hasBody = raw.headers['content-length'] !== undefined || raw.headers['transfer-encoding'] !== undefined;
  if (raw.complete || !hasBody) return;
  if (soon && Number(raw.headers['content-length']) < SMALL_BYTES) {
    const timer = setTimeout(() => raw.destroy(), REST_MS).unref();
    raw.once('close', () => clearTimeout(timer));
    return;
  }
  reply.header('Connection', 'close');
  // Node ends with destroySoon() the connection of an answer that has this header.
  raw.socket.destroySoon = () => endWith(raw.socket, '', lingerMs);
}

/**
 * Sends the last words, if any, and what was written before, and goes on reading for a moment, to no purpose: closing
 * over bytes that were not read resets the connection, and a client that is still sending would never see its answer.
 */
export function endWith(socket: Socket, lastWords = '', lingerMs: number = LINGER_MS): void {
  socket.end(lastWords);
  setTimeout(() => socket.destroy(), lingerMs).unref();
}

/**
 * Node tells of the end of a connection only the answer that was being sent. Those to the requests that came after it on the
 * same connection have to hear it too, or they hold for ever what they were to send.
 */
export function closeEveryAnswer(app: FastifyInstance): void {
  const answersOf = new WeakMap<Socket, Set<ServerResponse>>();
  app.server.on(connectionEvent(app), (socket: Socket) => {
    const answers = new Set<ServerResponse>();
    answersOf.set(socket, answers);
    socket.once('close', () =>
      // After Node has told the first.
      setImmediate(() => {
        for (const answer of answers) answer.destroy().emit('close');
      }),
    );
  });
  app.addHook('onRequest', async (request, { raw }) => {
    // Much listens to it, and the sending of a file more than once; Node would warn of more than ten.
    raw.setMaxListeners(30);
    const answers = answersOf.get(request.raw.socket)?.add(raw);
    raw.once('close', () => answers?.delete(raw));
  });
}

interface Idling {
  /** Still to be given. */
  answers: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Cuts a connection that has had its answers and brings no further request. Node waits anew with every byte, also those that
 * may stand before a request and are none (line ends), which a client could send for ever.
 */
export function limitIdling(app: FastifyInstance): void {
  const { server } = app;
  const idling = new WeakMap<Socket, Idling>();
  server.on(connectionEvent(app), (socket: Socket) => {
    const state: Idling = { answers: 0, timer: undefined };
    idling.set(socket, state);
    socket.once('close', () => clearTimeout(state.timer));
  });
  const begin = ({ socket }: IncomingMessage, answer: ServerResponse) => {
    const state = idling.get(socket);
    if (!state) return;
    clearTimeout(state.timer);
    state.answers += 1;
    answer.once('close', () => {
      state.answers -= 1;
      if (state.answers > 0 || socket.destroyed) return;
      // A request that begins at the last moment still has the time that it may take to arrive.
      const ms = server.keepAliveTimeout + server.headersTimeout;
      state.timer = setTimeout(() => socket.destroy(), ms).unref();
    });
  };
  // Fastify's hooks are not called for addresses that cannot be read.
  server.on('request', begin).on('checkExpectation', begin);
}

const connectionEvent = ({ server }: FastifyInstance) =>
  server instanceof TlsServer ? 'secureConnection' : 'connection';

/**
 * Node knows one time for all requests to arrive. It only tells of a connection that is late, so one whose request may take
 * long is left alone then.
 */
export function allowLongRequests(app: FastifyInstance, allowed: WeakSet<Socket>): void {
  app.addHook('onRequest', async ({ routeOptions, raw }) => {
    if (!routeOptions.config.takesLong) return;
    const { socket } = raw;
    allowed.add(socket);
    raw.once('close', () => allowed.delete(socket));
  });
}

/** Cuts the connection of a client that has asked, but does not take its answer: what waits for it takes memory. */
export function limitTaking(request: FastifyRequest, reply: FastifyReply, seconds: number): void {
  const cut = () => request.raw.socket.destroy();
  if (request.routeOptions.config.streams) cutWhenStuck(reply.raw, seconds, cut);
  else {
    const timer = setTimeout(cut, seconds * 1000).unref();
    reply.raw.once('close', () => clearTimeout(timer));
  }
}

/** Once nothing of what was written has been taken for so long. */
function cutWhenStuck(answer: ServerResponse, seconds: number, cut: () => void): void {
  let stuckSince: number | undefined;
  const look = () => {
    const isStuck = answer.writableNeedDrain || (answer.writableEnded && !answer.writableFinished);
    stuckSince = isStuck ? (stuckSince ?? performance.now()) : undefined;
    if (stuckSince !== undefined && performance.now() - stuckSince >= seconds * 1000) cut();
  };
  const timer = setInterval(look, 500).unref();
  answer.on('drain', () => {
    stuckSince = undefined;
  });
  answer.once('close', () => clearInterval(timer));
}

/** Aborts the work for a client that leaves before its answer. */
export function whileWaiting({ raw }: FastifyReply): AbortController {
  const work = new AbortController();
  // Each picture of the request listens; Node would warn of more than ten.
  setMaxListeners(0, work.signal);
  raw.once('close', () => {
    if (!raw.writableFinished) work.abort(new AppError('ABORTED', {}));
  });
  return work;
}
