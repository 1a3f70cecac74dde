/** A server that receives webhooks, and answers as it is told. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { tlsFile } from './mirror.js';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly port: number;
  readonly received: readonly Received[];
}

export interface ReceiverOptions {
  /** 204 if not given. */
  readonly answer?: (response: ServerResponse, request: Received) => unknown;
  /** With the certificate of tests/fixtures/tls, for hosts under example.org. */
  readonly tls?: boolean;
  readonly host?: string;
  readonly port?: number;
}

export async function startReceiver(t: Pick<TestContext, 'after'>, options: ReceiverOptions = {}): Promise<Receiver> {
  const { answer = (response) => response.writeHead(204).end(), tls = false, host = '127.0.0.1', port = 0 } = options;
  const received: Received[] = [];
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = request;
    const one = { method, path: url, headers, body: await text(request) };
    received.push(one);
    answer(response, one);
  };
  const server = tls
    ? https.createServer(
        { key: await readFile(tlsFile('server.key')), cert: await readFile(tlsFile('server.pem')) },
        listener,
      )
    : http.createServer(listener);
  server.listen(port, host);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, received };
}
