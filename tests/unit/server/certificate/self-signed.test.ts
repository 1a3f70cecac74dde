import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { makeSelfSigned } from '#kaiyan/server/certificate/self-signed.js';
import { temporaryFolder } from '../../../support/folders.js';
import { withoutCommand } from '../../../support/requirements.js';

const names = ['localhost', 'kaiyan.local', '127.0.0.1', '192.168.1.20', '::1', 'fd00::1:2', '2001:db8:1:2:3:4:5:6'];
const make = (more: Partial<Parameters<typeof makeSelfSigned>[0]> = {}) => {
  const made = makeSelfSigned({ title: '开眼 on 王', names, ...more });
  return { ...made, parsed: new X509Certificate(made.certificate) };
};
const DAY_MS = 86_400_000;

describe('a certificate that vouches for itself', () => {
  test('is for its names and addresses, and no others', () => {
    const { parsed } = make();
    const strict = { subject: 'never' } as const;
    for (const name of ['localhost', 'kaiyan.local']) assert.equal(parsed.checkHost(name, strict), name);
    for (const address of names.slice(2)) assert.equal(parsed.checkIP(address), address);
    for (const name of ['example.org', 'x.localhost', 'local']) assert.equal(parsed.checkHost(name, strict), undefined);
    for (const address of ['192.168.1.21', '::2', 'fd00::1']) assert.equal(parsed.checkIP(address), undefined);
  });

  test('is signed with its own key, which is on P-256, and is no authority', () => {
    const { parsed, key } = make();
    assert.equal(parsed.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    assert.ok(parsed.verify(parsed.publicKey));
    assert.ok(parsed.checkPrivateKey(createPrivateKey(key)));
    assert.equal(parsed.ca, false);
    assert.equal(parsed.subject, 'CN=开眼 on 王');
    assert.ok(!parsed.verify(make().parsed.publicKey), 'another one has another key');
  });

  test('holds for no longer than browsers of Apple take, and holds already for a clock that is behind', () => {
    for (const now of [new Date(), new Date('2049-06-01T12:34:56Z'), new Date('2050-06-01T00:00:00Z')]) {
      const { parsed } = make({ now });
      const [from, to] = [new Date(parsed.validFrom).getTime(), new Date(parsed.validTo).getTime()];
      assert.ok(to - from <= 397 * DAY_MS);
      assert.ok(to - now.getTime() > 395 * DAY_MS);
      assert.ok(now.getTime() - from > DAY_MS / 2);
    }
  });

  test('has a number of its own, which is positive', () => {
    const numbers = Array.from({ length: 50 }, () => make().parsed.serialNumber);
    assert.equal(new Set(numbers).size, 50);
    for (const number of numbers) assert.match(number, /^[4-7][\dA-F]{31}$/);
  });

  test('can have many names', () => {
    const many = Array.from({ length: 300 }, (_, i) => `name-${i}.a-rather-long-network.example.org`);
    const { parsed } = make({ names: many });
    for (const name of many) assert.equal(parsed.checkHost(name, { subject: 'never' }), name);
  });

  test('is what OpenSSL expects of a server', { skip: withoutCommand('openssl') }, async (t) => {
    const folder = await temporaryFolder(t);
    const { certificate } = make();
    const file = path.join(folder, 'certificate.pem');
    await writeFile(file, certificate);
    const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { encoding: 'utf8' });
    const words = openssl('x509', '-in', file, '-noout', '-text');
    for (const expected of [
      /Version: 3/,
      /Signature Algorithm: ecdsa-with-SHA256/,
      /Basic Constraints: critical\s+CA:FALSE/,
      /Key Usage: critical\s+Digital Signature\n/,
      /Extended Key Usage:\s+TLS Web Server Authentication\n/,
      /Subject Key Identifier:/,
      /DNS:localhost, DNS:kaiyan.local, IP Address:127.0.0.1, IP Address:192.168.1.20, IP Address:0:0:0:0:0:0:0:1/,
      /IP Address:FD00:0:0:0:0:0:1:2, IP Address:2001:DB8:1:2:3:4:5:6\n/,
    ])
      assert.match(words, expected);
    const verified = openssl('verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', file, file);
    assert.match(verified, /: OK/);
  });
});
