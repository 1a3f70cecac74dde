/** HTTP as it is on the wire, where a test has to decide what is sent when. */
import net from 'node:net';
import type { TestContext } from 'node:test';
import tls from 'node:tls';
import { until } from './timing.js';

export interface Part {
  readonly field: string;
  readonly content: Uint8Array | string;
  readonly filename?: string;
  readonly type?: string;
}

const BOUNDARY = 'a-boundary-of-the-tests';

/** A form as a client sends it. */
export function multipart(...parts: readonly Part[]): { headers: Record<string, string>; payload: Buffer } {
  const pieces = parts.flatMap(({ field, content, filename, type }) => [
    Buffer.from(
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"${filename === undefined ? '' : `; filename="${filename}"`}\r\n`,
    ),
    Buffer.from(`${type === undefined ? '' : `Content-Type: ${type}\r\n`}\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    payload: Buffer.concat([...pieces, Buffer.from(`--${BOUNDARY}--\r\n`)]),
  };
}

export const image = (content: Uint8Array | string, filename = 'picture.png', type = 'image/png'): Part => ({
  field: 'image',
  content,
  filename,
  type,
});

/** The head of an upload: of so many bytes, or of chunks that say their own length. */
export const uploadHead = (
  length: number | 'chunked',
  path = '/predict',
  type = `multipart/form-data; boundary=${BOUNDARY}`,
): string =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    `Content-Type: ${type}`,
    length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`,
    '\r\n',
  ].join('\r\n');

/** How the form begins whose only field is a picture. */
export const pictureHead = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n`;

export const chunk = (content: Uint8Array | string): Buffer =>
  Buffer.concat([
    Buffer.from(`${Buffer.byteLength(content).toString(16)}\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);

export interface Answer {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Connection {
  readonly send: (...pieces: readonly (Uint8Array | string)[]) => void;
  /** The next answer. */
  readonly answer: (ms?: number) => Promise<Answer>;
  /** Whether the server has ended the connection. */
  readonly ended: () => boolean;
  /** Whether it was cut while it was being used. */
  readonly wasReset: () => boolean;
  /** Leaves without a word. */
  readonly leave: () => void;
}

/** With the certificate that the server has to prove its name with, a connection is a secure one. */
export async function connectTo(
  t: Pick<TestContext, 'after'>,
  port: number,
  certificate?: string,
): Promise<Connection> {
  const place = { port, host: '127.0.0.1', allowHalfOpen: true };
  const socket = certificate === undefined ? net.connect(place) : tls.connect({ ...place, ca: certificate });
  t.after(() => socket.destroy());
  let received = '';
  let ended = false;
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
  });
  socket.on('end', () => {
    ended = true;
  });
  let reset = false;
  // A server that has answered may close while the rest is still being sent.
  socket.on('error', () => {
    reset = true;
  });
  const connected = certificate === undefined ? 'connect' : 'secureConnect';
  await new Promise((resolve, reject) => socket.once(connected, resolve).once('error', reject));

  async function answer(ms?: number): Promise<Answer> {
    let next: readonly [Answer, string] | undefined;
    await until(
      'an answer',
      () => {
        next = parseAnswer(received);
        return next !== undefined;
      },
      ms,
    );
    const [first, rest] = next as readonly [Answer, string];
    received = rest;
    return first;
  }

  return {
    send: (...pieces) => {
      for (const piece of pieces) socket.write(piece);
    },
    answer,
    ended: () => ended,
    wasReset: () => reset,
    leave: () => socket.destroy(),
  };
}

function parseAnswer(text: string): readonly [Answer, string] | undefined {
  const [head, ...after] = text.split('\r\n\r\n');
  const [statusLine, ...lines] = (head as string).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  const body = after.join('\r\n\r\n');
  const length = Number(headers['content-length'] ?? 0);
  if (after.length === 0 || body.length < length) return undefined;
  const status = Number((statusLine as string).split(' ')[1]);
  return [{ status, headers, body: Buffer.from(body.slice(0, length), 'latin1').toString() }, body.slice(length)];
}
