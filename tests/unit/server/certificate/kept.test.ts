import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { certificateFile, keptCertificate } from '#kaiyan/server/certificate/kept.js';
import { makeSelfSigned } from '#kaiyan/server/certificate/self-signed.js';
import { temporaryFolder } from '../../../support/folders.js';

const names = ['localhost', '127.0.0.1'];

async function keeping(t: TestContext) {
  const home = await temporaryFolder(t);
  const notices: string[] = [];
  const fingerprint = async (wanted: readonly string[] = names, folder = home) =>
    (await keptCertificate(folder, wanted, (notice) => notices.push(notice))).parsed.fingerprint256;
  const file = certificateFile(home);
  return { home, notices, fingerprint, file, keyFile: path.join(path.dirname(file), 'key.pem') };
}

describe('the certificate that is kept in the data directory', () => {
  test('is made once, and its key is for nobody else to read', async (t) => {
    const { fingerprint, file, keyFile, notices } = await keeping(t);
    const first = await fingerprint();
    assert.equal(await fingerprint(), first);
    assert.equal(new X509Certificate(await readFile(file)).fingerprint256, first);
    assert.equal((await stat(keyFile)).mode & 0o777, 0o600);
    assert.deepEqual((await readdir(path.dirname(file))).sort(), ['certificate.pem', 'key.pem']);
    assert.deepEqual(notices, []);
  });

  test('is one for several services that start at once, also after one of them has crashed', async (t) => {
    const { fingerprint, file } = await keeping(t);
    for (const wanted of [names, [...names, 'a.example']]) {
      const [first, ...others] = await Promise.all(Array.from({ length: 4 }, () => fingerprint(wanted)));
      for (const other of others) assert.equal(other, first);
      assert.equal(await fingerprint(wanted), first);
    }
    const left = path.join(path.dirname(file), '.making');
    await mkdir(left);
    const again = await fingerprint([...names, 'b.example']);
    assert.equal(await fingerprint([...names, 'b.example']), again);
    await assert.rejects(stat(left), { code: 'ENOENT' });
  });

  test('is made anew once the machine has a name or an address that it has not, but not if it has lost one', async (t) => {
    const { fingerprint } = await keeping(t);
    const first = await fingerprint([...names, '10.0.0.1']);
    assert.equal(await fingerprint(), first);
    const second = await fingerprint([...names, '10.0.0.2']);
    assert.notEqual(second, first);
    assert.notEqual(await fingerprint([...names, 'kaiyan.local']), second);
  });

  test('is made anew when it nears its end, and when it does not hold yet', async (t) => {
    const { fingerprint, file, keyFile } = await keeping(t);
    await mkdir(path.dirname(file), { recursive: true });
    const place = async (daysAgo: number) => {
      const made = makeSelfSigned({ title: 'x', names, now: new Date(Date.now() - daysAgo * 86_400_000) });
      await Promise.all([writeFile(file, made.certificate), writeFile(keyFile, made.key)]);
      return new X509Certificate(made.certificate).fingerprint256;
    };
    const young = await place(300);
    assert.equal(await fingerprint(), young);
    for (const days of [350, 500, -10]) {
      const unfit = await place(days);
      assert.notEqual(await fingerprint(), unfit, `${days} days ago`);
    }
  });

  test('is made anew if it is damaged, or its key is another', async (t) => {
    const { fingerprint, file, keyFile } = await keeping(t);
    const other = makeSelfSigned({ title: 'x', names });
    for (const [what, content] of [
      [file, 'x'],
      [file, other.certificate],
      [keyFile, ''],
      [keyFile, other.key],
    ] as const) {
      const before = await fingerprint();
      await writeFile(what, content);
      const after = await fingerprint();
      assert.notEqual(after, before);
      assert.equal(await fingerprint(), after);
    }
  });

  test('is used although it cannot be kept, and the operator is told', async (t) => {
    const { home, notices } = await keeping(t);
    await writeFile(path.join(home, 'file'), '');
    const folder = path.join(home, 'file/home');
    const { parsed, file } = await keptCertificate(folder, names, (notice) => notices.push(notice));
    assert.equal(parsed.checkIP('127.0.0.1'), '127.0.0.1');
    assert.equal(file, undefined);
    assert.match(notices.join(), /cannot be kept \(.*\): the next start makes another one/);
  });
});
