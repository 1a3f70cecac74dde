import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { type Settings, settingsWith } from '#kaiyan/config.js';
import { networkAddresses } from '#kaiyan/server/addresses.js';
import { certificateFor, isSecure } from '#kaiyan/server/certificate/certificate.js';
import { ownNames } from '#kaiyan/server/certificate/names.js';
import { makeSelfSigned } from '#kaiyan/server/certificate/self-signed.js';
import { appError } from '../../../support/errors.js';
import { temporaryFolder } from '../../../support/folders.js';
import { project } from '../../../support/paths.js';

const tls = path.join(project, 'tests/fixtures/tls');
const tlsCert = path.join(tls, 'server.pem');
const tlsKey = path.join(tls, 'server.key');

async function certificate(changes: Partial<Settings>) {
  const notices: string[] = [];
  const found = await certificateFor(settingsWith(changes), (notice) => notices.push(notice));
  return { found, notices };
}

async function folderWith(t: TestContext, files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder(t);
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
  return (name: string) => path.join(folder, name);
}

describe('a service speaks HTTPS', () => {
  test('if it is told so, or has a certificate or a key', () => {
    const speaks = (changes: Partial<Settings>) => isSecure(settingsWith(changes));
    assert.deepEqual([{}, { https: true }, { tlsCert }, { tlsKey }].map(speaks), [false, true, true, true]);
  });
});

describe('a service with the setting https', () => {
  test('has a certificate for all that this machine may be called', async (t) => {
    const { found } = await certificate({ https: true, home: await temporaryFolder(t) });
    const isFor = (name: string) => found.parsed.checkHost(name, { subject: 'never' }) !== undefined;
    assert.ok(isFor('localhost'));
    assert.ok(isFor(os.hostname()));
    for (const address of ['127.0.0.1', '::1', ...networkAddresses()])
      assert.equal(found.parsed.checkIP(address), address);
    assert.match(found.fingerprint, /^([\dA-F]{2}:){31}[\dA-F]{2}$/);
    assert.ok(found.isOwn);
  });

  test('has one also for the names that it was told, and for none that no certificate can have', () => {
    const allowedHosts = [
      'Pictures.example.org',
      '[fd00::7]',
      '10.9.8.7',
      '*',
      '开眼.local',
      'a_b',
      '-x',
      'fe80::1%eth0',
      '',
    ];
    const names = ownNames({ host: '0.0.0.0', allowedHosts });
    for (const name of ['pictures.example.org', 'fd00::7', '10.9.8.7']) assert.ok(names.includes(name), name);
    for (const name of ['0.0.0.0', '*', '开眼.local', 'a_b', '-x', 'fe80::1%eth0', ''])
      assert.ok(!names.includes(name), name);
    assert.equal(new Set(names).size, names.length);
    assert.ok(ownNames({ host: '10.1.1.1', allowedHosts: [] }).includes('10.1.1.1'));
  });
});

describe("a service with the operator's certificate", () => {
  test('proves its name with that, and knows which names it is for', async () => {
    const { found, notices } = await certificate({ tlsCert, tlsKey, home: '/dev/null/x' });
    assert.deepEqual([found.names, found.isOwn, found.file], [['example.org'], false, undefined]);
    assert.equal(found.fingerprint, found.parsed.fingerprint256);
    assert.deepEqual(notices, []);
  });

  test('says that it has ended', async (t) => {
    const { certificate: old, key } = makeSelfSigned({ title: 'x', names: ['a.example'], now: new Date('2020-01-01') });
    const at = await folderWith(t, { cert: old, key });
    const { notices } = await certificate({ tlsCert: at('cert'), tlsKey: at('key') });
    assert.match(notices.join(), /ended on 2021-01-31.*browsers refuse it/);
  });

  test('says what is wrong with the files, and what to do', async (t) => {
    const { key } = makeSelfSigned({ title: 'x', names: ['a.example'] });
    const cipher = { cipher: 'aes-256-cbc', passphrase: 'x' };
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const locked = privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }).toString();
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const chain = `${await readFile(tlsCert, 'utf8')}${broken}`;
    const at = await folderWith(t, { other: key, locked, empty: '', chain });
    const cases: readonly [changes: Partial<Settings>, ...says: string[]][] = [
      [{ tlsCert }, 'tlsKey is not'],
      [{ tlsKey }, 'tlsCert is not'],
      [{ tlsCert, tlsKey: at('other') }, tlsCert, at('other'), 'is not that of'],
      [{ tlsCert, tlsKey: at('locked') }, at('locked'), 'passphrase'],
      [{ tlsCert, tlsKey: at('empty') }, at('empty'), 'no private key'],
      [{ tlsCert: at('empty'), tlsKey }, at('empty'), 'BEGIN CERTIFICATE'],
      [{ tlsCert: at('chain'), tlsKey }, at('chain'), 'what follows it'],
      [{ tlsCert: tlsKey, tlsKey }, tlsKey, 'BEGIN CERTIFICATE'],
    ];
    for (const [changes, ...says] of cases)
      await assert.rejects(certificate(changes), appError('CERTIFICATE_INVALID', ...says));
    await assert.rejects(certificate({ tlsCert: at('nothing'), tlsKey }), appError('FILE_UNREADABLE', at('nothing')));
  });
});
