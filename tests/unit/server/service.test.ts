import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { InferOutput } from 'valibot';
import type { Settings } from '#kaiyan/config.js';
import { networkAddresses } from '#kaiyan/server/addresses.js';
import type { serviceAnswer } from '#kaiyan/server/contract.js';
import { version } from '#kaiyan/version.js';
import { project } from '../../support/paths.js';
import { createService, type Service } from '../../support/service.js';

interface Caller {
  readonly headers?: Record<string, string>;
  readonly remoteAddress?: string;
}

/** A service that listens, and what it says of itself to a caller. */
function listening(changes: Partial<Settings> & { readonly host: string }) {
  let service: Service | undefined;
  let port = '';
  before(async () => {
    service = await createService(changes);
    ({ port } = new URL(await service.http.listen({ host: changes.host, port: 0 })));
  });
  after(() => service?.end());
  const ask = async (caller: Caller = {}) => {
    const answer = await service?.http.inject({ url: '/api/v1/service', ...caller });
    assert.equal(answer?.statusCode, 200, answer?.body);
    return answer.json() as InferOutput<typeof serviceAnswer>;
  };
  return { ask, ownAddresses: () => networkAddresses().map((address) => `http://${address}:${port}`) };
}

describe('what a service on a loopback address says of itself', () => {
  const choices = { top: 7, lang: 'zh', threshold: 0.5, maxBytes: 1000, maxJobPictures: 9 } as const;
  const { ask } = listening({ host: '127.0.0.1', ...choices });

  test('is what the page needs before it asks', async () => {
    const hasHeic = existsSync(path.join(project, 'node_modules/libheif-js'));
    assert.deepEqual(await ask(), {
      ...{ name: 'kaiyan', version, secure: false, addresses: [], fingerprint: null },
      ...{ needsKey: false, management: 'open' },
      limits: {
        ...{ maxBytes: 1000, maxRequestBytes: 100_000_000, maxPixels: 50_000_000, picturesPerRequest: 32 },
        ...{ jobPictures: 9, jobBytes: 10_000_000_000 },
      },
      formats: ['JPEG', 'PNG', 'WebP', 'GIF', 'TIFF', 'AVIF', 'BMP', ...(hasHeic ? ['HEIC'] : [])],
      languages: ['en', 'zh'],
      defaults: { top: 7, lang: 'zh', threshold: 0.5 },
      jobs: true,
    });
  });

  test('is that its own page may activate models, and no other page or machine', async () => {
    const managementFor = async (caller: Caller) => (await ask(caller)).management;
    assert.equal(await managementFor({ headers: { host: '127.0.0.1', origin: 'http://127.0.0.1' } }), 'open');
    assert.equal(await managementFor({ headers: { origin: 'http://evil.example' } }), 'off');
    assert.equal(await managementFor({ remoteAddress: '192.168.1.7' }), 'off');
  });
});

describe('what a service on a public address says of itself', () => {
  const { ask, ownAddresses } = listening({ host: '0.0.0.0' });

  test('is that nobody may activate models without a token', async () => {
    assert.equal((await ask()).management, 'off');
  });

  test('has its addresses for its neighbours alone, and not for those behind a proxy', async () => {
    const addresses = async (caller: Caller) => (await ask(caller)).addresses;
    for (const remoteAddress of ['127.0.0.1', '192.168.1.7', '10.0.0.9', '::ffff:192.168.1.7', 'fd00::9', 'fe80::9'])
      assert.deepEqual(await addresses({ remoteAddress }), ownAddresses(), remoteAddress);
    for (const remoteAddress of ['203.0.113.7', '8.8.8.8', '2001:db8::9', '::ffff:8.8.8.8'])
      assert.deepEqual(await addresses({ remoteAddress }), [], remoteAddress);
    for (const name of ['x-forwarded-for', 'forwarded'])
      assert.deepEqual(await addresses({ remoteAddress: '10.0.0.9', headers: { [name]: 'for=10.0.0.8' } }), []);
  });
});

describe('what a service with keys and a proxy says of itself', () => {
  const secrets = { apiKey: 'telltale-key', adminToken: 'telltale-token' };
  const { ask, ownAddresses } = listening({ host: '0.0.0.0', trustedProxies: ['10.0.0.9'], ...secrets });

  test('is told without a key, and nothing that is secret', async () => {
    const about = await ask();
    assert.deepEqual([about.needsKey, about.management], [true, 'token']);
    assert.doesNotMatch(JSON.stringify(about), /telltale/);
  });

  test('goes by whom the proxy calls for', async () => {
    const addressesFor = async (client: string) =>
      (await ask({ remoteAddress: '10.0.0.9', headers: { 'x-forwarded-for': client } })).addresses;
    assert.deepEqual(await addressesFor('192.168.1.7'), ownAddresses());
    for (const other of ['203.0.113.7', 'unknown', '192.168.1.7:4711', '[fd00::9]:1'])
      assert.deepEqual(await addressesFor(other), [], other);
  });
});
