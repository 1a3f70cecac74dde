/** Every refusal is `{"error": sentence, "code": CODE}`, also where Fastify and Node have words of their own. */
import { maxHeaderSize, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError, type ErrorDetails, toAppError } from '../errors.js';
import { endIfUnread, endWith } from './connection.js';
import type { AnswerOf, refusal } from './contract.js';

/** Tells the operator what the service failed at, with what clients are not told. `route` is like `POST /predict`. */
export type OnError = (error: AppError, route: string) => void;

export function refuse(thrown: unknown, request: FastifyRequest, reply: FastifyReply, onError: OnError): FastifyReply {
  const error = fromFastify(thrown);
  if (error.http >= 500) onError(error, `${request.method} ${request.routeOptions.url ?? 'elsewhere'}`);
  const seconds = retryAfter(error);
  if (seconds !== undefined) reply.header('Retry-After', String(seconds));
  if (error.code === 'UNAUTHORIZED') reply.header('WWW-Authenticate', 'Bearer');
  endIfUnread(request, reply, error.code === 'QUEUE_FULL' || error.code === 'RATE_LIMITED');
  reply.refusedWith = error.code;
  return reply.code(error.http).send(refusalOf(error));
}

/** When it is worth to come back; a service that closes is usually back soon. */
function retryAfter({ code, details }: AppError): number | undefined {
  if (code === 'CLOSED') return 5;
  return 'seconds' in details && ['QUEUE_FULL', 'RATE_LIMITED', 'MODELS_BUSY'].includes(code)
    ? details.seconds
    : undefined;
}

/** What a client is told of an error. */
export const refusalOf = (error: AppError) => bodyOf(forClient(error));

export const notFound = ({ method, url }: FastifyRequest): AppError =>
  new AppError('NOT_FOUND', { path: `${method} ${url.split('?')[0]}` });

/** Refuses what is no request, or has not become one in time: Node has only a connection for it. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket, timeoutSeconds: number): void {
  if (!socket.writable) return;
  const found = fromNode(error, timeoutSeconds);
  const body = JSON.stringify(bodyOf(found));
  const head = [
    `HTTP/1.1 ${found.http} ${STATUS_CODES[found.http]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  endWith(socket, `${head.join('\r\n')}\r\n\r\n${body}`);
}

const bodyOf = ({ message, code }: AppError): AnswerOf<typeof refusal> => ({ error: message, code });

/** Reasons and paths are for the operator. */
function forClient(error: AppError): AppError {
  const reason = 'the service has told its operator why';
  if (error.http === 500) return new AppError('INTERNAL', { reason });
  if (error.code === 'WORKER_FAILED') return new AppError('WORKER_FAILED', { reason });
  if (error.code === 'QUEUE_UNAVAILABLE') return new AppError('QUEUE_UNAVAILABLE', { queue: 'their place', reason });
  if (error.code === 'DISK_FULL') {
    const { needed, free } = error.details as ErrorDetails<'DISK_FULL'>;
    return new AppError('DISK_FULL', { folder: 'the data directory', needed, free });
  }
  return error;
}

/** Fastify's own refusals are the caller's mistakes; their status says so. */
function fromFastify(thrown: unknown): AppError {
  const isMistake = thrown instanceof Error && 'statusCode' in thrown && Number(thrown.statusCode) < 500;
  if (!isMistake || thrown instanceof AppError) return toAppError(thrown);
  return new AppError('REQUEST_INVALID', {
    problem: `Expected a request that can be read, but it cannot (${thrown.message}). Correct it; see /docs.`,
  });
}

/** What Node says of a connection whose request has not arrived in time. */
export const LATE = 'ERR_HTTP_REQUEST_TIMEOUT';

function fromNode({ code, message }: NodeJS.ErrnoException, timeoutSeconds: number): AppError {
  if (code === LATE) return new AppError('UPLOAD_TIMEOUT', { seconds: timeoutSeconds });
  if (code === 'HPE_HEADER_OVERFLOW') return new AppError('HEADERS_TOO_LARGE', { limit: maxHeaderSize });
  return new AppError('REQUEST_INVALID', {
    problem: `Expected an HTTP request, but it cannot be read (${message}). Send it again with another client.`,
  });
}
