/** A server of files that can misbehave as real ones do, and a proxy to reach it by other names. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fixtures } from './paths.js';

/** What is done with one request instead of serving the file as it is. */
export interface Misbehaviour {
  readonly status?: number;
  readonly redirectTo?: string;
  /** Served instead of the file. */
  readonly content?: Buffer;
  readonly gzip?: boolean;
  readonly ignoreRange?: boolean;
  /** No Content-Length, but chunks. */
  readonly noLength?: boolean;
  /** By how much Content-Length is too great. */
  readonly lengthOff?: number;
  /** The connection breaks after so many bytes of the body. */
  readonly cutAfter?: number;
  /** Nothing more comes after so many bytes of the body, until `resume`. */
  readonly stallAfter?: number;
  readonly resume?: Promise<unknown>;
  /** Milliseconds after each piece of 64 KiB. */
  readonly slowMs?: number;
}

export interface MirrorRequest {
  readonly path: string;
  readonly host: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  /** Bytes of the body that were handed to the connection. */
  sent: number;
}

export interface Mirror {
  /** With a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly requests: MirrorRequest[];
}

export interface MirrorOptions {
  /** By the name in the last part of the path. */
  readonly files: Readonly<Record<string, Buffer>>;
  /** `count` is 1 for the first request. */
  readonly misbehave?: (request: MirrorRequest, count: number) => Misbehaviour | undefined;
  /** With the certificate of tests/fixtures/tls. */
  readonly tls?: boolean;
  readonly etags?: boolean;
}

export const tlsFile = (name: string): string => path.join(fixtures, 'tls', name);

export async function startMirror(t: Pick<TestContext, 'after'>, options: MirrorOptions): Promise<Mirror> {
  const requests: MirrorRequest[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const { range, host, 'if-range': ifRange } = request.headers;
    const seen: MirrorRequest = {
      path: request.url ?? '',
      host: host ?? '',
      range,
      ifRange: ifRange?.toString(),
      sent: 0,
    };
    requests.push(seen);
    const file = options.files[path.posix.basename(new URL(seen.path, 'http://x').pathname)];
    const how = options.misbehave?.(seen, requests.length) ?? {};
    void answer(response, seen, file, how, options.etags ?? true).catch(() => response.destroy());
  };
  const server = options.tls
    ? https.createServer(
        { key: await readFile(tlsFile('server.key')), cert: await readFile(tlsFile('server.pem')) },
        listener,
      )
    : http.createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}/`, port, requests };
}

async function answer(
  response: ServerResponse,
  seen: MirrorRequest,
  file: Buffer | undefined,
  how: Misbehaviour,
  etags: boolean,
): Promise<void> {
  if (how.redirectTo !== undefined) return redirect(response, how.redirectTo, how);
  if (how.status !== undefined) return void response.writeHead(how.status).end('no');
  const whole = how.content ?? file;
  if (whole === undefined) return void response.writeHead(404).end('no such file');
  const head = etags ? { etag: etagOf(whole) } : {};
  if (how.gzip) return void response.writeHead(200, { ...head, 'content-encoding': 'gzip' }).end(gzipSync(whole));
  const start = how.ignoreRange ? undefined : rangeStart(seen, etagOf(whole));
  if (start !== undefined && start >= whole.length)
    return void response.writeHead(416, { 'content-range': `bytes */${whole.length}` }).end();
  const body = whole.subarray(start);
  response.writeHead(start === undefined ? 200 : 206, {
    ...head,
    ...(how.noLength ? {} : { 'content-length': body.length + (how.lengthOff ?? 0) }),
    ...(start === undefined ? {} : { 'content-range': `bytes ${start}-${whole.length - 1}/${whole.length}` }),
  });
  await send(response, seen, body, how);
}

function redirect(response: ServerResponse, location: string, { status = 302, stallAfter }: Misbehaviour): void {
  response.writeHead(status, { location }).write('elsewhere');
  if (stallAfter === undefined) response.end();
}

const etagOf = (content: Buffer): string => `"${createHash('sha256').update(content).digest('hex').slice(0, 16)}"`;

/** Where the rest begins that is asked for, if the condition holds. */
function rangeStart({ range, ifRange }: MirrorRequest, etag: string): number | undefined {
  const [, start] = /^bytes=(\d+)-$/.exec(range ?? '') ?? [];
  return start !== undefined && (ifRange === undefined || ifRange === etag) ? Number(start) : undefined;
}

const PIECE = 65_536;

async function send(
  response: ServerResponse,
  seen: MirrorRequest,
  body: Buffer,
  { cutAfter, stallAfter, resume, slowMs = 0, lengthOff = 0 }: Misbehaviour,
): Promise<void> {
  const stop = Math.min(cutAfter ?? stallAfter ?? body.length, body.length);
  const write = async (from: number, to: number) => {
    for (let at = from; at < to && !response.destroyed; at += PIECE) {
      const piece = body.subarray(at, Math.min(at + PIECE, to));
      seen.sent += piece.length;
      await new Promise((resolve) => response.write(piece, resolve));
      if (slowMs > 0) await new Promise((resolve) => setTimeout(resolve, slowMs));
    }
  };
  await write(0, stop);
  if (stallAfter !== undefined) {
    await (resume ?? once(response, 'close'));
    await write(stop, body.length);
    response.end();
  } else if (stop < body.length || lengthOff > 0) response.socket?.end();
  else response.end();
}

export interface Proxy {
  readonly url: string;
  /** Where it was asked to connect to, as `host:port`. */
  readonly targets: string[];
  readonly authorizations: (string | undefined)[];
}

/** A proxy that leads every host to the same port of this machine, or refuses with a status. */
export async function startProxy(
  t: Pick<TestContext, 'after'>,
  lead: { readonly toPort: number } | { readonly status: number },
): Promise<Proxy> {
  const targets: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const sockets = new Set<net.Socket>();
  const server = http.createServer((_request, response) => void response.writeHead(501).end());
  server.on('connect', (request: IncomingMessage, client: net.Socket, head: Buffer) => {
    targets.push(request.url ?? '');
    authorizations.push(request.headers['proxy-authorization']);
    client.on('error', () => undefined);
    if ('status' in lead) return void client.end(`HTTP/1.1 ${lead.status} No\r\n\r\n`);
    const upstream = net.connect(lead.toPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      client.pipe(upstream).pipe(client);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, targets, authorizations };
}
