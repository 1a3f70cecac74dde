/** The server for HTTPS, which also tells those who come without it what to do. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { FastifyServerFactory } from 'fastify';
import { AppError } from '../errors.js';
import { hostName } from './access.js';
import { inUrl } from './addresses.js';
import type { CertificateAndKey } from './certificate/certificate.js';
import { endWith } from './connection.js';
import { refusalOf } from './refusals.js';

/** The first byte of every TLS connection: its handshake (RFC 8446, 5.1). */
const HANDSHAKE = 0x16;

/** Supervisors, such as the health check of a container, ask without HTTPS, and what they are told helps nobody else. */
const PROBES = new Set(['/livez', '/readyz']);

/** Even a slow phone has shaken hands sooner. */
const PATIENCE_MS = 10_000;

export interface SecureOptions extends http.ServerOptions {
  /** For a request to arrive, in milliseconds. */
  readonly requestTimeout: number;
}

/** Makes the server that Fastify listens with. */
export function secureServer(
  certificate: CertificateAndKey,
  options: SecureOptions,
): FastifyServerFactory<http.Server> {
  return (answer, { keepAliveTimeout }) =>
    createSecureServer(answer, certificate, { ...options, keepAliveTimeout: Number(keepAliveTimeout) });
}

function createSecureServer(
  answer: http.RequestListener,
  certificate: CertificateAndKey,
  options: SecureOptions,
): http.Server {
  const patience = Math.min(options.requestTimeout, PATIENCE_MS);
  const tls = { cert: certificate.certificate, key: certificate.key, handshakeTimeout: patience };
  const server = https.createServer({ ...options, ...tls }, answer);
  // Node would have the HTTP server answer it, in the clear.
  server.removeAllListeners('tlsClientError').on('tlsClientError', (_error, socket) => socket.destroy());
  const plain = http.createServer(options, (request, response) =>
    PROBES.has(request.url ?? '') ? answer(request, response) : sendAway(request, response),
  );
  plain.on('clientError', (error, socket) => server.emit('clientError', error, socket));
  const [startTls] = server.listeners('connection');
  const connections = new Set<Socket>();

  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket)).on('error', () => socket.destroy());
    const late = setTimeout(() => socket.destroy(), patience).unref();
    socket.once('close', () => clearTimeout(late));
    socket.once('readable', () => {
      const first: Buffer | null = socket.read(1);
      if (first === null) return void socket.destroy();
      socket.unshift(first);
      if (first[0] !== HANDSHAKE) return void plain.emit('connection', socket);
      clearTimeout(late);
      startTls?.call(server, socket);
    });
  });

  // Node's forgets those that have not become secure.
  const closeSecure = server.closeAllConnections.bind(server);
  server.closeAllConnections = () => {
    closeSecure();
    for (const socket of connections) socket.destroy();
  };
  return server;
}

/** A browser goes on with HTTPS by itself; others are told to. */
function sendAway(request: IncomingMessage, response: ServerResponse): void {
  const { socket, method = '', url = '/', headers } = request;
  const { localAddress = 'localhost', localPort } = socket;
  const host = hostName(headers.host ?? '') ? headers.host : `${inUrl(localAddress)}:${localPort}`;
  const body = JSON.stringify(refusalOf(new AppError('HTTPS_REQUIRED', { url: `https://${host}` })));
  const goesOn = ['GET', 'HEAD'].includes(method) && url.startsWith('/');
  // As in refusals: the answer is to be seen also by those who are still sending.
  socket.destroySoon = () => endWith(socket);
  response.writeHead(goesOn ? 307 : 426, {
    ...{ 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(body) },
    ...{ 'Cache-Control': 'no-store', Connection: 'close' },
    ...(goesOn
      ? { Location: `https://${host}${url}` }
      : { Upgrade: 'TLS/1.2, HTTP/1.1', Connection: 'close, upgrade' }),
  });
  response.end(method === 'HEAD' ? undefined : body);
}
