/** Requests as no client should send them, byte for byte. */
import { requestFor, uploadOf } from './wire.js';

export interface RawRequest {
  readonly what: string;
  readonly bytes: Buffer;
  /** Statuses that are right; by default any of the 400s, or a connection that is closed. */
  readonly expected?: readonly (number | 'closed')[];
}

const line = (text: string) => text.replaceAll('\n', '\r\n');
const head = (first: string, headers: string, body: string | Buffer = '') =>
  Buffer.concat([Buffer.from(`${first}\r\n${line(headers)}\r\n`), Buffer.from(body)]);
const HOST = 'Host: 127.0.0.1\n';
const FORM = `${HOST}Content-Type: multipart/form-data; boundary=b\n`;
const post = (headers: string, body: string | Buffer = '') => head('POST /predict HTTP/1.1', headers, body);
const get = (target: string, headers = HOST) => head(`GET ${target} HTTP/1.1`, headers);
const part = (disposition: string, content: string | Buffer, more = '') =>
  Buffer.concat([
    Buffer.from(`--b\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
const END = Buffer.from('--b--\r\n');
const form = (...parts: readonly Buffer[]) => {
  const body = Buffer.concat([...parts, END]);
  return post(`${FORM}Content-Length: ${body.length}\n`, body);
};
/** A form in one chunk, and what comes after it. */
const chunked = (
  headers: string,
  body: Buffer,
  size: (bytes: number) => string = (bytes) => bytes.toString(16),
  trailers = '',
) => {
  const pieces = [Buffer.from(`${size(body.length)}\r\n`), body, Buffer.from(`\r\n0\r\n${trailers}\r\n`)];
  return post(`${FORM}${headers}`, Buffer.concat(pieces));
};

/** Each with what is wrong with it; `picture` is a valid one. */
export function rawRequests(picture: Buffer): RawRequest[] {
  const image = part('name="image"; filename="x.png"', picture);
  const whole = Buffer.concat([image, END]);
  const named = (name: string): Buffer => form(part(`name="image"; filename="${name}"`, picture));
  const ok = { expected: [200] };
  const either = { expected: [200, 400, 'closed'] as const };
  return [
    // Content types.
    { what: 'no content type', bytes: post(`${HOST}Content-Length: 4\n`, 'abcd') },
    {
      what: 'a form of another type',
      bytes: post(`${HOST}Content-Type: application/x-www-form-urlencoded\nContent-Length: 9\n`, 'image=abc'),
    },
    { what: 'JSON', bytes: post(`${HOST}Content-Type: application/json\nContent-Length: 2\n`, '{}') },
    {
      what: 'a form without a boundary',
      bytes: post(`${HOST}Content-Type: multipart/form-data\nContent-Length: 4\n`, 'abcd'),
    },
    {
      what: 'a boundary of 10,000 letters',
      bytes: post(
        `${HOST}Content-Type: multipart/form-data; boundary=${'x'.repeat(10_000)}\nContent-Length: 4\n`,
        'abcd',
      ),
    },
    {
      what: 'an empty boundary',
      bytes: post(`${HOST}Content-Type: multipart/form-data; boundary=""\nContent-Length: 4\n`, 'abcd'),
    },
    {
      what: 'two content types',
      bytes: post(`${FORM}Content-Type: text/plain\nContent-Length: ${whole.length}\n`, whole),
      ...either,
    },
    {
      what: 'a text as picture',
      bytes: form(part('name="image"; filename="x.png"', 'no picture', 'Content-Type: image/png\r\n')),
    },
    {
      what: 'a bare picture of another type',
      bytes: head('POST /api/v1/classify HTTP/1.1', `${HOST}Content-Type: text/html\nContent-Length: 4\n`, 'abcd'),
    },
    // Fields.
    { what: 'an empty form', bytes: form() },
    { what: 'a form that does not end', bytes: post(`${FORM}Content-Length: ${image.length}\n`, image) },
    { what: 'another field only', bytes: form(part('name="picture"; filename="x.png"', picture)) },
    { what: 'a field without a name', bytes: form(part('filename="x.png"', picture)) },
    { what: 'a field that is no file', bytes: form(part('name="image"', picture)) },
    { what: 'the field twice', bytes: form(image, image), ...ok },
    {
      what: '10,000 parts',
      bytes: form(...Array.from({ length: 10_000 }, (_, i) => part(`name="f${i}"`, 'x')), image),
    },
    {
      what: '10,000 pictures for one',
      bytes: head(
        'POST /api/v1/classify HTTP/1.1',
        `${FORM}Content-Length: 1000000\n`,
        Buffer.concat(Array.from({ length: 10_000 }, () => part('name="image"; filename="x"', 'x'))).subarray(
          0,
          1_000_000,
        ),
      ),
    },
    {
      what: 'a part with 200 headers',
      bytes: form(part('name="image"; filename="x"', picture, 'X-Header: x\r\n'.repeat(200))),
      ...either,
      expected: [200, 400],
    },
    {
      what: 'a part with a header of 100 kB',
      bytes: form(part('name="image"; filename="x"', picture, `X-Header: ${'x'.repeat(100_000)}\r\n`)),
      expected: [200, 400],
    },
    {
      what: 'a field name of 100 kB',
      bytes: form(part(`name="${'x'.repeat(100_000)}"`, 'x'), image),
      expected: [200, 400],
    },
    // File names.
    { what: 'a path as file name', bytes: named('../../../../etc/passwd'), ...ok },
    { what: 'a Windows path as file name', bytes: named('C:\\Windows\\system32\\x'), ...ok },
    { what: 'control characters in a file name', bytes: named('\x1b[31m\x07\x00x'), expected: [200, 400] },
    {
      what: 'an encoded file name',
      bytes: form(part('name="image"; filename*=UTF-8\'\'%00%2e%2e%2f', picture)),
      expected: [200, 400],
    },
    {
      what: 'a badly encoded file name',
      bytes: form(part('name="image"; filename*=nonsense\'\'%zz', picture)),
      expected: [200, 400],
    },
    {
      what: 'a name like that of a method',
      bytes: form(part('name="__proto__"; filename="x"', picture), part('name="constructor"', 'x')),
    },
    // Lengths.
    { what: 'a length that is too short', bytes: post(`${FORM}Content-Length: ${whole.length - 10}\n`, whole) },
    { what: 'a negative length', bytes: post(`${FORM}Content-Length: -1\n`, whole) },
    { what: 'a huge length', bytes: post(`${FORM}Content-Length: 99999999999999999999\n`, whole) },
    { what: 'a length of a terabyte', bytes: post(`${FORM}Content-Length: 1000000000000\n`, whole) },
    { what: 'a length in words', bytes: post(`${FORM}Content-Length: many\n`, whole) },
    { what: 'a length with a sign', bytes: post(`${FORM}Content-Length: +${whole.length}\n`, whole) },
    { what: 'two lengths', bytes: post(`${FORM}Content-Length: ${whole.length}\nContent-Length: 3\n`, whole) },
    { what: 'a list of lengths', bytes: post(`${FORM}Content-Length: ${whole.length}, ${whole.length}\n`, whole) },
    // Smuggling.
    {
      what: 'a length and chunks',
      bytes: chunked(`Content-Length: ${whole.length}\nTransfer-Encoding: chunked\n`, whole),
    },
    { what: 'chunks and a length', bytes: chunked('Transfer-Encoding: chunked\nContent-Length: 3\n', whole) },
    {
      what: 'chunked twice',
      bytes: chunked('Transfer-Encoding: chunked\nTransfer-Encoding: chunked\n', whole),
      ...either,
    },
    { what: 'chunked and then something', bytes: chunked('Transfer-Encoding: chunked, identity\n', whole) },
    { what: 'an unknown coding', bytes: chunked('Transfer-Encoding: xchunked\n', whole) },
    { what: 'a coding after a tab', bytes: chunked('Transfer-Encoding:\tchunked\n', whole), ...either },
    { what: 'a space before the colon', bytes: chunked('Transfer-Encoding : chunked\n', whole) },
    { what: 'a folded header', bytes: chunked('Transfer-Encoding:\n chunked\n', whole), ...either },
    { what: 'a header that ends with a bare line feed', bytes: Buffer.from('GET /health HTTP/1.1\nHost: x\n\n') },
    { what: 'a header with a bare carriage return', bytes: get('/health', `${HOST}X: a\rb\n`) },
    { what: 'a null byte in a header', bytes: get('/health', `${HOST}X: a\0b\n`) },
    { what: 'a header without a colon', bytes: get('/health', `${HOST}nonsense\n`) },
    { what: 'a header without a name', bytes: get('/health', `${HOST}: x\n`) },
    // Chunks.
    {
      what: 'extensions of a chunk',
      bytes: chunked('Transfer-Encoding: chunked\n', whole, (bytes) => `${bytes.toString(16)};a=b;c="d"`),
      expected: [200, 'closed'],
    },
    {
      what: 'an extension of 100 kB',
      bytes: chunked('Transfer-Encoding: chunked\n', whole, (bytes) => `${bytes.toString(16)};${'x'.repeat(100_000)}`),
    },
    {
      what: 'trailers',
      bytes: chunked('Transfer-Encoding: chunked\nTrailer: X\n', whole, undefined, 'X: y\r\n'),
      expected: [200],
    },
    {
      what: 'a length after the body',
      bytes: chunked('Transfer-Encoding: chunked\n', whole, undefined, 'Content-Length: 3\r\n'),
      ...either,
    },
    { what: 'a chunk length that is none', bytes: chunked('Transfer-Encoding: chunked\n', whole, () => 'nonsense') },
    { what: 'a chunk length that is negative', bytes: chunked('Transfer-Encoding: chunked\n', whole, () => '-5') },
    {
      what: 'a chunk length of 20 digits',
      bytes: chunked('Transfer-Encoding: chunked\n', whole, () => 'f'.repeat(20)),
    },
    { what: 'a chunk that is longer than it says', bytes: chunked('Transfer-Encoding: chunked\n', whole, () => '5') },
    // Heads.
    { what: 'a header of 20 kB', bytes: get('/health', `${HOST}X: ${'x'.repeat(20_000)}\n`) },
    { what: '3,000 headers', bytes: get('/health', `${HOST}${'X-Some: some\n'.repeat(3_000)}`) },
    { what: 'an address of 20 kB', bytes: get(`/${'x'.repeat(20_000)}`) },
    { what: 'no host', bytes: get('/health', '') },
    { what: 'two hosts', bytes: get('/health', `${HOST}Host: evil.example\n`), expected: [200, 400, 403] },
    { what: 'a foreign host', bytes: get('/health', 'Host: evil.example\n') },
    { what: 'a host with an address before it', bytes: get('/health', 'Host: 127.0.0.1@evil.example\n') },
    { what: 'a host with a null byte', bytes: get('/health', 'Host: 127.0.0.1\0.evil\n') },
    {
      what: 'a foreign page',
      bytes: post(`${FORM}Origin: https://evil.example\nContent-Length: ${whole.length}\n`, whole),
    },
    { what: 'a page without an origin', bytes: post(`${FORM}Origin: null\nContent-Length: ${whole.length}\n`, whole) },
    {
      what: 'a foreign page that asks first',
      bytes: head(
        'OPTIONS /predict HTTP/1.1',
        `${HOST}Origin: https://evil.example\nAccess-Control-Request-Method: POST\n`,
      ),
    },
    {
      what: 'an expectation that is met',
      bytes: post(`${FORM}Expect: 100-continue\nContent-Length: ${whole.length}\n`, whole),
      expected: [100, 200],
    },
    {
      what: 'an unknown expectation',
      bytes: post(`${FORM}Expect: a-miracle\nContent-Length: ${whole.length}\n`, whole),
      expected: [200, 417],
    },
    // Targets and methods.
    { what: 'a bad percent escape', bytes: get('/%zz') },
    { what: 'a percent escape that is no text', bytes: get('/%ff%fe') },
    { what: 'an encoded null byte', bytes: get('/api/v1/models/%00') },
    { what: 'an encoded path', bytes: get('/docs/static/%2e%2e%2f%2e%2e%2fpackage.json') },
    { what: 'a path upwards', bytes: get('/docs/static/../../../../etc/passwd') },
    { what: 'a bad escape in the query', bytes: get('/api/v1/labels?model=%zz') },
    { what: 'the same parameter twice', bytes: get('/api/v1/labels?model=a&model=b') },
    { what: 'a null byte in the address', bytes: get('/hea\0lth') },
    { what: 'a space in the address', bytes: get('/hea lth') },
    { what: 'letters of no alphabet in the address', bytes: get('/\xff\xfe') },
    { what: 'an absolute address', bytes: get('http://evil.example/health'), expected: [200, 400, 403, 404] },
    { what: 'the address of a host', bytes: head('CONNECT evil.example:443 HTTP/1.1', HOST) },
    { what: 'the address of everything', bytes: head('OPTIONS * HTTP/1.1', HOST), expected: [200, 204, 400, 404, 405] },
    { what: 'an unknown method', bytes: head('BREW /predict HTTP/1.1', HOST) },
    { what: 'a method in lower case', bytes: head('get /health HTTP/1.1', HOST) },
    { what: 'a known method of another protocol', bytes: head('PROPFIND /health HTTP/1.1', HOST) },
    { what: 'TRACE', bytes: head('TRACE /health HTTP/1.1', HOST) },
    {
      what: 'a wish for another protocol',
      bytes: get('/health', `${HOST}Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Key: x\n`),
      expected: [200, 400, 'closed'],
    },
    // Other protocols.
    { what: 'HTTP/0.9', bytes: Buffer.from('GET /health\r\n\r\n'), ...either },
    { what: 'HTTP/1.0', bytes: Buffer.from('GET /health HTTP/1.0\r\n\r\n'), expected: [200] },
    { what: 'HTTP/3.7', bytes: Buffer.from('GET /health HTTP/3.7\r\nHost: x\r\n\r\n') },
    { what: 'the preface of HTTP/2', bytes: Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n') },
    {
      what: 'a wish for HTTP/2',
      bytes: get(
        '/health',
        `${HOST}Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABkAAQAAP__\n`,
      ),
      expected: [200, 400, 'closed'],
    },
    { what: 'TLS', bytes: Buffer.from('16030100c8010000c40303', 'hex') },
    { what: 'nonsense', bytes: Buffer.from([0, 255, 254, 0, 13, 10, 13, 10]) },
    { what: 'a hundred null bytes', bytes: Buffer.alloc(100) },
    { what: 'a line that does not end', bytes: Buffer.alloc(100_000, 'x') },
    // Pipelines.
    {
      what: 'nonsense after a request',
      bytes: Buffer.concat([requestFor('/health'), Buffer.from('nonsense\r\n\r\n')]),
      expected: [200, 400],
    },
    {
      what: 'nonsense after an upload',
      bytes: Buffer.concat([uploadOf(picture), Buffer.alloc(1_000)]),
      expected: [200, 400, 'closed'],
    },
    {
      what: 'fifty requests at once',
      bytes: Buffer.concat(Array.from({ length: 50 }, () => requestFor('/health'))),
      expected: [200],
    },
    {
      what: 'a smuggled request',
      bytes: post(
        `${FORM}Content-Length: 4\nTransfer-Encoding: chunked\n`,
        '0\r\n\r\nGET /api/v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
      ),
    },
  ];
}
