import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { createService, listeningServiceFor, type Service } from '../../support/service.js';

let service: Service;
before(async () => {
  service = await createService({ apiKey: 'a key', corsOrigins: [] });
});
after(() => service.end());

const get = (url: string, headers: Record<string, string> = {}) => service.http.inject({ url, headers });

describe('GET /', () => {
  test('is a page for everyone, also where calls need a key', async () => {
    const { statusCode, headers, body } = await get('/');
    assert.equal(statusCode, 200);
    assert.match(headers['content-type'] as string, /^text\/html; charset=utf-8/i);
    assert.match(body, /^<!doctype html>/i);
  });

  test('is sent over a socket without a warning to the operator', async (t) => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    t.after(() => process.off('warning', note));
    const { port, http } = await listeningServiceFor(t);
    for (const path of ['/', '/icon.svg', '/docs'])
      assert.equal((await fetch(`http://127.0.0.1:${port}${path}`)).status, 200, path);
    http.server.closeAllConnections();
    assert.deepEqual(warnings, []);
  });

  test('refers to nothing but files that are there, each with its type', async () => {
    const { body } = await get('/');
    const addresses = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address as string);
    assert.ok(addresses.length >= 3, String(addresses));
    for (const address of new Set(addresses)) {
      const { statusCode, headers } = await get(new URL(address, 'http://localhost/').pathname);
      assert.ok(statusCode < 400, `${statusCode} ${address}`);
      const types = { js: /javascript/, css: /^text\/css/, svg: /^image\/svg/ };
      const type = types[address.split('.').at(-1) as keyof typeof types];
      if (type) assert.match(headers['content-type'] as string, type, address);
    }
  });

  test('has nothing that its policy forbids: no inline script, no inline style', async () => {
    const { headers, body } = await get('/');
    assert.match(headers['content-security-policy'] as string, /default-src 'none'.*script-src 'self'/);
    assert.doesNotMatch(body, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
  });

  test('is asked for again each time, and sent again only after it has changed', async () => {
    for (const url of ['/', '/icon.svg']) {
      const first = await get(url);
      assert.equal(first.headers['cache-control'], 'no-cache', url);
      assert.equal(first.headers['last-modified'], undefined);
      const etag = first.headers.etag as string;
      assert.match(etag, /^"[\w-]{20,}"$/);
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
        const { statusCode, body } = await get(url, { 'if-none-match': known });
        assert.deepEqual([statusCode, body], [304, ''], `${url} ${known}`);
      }
      assert.equal((await get(url, { 'if-none-match': '"other"' })).statusCode, 200);
    }
  });

  test('has scripts and styles that browsers keep for good, by names that change with them', async () => {
    const { body } = await get('/');
    const assets = [...body.matchAll(/"\.(\/assets\/[^"]+)"/g)].map(([, url]) => url as string);
    assert.ok(assets.length >= 2, String(assets));
    for (const url of assets) {
      assert.match(url, /-[\w-]{8}\.(js|css)$/);
      assert.equal((await get(url)).headers['cache-control'], 'public, max-age=31536000, immutable');
    }
  });

  test('is sent compressed to those who can take it, the same in every form', async () => {
    const plain = (await get('/')).body;
    const decoders = { br: brotliDecompressSync, gzip: gunzipSync };
    const asked: readonly [accept: string, expected: keyof typeof decoders | undefined][] = [
      ['gzip, deflate, br, zstd', 'br'],
      ['gzip;q=1.0, identity; q=0.5', 'gzip'],
      ['br;q=0, gzip', 'gzip'],
      ['deflate', undefined],
    ];
    const tags = new Set<unknown>();
    for (const [accept, expected] of asked) {
      const { headers, rawPayload } = await get('/', { 'accept-encoding': accept });
      assert.equal(headers['content-encoding'], expected, accept);
      assert.equal(headers.vary, 'Accept-Encoding');
      assert.equal(String(expected ? decoders[expected](rawPayload) : rawPayload), plain);
      tags.add(headers.etag);
    }
    assert.equal(tags.size, 3);
  });

  test('is small enough to be there at once: at most 200 kB for the first page', async () => {
    const { body } = await get('/');
    const needed = ['/', ...[...body.matchAll(/"\.(\/[^"]+\.(?:js|css))"/g)].map(([, url]) => url as string)];
    const sizes = needed.map(async (url) => (await get(url, { 'accept-encoding': 'gzip' })).rawPayload.length);
    const sum = (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
    assert.ok(sum > 50_000 && sum <= 200_000, `${sum} bytes`);
  });

  test('describes the API, where /docs leads to', async () => {
    const { statusCode, headers } = await get('/docs');
    assert.deepEqual([statusCode, headers.location], [302, './#/api']);
  });

  test('answers HEAD with the same headers and nothing else', async () => {
    const { statusCode, headers, body } = await service.http.inject({ method: 'HEAD', url: '/' });
    assert.deepEqual([statusCode, body], [200, '']);
    assert.equal(headers.etag, (await get('/')).headers.etag);
  });

  test('leaves other addresses and methods to the service', async () => {
    for (const url of [
      '/assets',
      '/assets/',
      '/assets/nothing.js',
      '/assets/..%2fversion.js',
      '/index.html',
      '/index.html.br',
    ]) {
      const { statusCode, body } = await get(url, { authorization: 'Bearer a key' });
      assert.deepEqual([statusCode, JSON.parse(body).code], [404, 'NOT_FOUND'], url);
    }
    const { statusCode, headers } = await service.http.inject({ method: 'POST', url: '/' });
    assert.deepEqual([statusCode, headers.allow], [405, 'GET, HEAD']);
  });
});
