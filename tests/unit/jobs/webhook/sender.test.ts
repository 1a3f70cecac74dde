import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import { createWebhookSender, type WebhookSenderOptions } from '#kaiyan/jobs/webhook/sender.js';
import { appError } from '../../../support/errors.js';
import { tlsFile } from '../../../support/mirror.js';
import { startReceiver } from '../../../support/receiver.js';

const SECRET = 'a secret of the operator';
const LOOPBACK = ['127.0.0.1'];
const sender = (options: Partial<WebhookSenderOptions> = {}) =>
  createWebhookSender({ secret: SECRET, allowedHosts: [], timeoutMs: 20_000, ...options });
const never = new AbortController().signal;
const delivery = (address: string) => ({ address, id: 'msg-1', body: '{"type":"job.completed"}' });

/** Names that exist in the test alone, and addresses as they are. */
const names = (table: Readonly<Record<string, readonly string[]>>) => {
  const asked: string[] = [];
  const lookup = async (host: string) => {
    asked.push(host);
    const found = table[host] ?? [host];
    return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
  return { asked, lookup };
};

describe('an address for a webhook', () => {
  test('is refused if it is on a private network or for special use, in whatever form', async () => {
    const { check } = sender();
    for (const host of [
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f.0.0.1',
      '0.0.0.0',
      '10.1.2.3',
      '172.16.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '100.100.100.200',
      '168.63.129.16',
      '192.0.0.192',
      '198.18.0.1',
      '224.0.0.1',
      '240.0.0.1',
      '255.255.255.255',
      '[::]',
      '[::1]',
      '[::2]',
      '[::ffff:127.0.0.1]',
      '[::ffff:10.0.0.1]',
      '[::7f00:1]',
      '[64:ff9b::7f00:1]',
      '[64:ff9b:1::1]',
      '[2002:7f00:1::]',
      '[2001:0:1::]',
      '[fe80::1]',
      '[fc00::1]',
      '[fd00:ec2::254]',
      '[fec0::1]',
      '[ff02::1]',
      '[2001:db8::1]',
      '[4000::1]',
      'localhost',
    ])
      await assert.rejects(
        check(`http://${host}/hook`),
        appError('ADDRESS_REFUSED', 'private network', 'webhookHosts'),
        host,
      );
  });

  test('is accepted if it is public', async () => {
    const { lookup } = names({ 'hooks.example.com': ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'] });
    const { check } = sender({ lookup });
    for (const host of ['hooks.example.com', '8.8.8.8', '[2606:4700::1111]', '[::ffff:8.8.8.8]', '172.32.0.1:8443'])
      await check(`https://${host}/hook?token=1`);
  });

  test('is refused if one of several addresses is private', async () => {
    const { lookup } = names({ 'both.example.com': ['93.184.215.14', '10.0.0.1'] });
    await assert.rejects(sender({ lookup }).check('https://both.example.com'), appError('ADDRESS_REFUSED', 'private'));
  });

  test('on a private network is accepted if the operator has named its host', async () => {
    const { lookup } = names({ 'hooks.internal': ['10.0.0.1', 'fd00::1'] });
    for (const [allowed, address] of [
      ['hooks.internal', 'http://hooks.internal/'],
      ['Hooks.Internal', 'http://HOOKS.internal.:8080/'],
      ['127.0.0.1', 'http://127.1/'],
      ['[::1]', 'http://[::1]/'],
      ['::1', 'http://[0:0::1]/'],
    ] as const)
      await sender({ lookup, allowedHosts: [allowed] }).check(address);
    await sender({ lookup, allowedHosts: ['10.0.0.1', 'fd00:0::1'] }).check('http://hooks.internal/');
    await assert.rejects(sender({ lookup, allowedHosts: ['10.0.0.1'] }).check('http://hooks.internal/'));
    await assert.rejects(sender({ lookup, allowedHosts: ['internal'] }).check('http://hooks.internal/'));
  });

  test('is refused if it is none, has another scheme or a password in it, or nothing could be signed', async () => {
    const { lookup } = names({});
    const { check } = sender({ lookup });
    for (const [address, words] of [
      ['hooks.example.com', 'no address'],
      ['ftp://8.8.8.8/', 'ftp:'],
      ['file:///etc/passwd', 'file:'],
      ['javascript:1', 'javascript:'],
    ] as const)
      await assert.rejects(check(address), appError('ADDRESS_REFUSED', words));
    await assert.rejects(check('https://me:hunter2@8.8.8.8/'), (error: Error) => {
      assert.ok(!error.message.includes('hunter2'));
      return appError('ADDRESS_REFUSED', 'password')(error);
    });
    await assert.rejects(sender({ secret: '' }).check('https://8.8.8.8/'), (error: Error) => {
      assert.doesNotMatch(error.message, /public|webhookHosts/, 'neither would help');
      return appError('ADDRESS_REFUSED', 'Set webhookSecret', 'leave out the webhook')(error);
    });
  });

  test('is refused if there is no such host, but not for want of a network', async () => {
    const failing = (code: string) =>
      sender({ lookup: () => Promise.reject(Object.assign(new Error(code), { code })) });
    await assert.rejects(
      failing('ENOTFOUND').check('https://nowhere.example'),
      appError('ADDRESS_REFUSED', 'no such host'),
    );
    await failing('EAI_AGAIN').check('https://somewhere.example');
  });
});

describe('sending a webhook', () => {
  test('posts the JSON with a signature that the specification defines', async (t) => {
    const { port, received } = await startReceiver(t);
    const before = Math.floor(Date.now() / 1000);
    const result = await sender({ allowedHosts: LOOPBACK }).send(delivery(`http://127.0.0.1:${port}/hook?a=b`), never);
    assert.deepEqual(result, { ok: true });
    const [{ method, path, headers, body } = assert.fail()] = received;
    assert.deepEqual([method, path, body], ['POST', '/hook?a=b', '{"type":"job.completed"}']);
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers['webhook-id'], 'msg-1');
    const seconds = Number(headers['webhook-timestamp']);
    assert.ok(seconds >= before && seconds <= Date.now() / 1000);
    const expected = createHmac('sha256', SECRET).update(`msg-1.${seconds}.${body}`).digest('base64');
    assert.equal(headers['webhook-signature'], `v1,${expected}`);
  });

  test('over TLS keeps the name of the host, for its certificate and in the header', async (t) => {
    const { port, received } = await startReceiver(t, { tls: true });
    const { asked, lookup } = names({ 'hooks.example.org': LOOPBACK, 'hooks.example.com': LOOPBACK });
    const ca = await readFile(tlsFile('authority.pem'), 'utf8');
    const { send } = sender({ lookup, ca, allowedHosts: LOOPBACK });
    assert.deepEqual(await send(delivery(`https://hooks.example.org:${port}/`), never), { ok: true });
    assert.equal(received[0]?.headers.host, `hooks.example.org:${port}`);
    assert.deepEqual(asked, ['hooks.example.org'], 'looked up once');
    const other = await send(delivery(`https://hooks.example.com:${port}/`), never);
    assert.ok(!other.ok && other.retry && other.reason.includes('ERR_TLS_CERT_ALTNAME_INVALID'));
    assert.equal(received.length, 1);
  });

  test('connects to the address that was checked, whatever the name means afterwards', {
    skip: process.platform !== 'linux' && 'needs 127.0.0.2',
  }, async (t) => {
    const inner = await startReceiver(t);
    const outer = await startReceiver(t, { host: '127.0.0.2', port: inner.port });
    let asked = 0;
    const lookup = async () => [{ address: asked++ === 0 ? '127.0.0.2' : '127.0.0.1', family: 4 }];
    const { send } = sender({ lookup, allowedHosts: ['127.0.0.2'] });
    assert.deepEqual(await send(delivery(`http://rebinding.example:${inner.port}/`), never), { ok: true });
    assert.equal(outer.received.length, 1);
    assert.ok(!(await send(delivery(`http://rebinding.example:${inner.port}/`), never)).ok);
    assert.equal(asked, 2);
    assert.deepEqual(inner.received, []);
  });

  test('follows what repeats a POST, and checks each target anew', async (t) => {
    const end = await startReceiver(t);
    const { lookup } = names({ 'allowed.example': LOOPBACK, 'private.example': LOOPBACK });
    for (const status of [307, 308]) {
      const answer = (response: ServerResponse, { path }: { path: string }) =>
        response
          .writeHead(status, {
            location:
              path === '/in' ? `http://allowed.example:${end.port}/end` : `http://private.example:${end.port}/end`,
          })
          .end();
      const start = await startReceiver(t, { answer });
      const { send } = sender({ lookup, allowedHosts: ['allowed.example'] });
      const before = end.received.length;
      assert.deepEqual(await send(delivery(`http://allowed.example:${start.port}/in`), never), { ok: true });
      assert.equal(end.received.at(-1)?.body, '{"type":"job.completed"}');
      assert.equal(end.received.at(-1)?.headers['webhook-id'], 'msg-1');
      const out = await send(delivery(`http://allowed.example:${start.port}/out`), never);
      assert.ok(!out.ok && !out.retry && out.reason.includes('private network'));
      assert.equal(end.received.length, before + 1);
    }
  });

  test('does not go where a POST is not repeated, nowhere, in circles, or from https to http', async (t) => {
    const table: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
      '/303': (response) => response.writeHead(303, { location: '/end' }).end(),
      '/302': (response) => response.writeHead(302, { location: '/end' }).end(),
      '/304': (response) => response.writeHead(304).end(),
      '/nowhere': (response) => response.writeHead(307).end(),
      '/circle': (response) => response.writeHead(307, { location: '/circle' }).end(),
      '/file': (response) => response.writeHead(307, { location: 'file:///etc/passwd' }).end(),
    };
    const { port, received } = await startReceiver(t, { answer: (response, { path }) => table[path]?.(response) });
    const { send } = sender({ allowedHosts: LOOPBACK });
    for (const path of Object.keys(table)) {
      const result = await send(delivery(`http://127.0.0.1:${port}${path}`), never);
      assert.ok(!result.ok && !result.retry, path);
    }
    assert.equal(received.filter(({ path }) => path === '/circle').length, 4);
    assert.ok(received.every(({ path }) => path !== '/end'));
    const secure = await startReceiver(t, {
      tls: true,
      answer: (response) => response.writeHead(308, { location: `http://127.0.0.1:${port}/end` }).end(),
    });
    const { lookup } = names({ 'hooks.example.org': LOOPBACK });
    const ca = await readFile(tlsFile('authority.pem'), 'utf8');
    const result = await sender({ lookup, ca, allowedHosts: LOOPBACK }).send(
      delivery(`https://hooks.example.org:${secure.port}`),
      never,
    );
    assert.ok(!result.ok && !result.retry && result.reason.includes('from https to http'));
  });

  test('fails for now at most answers, and for good at 410', async (t) => {
    const { port } = await startReceiver(t, {
      answer: (response, { path }) =>
        response.writeHead(Number(path.slice(1)), path === '/429' ? { 'retry-after': '90' } : {}).end(),
    });
    const { send } = sender({ allowedHosts: LOOPBACK });
    const sent = (status: number) => send(delivery(`http://127.0.0.1:${port}/${status}`), never);
    for (const status of [200, 201, 202, 204]) assert.deepEqual(await sent(status), { ok: true });
    for (const status of [400, 404, 500, 503])
      assert.deepEqual(await sent(status), { ok: false, retry: true, reason: `it answered ${status}` });
    assert.deepEqual(await sent(429), { ok: false, retry: true, reason: 'it answered 429', retryAfterMs: 90_000 });
    assert.deepEqual(await sent(410), { ok: false, retry: false, reason: 'it answered 410' });
  });

  test('understands a date, and waits no longer than six hours', async (t) => {
    const { port } = await startReceiver(t, {
      answer: (response, { path }) =>
        response.writeHead(503, { 'retry-after': decodeURIComponent(path.slice(1)) }).end(),
    });
    const { send } = sender({ allowedHosts: LOOPBACK });
    const after = async (header: string) => {
      const result = await send(delivery(`http://127.0.0.1:${port}/${encodeURIComponent(header)}`), never);
      return result.ok ? undefined : result.retryAfterMs;
    };
    const inAnHour = (await after(new Date(Date.now() + 3_600_000).toUTCString())) ?? 0;
    assert.ok(inAnHour > 3_500_000 && inAnHour <= 3_600_000);
    assert.equal(await after('999999'), 6 * 3_600_000);
    assert.equal(await after(new Date(0).toUTCString()), 0);
    assert.equal(await after('soon'), undefined);
  });

  test('gives up on a server that never answers', async (t) => {
    const { port } = await startReceiver(t, { answer: () => undefined });
    const result = await sender({ allowedHosts: LOOPBACK, timeoutMs: 300 }).send(
      delivery(`http://127.0.0.1:${port}/`),
      never,
    );
    assert.deepEqual(result, { ok: false, retry: true, reason: 'it did not answer within 0.3 s' });
  });

  test('gives up on a name that is looked up for ever', async () => {
    const lookup = () => new Promise<never>(() => undefined);
    const result = await sender({ lookup, timeoutMs: 300 }).send(delivery('https://slow.example/'), never);
    assert.ok(!result.ok && result.retry);
  });

  test('takes the answer for what it is without reading all of it', { timeout: 60_000 }, async (t) => {
    let sent = 0;
    const endless = (response: ServerResponse) => {
      const piece = Buffer.alloc(65_536);
      const more = () => {
        while (!response.destroyed && response.write(piece)) sent += piece.length;
      };
      response.writeHead(200).on('drain', more);
      more();
    };
    const { port } = await startReceiver(t, { answer: endless });
    assert.deepEqual(await sender({ allowedHosts: LOOPBACK }).send(delivery(`http://127.0.0.1:${port}/`), never), {
      ok: true,
    });
    assert.ok(sent < 50_000_000, `${sent} bytes`);
  });

  test('headers without end are no answer', async (t) => {
    const answer = (response: ServerResponse) => response.writeHead(200, { 'x-long': 'x'.repeat(100_000) }).end();
    const { port } = await startReceiver(t, { answer });
    const result = await sender({ allowedHosts: LOOPBACK }).send(delivery(`http://127.0.0.1:${port}/`), never);
    assert.ok(!result.ok && result.retry && result.reason.includes('HEADERS'));
  });

  test('tries again where nobody listens', async () => {
    const result = await sender({ allowedHosts: LOOPBACK }).send(delivery('http://127.0.0.1:1/'), never);
    assert.ok(!result.ok && result.retry && result.reason.includes('ECONNREFUSED'));
  });

  test('ends with its signal', async (t) => {
    const abort = new AbortController();
    const { port } = await startReceiver(t, { answer: () => abort.abort(new RangeError('closing')) });
    const sending = sender({ allowedHosts: LOOPBACK }).send(delivery(`http://127.0.0.1:${port}/`), abort.signal);
    await assert.rejects(sending, new RangeError('closing'));
  });

  test('sends nothing without a secret, nor to an address that was private all along', async (t) => {
    const { port, received } = await startReceiver(t);
    for (const options of [{ secret: '', allowedHosts: LOOPBACK }, { allowedHosts: [] }]) {
      const result = await sender(options).send(delivery(`http://127.0.0.1:${port}/`), never);
      assert.ok(!result.ok && !result.retry);
    }
    assert.deepEqual(received, []);
  });
});
