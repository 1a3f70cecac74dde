/** HTTP as bytes: whole requests made beforehand, and what comes back. Cheap enough to send thousands a second. */
import net from 'node:net';

export interface WireAnswer {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const BOUNDARY = 'a-boundary-of-the-proofs';

/** An upload of one picture to `POST /predict`, as a browser sends it. */
export function uploadOf(picture: Uint8Array): Buffer {
  const part = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="picture"\r\nContent-Type: image/jpeg\r\n\r\n`;
  const form = Buffer.concat([Buffer.from(part), picture, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
  return Buffer.concat([Buffer.from(uploadHead(form.length)), form]);
}

/** The head of such an upload. */
export const uploadHead = (length: number): string =>
  `POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: ${length}\r\n\r\n`;

export const requestFor = (target: string): Buffer => Buffer.from(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);

/** The first answer in what was received and what follows it; undefined until it is whole. */
export function takeAnswer(received: Buffer): { readonly answer: WireAnswer; readonly rest: Buffer } | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = received.toString('latin1', 0, end).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
  if (!status) throw new Error(`no answer, but ${JSON.stringify(statusLine.slice(0, 80))}`);
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const length = status < 200 || status === 204 || status === 304 ? 0 : Number(headers['content-length'] ?? 0);
  const bodyAt = end + 4;
  if (received.length < bodyAt + length) return undefined;
  const body = received.subarray(bodyAt, bodyAt + length);
  return { answer: { status, headers, body }, rest: received.subarray(bodyAt + length) };
}

export interface Lane {
  /** Sends a whole request; the answer, or an error if the connection ends without one. One at a time. */
  readonly ask: (request: Buffer) => Promise<WireAnswer>;
  /** Whether another request may follow. */
  readonly reusable: () => boolean;
  readonly close: () => void;
}

/** A connection that keeps to one request at a time, as HTTP clients do. */
export function openLane(port: number): Lane {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  let received: Buffer = Buffer.alloc(0);
  let usable = true;
  let waiting: { resolve: (answer: WireAnswer) => void; reject: (error: Error) => void } | undefined;

  function fail(error: Error): void {
    usable = false;
    waiting?.reject(error);
    waiting = undefined;
    socket.destroy();
  }
  socket.on('error', fail);
  socket.on('end', () => fail(new Error('the connection ended without an answer')));
  socket.on('close', () => fail(new Error('the connection closed without an answer')));
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    try {
      const found = takeAnswer(received);
      if (!found || !waiting) return;
      received = found.rest;
      const { resolve } = waiting;
      waiting = undefined;
      if (/close/i.test(found.answer.headers.connection ?? '')) fail(new Error('closed'));
      resolve(found.answer);
    } catch (error) {
      fail(error as Error);
    }
  });

  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    reusable: () => usable,
    close: () => void socket.destroy(),
  };
}
