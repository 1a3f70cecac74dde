import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { Agent, fetch } from 'undici';
import { chunk, connectTo, image, multipart, pictureHead, uploadHead } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { type ListeningService, listeningServiceFor, sharedService } from '../../support/service.js';
import { until, within } from '../../support/timing.js';

const cat = await readFile(path.join(examples, 'chelsea.png'));
const get = (url: string, more = '') => `GET ${url} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
const codeOf = ({ body }: { readonly body: string }) => (JSON.parse(body) as { code: string }).code;

/** A client that checks all of the certificate, as browsers do. */
function clientOf(t: Pick<TestContext, 'after'>, { port, certificate }: ListeningService) {
  const dispatcher = new Agent({ connect: { ca: certificate?.certificate } });
  t.after(() => dispatcher.close());
  return (url: string, host = 'localhost') => fetch(`https://${host}:${port}${url}`, { dispatcher });
}

/** The beginning of a handshake, which has no end. */
async function halfHandshake(): Promise<Buffer> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const connected = once(server, 'connection') as Promise<[net.Socket]>;
  const client = tls.connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
  const [socket] = await connected;
  const [hello] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return hello.subarray(0, hello.length >> 1);
}

/** Connections that begin with this and then say nothing. */
async function silent(t: TestContext, port: number, count: number, beginning: Uint8Array | string) {
  const sockets = Array.from({ length: count }, () => net.connect(port, '127.0.0.1').on('error', () => undefined));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (const socket of sockets) if (beginning.length > 0) socket.write(beginning);
  return Promise.all(sockets.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve))));
}

describe('a service over HTTPS', () => {
  const service = sharedService({ https: true, maxBytes: 1_000_000, uploadTimeoutSeconds: 2 });

  test('proves its name to a client that knows its certificate, and not to one that does not', async (t) => {
    const ask = clientOf(t, service());
    for (const host of ['localhost', '127.0.0.1']) assert.equal((await ask('/health', host)).status, 200, host);
    const untrusting = fetch(`https://localhost:${service().port}/health`);
    await assert.rejects(untrusting, ({ cause }) => (cause as { code: string }).code === 'DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  test('says which certificate it has', async (t) => {
    const about = (await (await clientOf(t, service())('/api/v1/service')).json()) as Record<string, unknown>;
    const socket = tls.connect({ port: service().port, host: '127.0.0.1', rejectUnauthorized: false });
    t.after(() => socket.destroy());
    await once(socket, 'secureConnect');
    assert.deepEqual([about.secure, about.fingerprint], [true, socket.getPeerCertificate().fingerprint256]);
  });

  test('answers an upload', async () => {
    const { status, body } = await service().upload(image(cat));
    assert.equal(status, 200);
    assert.match(body, /cat/);
  });

  test('refuses in its own words what it refuses without HTTPS', async () => {
    const broken = await service().connect();
    broken.send('nonsense\r\n\r\n');
    const refused = await broken.answer();
    assert.deepEqual([refused.status, codeOf(refused)], [400, 'REQUEST_INVALID']);
    const late = await service().connect();
    late.send(uploadHead(1000), pictureHead);
    const answer = await late.answer(15_000);
    assert.deepEqual([answer.status, codeOf(answer)], [408, 'UPLOAD_TIMEOUT']);
    await until('the end of the connection', late.ended);
  });

  test('lets one who still sends too much read why it is refused', async (t) => {
    const { port, certificate } = service();
    const ca = certificate?.certificate;
    const socket = tls.connect({ port, host: '127.0.0.1', ca }).pause();
    t.after(() => socket.destroy());
    await once(socket, 'secureConnect');
    const pieces = Array.from({ length: 300 }, () => chunk(Buffer.alloc(65_536)));
    const answered = once(socket, 'data') as Promise<[Buffer]>;
    const whole = Buffer.concat([Buffer.from(uploadHead('chunked')), chunk(pictureHead), ...pieces]);
    socket.write(whole, () => socket.resume());
    const [answer] = await within(15_000, 'an answer', answered);
    assert.match(answer.toString(), /^HTTP\/1.1 413 /);
  });

  test('gives back what a client held that leaves', async () => {
    const { connect, serving } = service();
    const connection = await connect();
    connection.send(uploadHead(500_000), pictureHead, cat.subarray(0, 100_000));
    await until('bytes are held', () => serving.load().bytes > 0);
    connection.leave();
    await until('none is held', () => serving.load().bytes === 0);
  });

  test('sends a browser that comes without HTTPS to where it is, and tells others', async (t) => {
    const { port } = service();
    const ask = async (request: string) => {
      const connection = await connectTo(t, port);
      connection.send(request);
      const answer = await connection.answer();
      await until('the end of the connection', connection.ended);
      return answer;
    };
    const page = await ask(get('/docs?x=1').replace('localhost', `localhost:${port}`));
    assert.deepEqual([page.status, page.headers.location], [307, `https://localhost:${port}/docs?x=1`]);
    assert.equal(page.headers['cache-control'], 'no-store');
    assert.match(page.body, new RegExp(`HTTPS.*Use https://localhost:${port} instead.*HTTPS_REQUIRED`));
    const old = await ask('GET / HTTP/1.0\r\n\r\n');
    assert.equal(old.headers.location, `https://127.0.0.1:${port}/`);
    const strange = await ask(get('/').replace('localhost', 'user@evil.example/'));
    assert.equal(strange.headers.location, `https://127.0.0.1:${port}/`);
    const nonsense = await ask('nonsense\r\n\r\n');
    assert.deepEqual([nonsense.status, codeOf(nonsense)], [400, 'REQUEST_INVALID']);
    const { payload } = multipart(image(cat));
    const sender = await connectTo(t, port);
    sender.send(uploadHead(payload.length * 50), payload);
    const told = await sender.answer();
    assert.deepEqual([told.status, codeOf(told), told.headers.location], [426, 'HTTPS_REQUIRED', undefined]);
  });

  test('answers supervisors that come without HTTPS', async (t) => {
    for (const url of ['/livez', '/readyz']) {
      const connection = await connectTo(t, service().port);
      connection.send(get(url));
      assert.deepEqual((await connection.answer()).body, '{"status":"ok"}', url);
    }
  });
});

describe('handshakes that do not end', () => {
  /** Nothing, half a handshake, and half a request without HTTPS. */
  const beginnings = async () => ['', await halfHandshake(), 'GET / HTTP/1.1\r\nHost: x\r\n'];

  test('keep nobody out while there is room, and then not for long', async (t) => {
    const service = await listeningServiceFor(t, { https: true, maxConnections: 30, uploadTimeoutSeconds: 2 });
    const ask = clientOf(t, service);
    for (const countEach of [6, 10]) {
      const ends = (await beginnings()).map((beginning) => silent(t, service.port, countEach, beginning));
      if (countEach < 10) assert.equal((await ask('/health')).status, 200);
      await within(20_000, 'their end', Promise.all(ends));
    }
    assert.equal((await ask('/health')).status, 200);
  });

  test('do not keep it from its end, nor do connections on which nothing is asked', async (t) => {
    const service = await listeningServiceFor(t, { https: true, shutdownSeconds: 1 });
    const idle = await service.connect();
    idle.send(get('/health'));
    assert.equal((await idle.answer()).status, 200);
    for (const beginning of await beginnings()) void silent(t, service.port, 5, beginning);
    await until('all are there', async () => (await connectionsOf(service)) === 16);
    await within(5_000, 'the end', service.close());
    await until('the end of the connection', idle.ended);
  });
});

const connectionsOf = ({ http }: ListeningService) =>
  new Promise<number>((resolve, reject) =>
    http.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );

describe('an answer over HTTPS that is not taken', () => {
  test('is given up in time', async (t) => {
    const service = await listeningServiceFor(t, { https: true, uploadTimeoutSeconds: 2 });
    const connected = once(service.http.server, 'secureConnection') as Promise<[tls.TLSSocket]>;
    const client = tls.connect({ port: service.port, host: '127.0.0.1', ca: service.certificate?.certificate }).pause();
    t.after(() => client.destroy());
    client.on('error', () => undefined);
    // Each is about 100 kB, and nobody reads them.
    client.write(get('/api/v1/labels').repeat(200));
    const [connection] = await connected;
    await within(30_000, 'its end', once(connection, 'close'));
    await sleep(100);
    const { body } = await service.http.inject('/health');
    assert.equal(body, '{"status":"ok"}');
  });
});
