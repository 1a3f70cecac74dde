import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { Agent, fetch } from 'undici';
import { encode } from 'uqr';
import { networkAddresses } from '#kaiyan/server/addresses.js';
import { temporaryFolder } from '../../support/folders.js';
import { fixtures } from '../../support/paths.js';
import { withoutTerminals } from '../../support/requirements.js';
import { jsonLines, kaiyan, type RunningCommand, startKaiyan, startOnTerminal } from '../../support/run-command.js';
import { until, within } from '../../support/timing.js';

interface Service extends RunningCommand {
  readonly address: string;
  readonly port: number;
}

const SERVE = ['serve', '--port', '0', '--workers', '1', '--precision', 'int8', '--log-format', 'text'];

async function startService(
  t: Pick<TestContext, 'after'>,
  args: readonly string[],
  environment = {},
): Promise<Service> {
  const running = startKaiyan([...SERVE, ...args], { environment });
  t.after(() => running.child.kill('SIGKILL'));
  await until('the service answers', () => /https:\/\/.*\n$/s.test(running.stderr()), 60_000);
  const address = /https:\/\/[\w.:[\]]+/.exec(running.stderr())?.[0] as string;
  return { ...running, address, port: Number(new URL(address).port) };
}

const printedFingerprint = ({ stderr }: Service) =>
  /fingerprint.*: (([\dA-F]{2}:){31}[\dA-F]{2})\n/.exec(stderr())?.[1];
const keptFile = (home: string) => path.join(home, 'https/certificate.pem');

/** Asks as a client that trusts these certificates alone, and checks all of what it is shown. */
async function ask(
  t: TestContext,
  url: string,
  ca: string,
  servername?: string,
): Promise<[status: number, body: string]> {
  const dispatcher = new Agent({ connect: { ca, ...(servername && { servername }) } });
  t.after(() => dispatcher.close());
  const response = await fetch(url, { dispatcher });
  return [response.status, await response.text()];
}

describe('kaiyan serve --https', () => {
  test('serves the certificate whose fingerprint it prints, on this machine only, and ends with 0 on SIGTERM', async (t) => {
    const home = await temporaryFolder(t);
    const service = await startService(t, ['--https', '--home', home, '--shutdown-seconds', '60']);
    assert.match(service.address, /^https:\/\/127\.0\.0\.1:\d+$/);
    assert.doesNotMatch(service.stderr(), /other machines|warn:/);
    const kept = await readFile(keptFile(home), 'utf8');
    assert.equal(new X509Certificate(kept).fingerprint256, printedFingerprint(service));
    assert.equal((await stat(path.join(home, 'https/key.pem'))).mode & 0o777, 0o600);
    assert.match(service.stderr(), new RegExp(`curl --cacert "${keptFile(home)}" -F image=@`));
    const [status, body] = await ask(t, `${service.address}/api/v1/service`, kept);
    const about = JSON.parse(body) as Record<string, unknown>;
    assert.deepEqual([status, about.secure, about.fingerprint], [200, true, printedFingerprint(service)]);
    assert.deepEqual(about.addresses, []);

    const plain = await fetch(service.address.replace('https', 'http'), { redirect: 'manual' });
    assert.deepEqual([plain.status, plain.headers.get('location')], [307, `${service.address}/`]);
    assert.match(await plain.text(), /Expected HTTPS/);

    const silent = net.connect(service.port, '127.0.0.1').on('error', () => undefined);
    await once(silent, 'connect');
    service.child.kill('SIGTERM');
    // Sooner than a handshake that does not end is cut.
    const { status: exit, signal, stdout } = await within(8_000, 'the end', service.result);
    assert.deepEqual([exit, signal, stdout], [0, null, '']);
  });

  test('keeps its certificate from one start to the next, until this machine has another name', async (t) => {
    const home = await temporaryFolder(t);
    const fingerprint = async (...args: readonly string[]) => {
      const service = await startService(t, ['--https', '--home', home, ...args]);
      service.child.kill('SIGTERM');
      await within(60_000, 'the end', service.result);
      return printedFingerprint(service);
    };
    const first = await fingerprint();
    assert.equal(await fingerprint(), first);
    const second = await fingerprint('--allowed-hosts', 'pictures.example.org');
    assert.notEqual(second, first);
    assert.equal(await fingerprint(), second, 'it has all that is needed, and more');
    const { parsed } = { parsed: new X509Certificate(await readFile(keptFile(home))) };
    assert.equal(parsed.checkHost('pictures.example.org', { subject: 'never' }), 'pictures.example.org');
  });

  test('says to a command that does not trust it, or comes without HTTPS, what to do', async (t) => {
    const home = await temporaryFolder(t);
    const { address } = await startService(t, ['--https', '--home', home]);
    const use = (url: string, environment = {}) =>
      kaiyan(['models', 'use', 'efficientnet-lite2', '--home', home, '--url', url], { environment });
    const distrusted = await use(address);
    assert.equal(distrusted.status, 1);
    assert.match(distrusted.stderr, new RegExp(`NODE_EXTRA_CA_CERTS .*${keptFile(home)}.*SERVICE_UNREACHABLE`));
    const plain = await use(address.replace('https', 'http'));
    assert.equal(plain.status, 1);
    assert.match(plain.stderr, new RegExp(`Use ${address} instead`));
    const { status, stdout } = await use(address, { NODE_EXTRA_CA_CERTS: keptFile(home) });
    assert.equal(status, 0);
    assert.match(stdout, /efficientnet-lite2/);
  });

  test('logs where other machines reach it, and the fingerprint, in one object where nobody looks on', async (t) => {
    const { address, child, result, port } = await startService(t, [
      ...['--https', '--host', '0.0.0.0', '--log-format', 'json', '--home', await temporaryFolder(t)],
    ]);
    child.kill('SIGTERM');
    const [greeting] = jsonLines((await within(60_000, 'the end', result)).stderr);
    assert.equal(greeting?.address, address);
    assert.match(String(greeting?.fingerprint), /^([\dA-F]{2}:){31}/);
    const addresses = networkAddresses().map((one) => `https://${one}:${port}`);
    assert.deepEqual(greeting?.addresses ?? [], addresses);
  });

  test("serves the operator's certificate, which implies HTTPS", async (t) => {
    const folder = path.join(fixtures, 'tls');
    const tls = { KAIYAN_TLS_CERT: path.join(folder, 'server.pem'), KAIYAN_TLS_KEY: path.join(folder, 'server.key') };
    const home = await temporaryFolder(t);
    const service = await startService(t, ['--home', home], tls);
    const authority = await readFile(path.join(folder, 'authority.pem'), 'utf8');
    assert.deepEqual(await ask(t, `${service.address}/livez`, authority, 'example.org'), [200, '{"status":"ok"}']);
    assert.equal(new X509Certificate(await readFile(tls.KAIYAN_TLS_CERT)).fingerprint256, printedFingerprint(service));
    assert.doesNotMatch(service.stderr(), /Browsers warn|cacert/);
    assert.ok(!existsSync(keptFile(home)));
  });

  test("says what is wrong with an operator's certificate before it loads a model, with status 2", async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(path.join(folder, 'empty.pem'), '');
    const cert = path.join(fixtures, 'tls/server.pem');
    const { status, stderr } = await kaiyan([
      ...SERVE,
      '--tls-cert',
      cert,
      '--tls-key',
      path.join(folder, 'empty.pem'),
    ]);
    assert.equal(status, 2);
    assert.match(stderr, /no private key in .*empty\.pem.*CERTIFICATE_INVALID/);
  });

  test('is what kaiyan doctor looks at where it is set', async (t) => {
    const home = await temporaryFolder(t);
    const { stdout } = await kaiyan(['doctor', '--json', '--home', home], { environment: { KAIYAN_HTTPS: 'true' } });
    const checks = JSON.parse(stdout) as { readonly name: string; readonly status: string; readonly seen: string }[];
    const { status, seen } = checks.find(({ name }) => name === 'certificate') ?? {};
    const { fingerprint256, validTo } = new X509Certificate(await readFile(keptFile(home)));
    const end = new Date(validTo).toISOString().slice(0, 10);
    assert.deepEqual([status, seen], ['ok', `made by Kaiyan, until ${end}, SHA-256 ${fingerprint256}`]);
  });
});

describe('kaiyan serve --https on a terminal', { skip: withoutTerminals() }, () => {
  const skip = networkAddresses().length === 0 && 'needs a network';

  test('shows the address for phones also as a QR code, white on black', { skip }, async (t) => {
    const home = await temporaryFolder(t);
    const { child, result } = startOnTerminal(
      `"$kaiyan" serve --https --host 0.0.0.0 --port 0 --workers 1 --precision int8 --home '${home}'`,
    );
    t.after(() => child.kill('SIGKILL'));
    let shown = '';
    child.stdout.on('data', (text: string) => {
      shown += text;
    });
    await until('a warning, after the code', () => /warn: everyone/.test(shown), 60_000);
    // Ctrl-C.
    child.stdin.write('\x03');
    await within(60_000, 'the end', result);
    const address = /other machines in the network: (https:\S+)/.exec(shown)?.[1] as string;
    const lines = shown
      .split('\x1b[97;40m')
      .slice(1)
      .map((rest) => rest.split('\x1b[0m', 1).join());
    // The upper half of a character is white in █ and ▀, the lower in █ and ▄; the code says what is black.
    const black = lines.flatMap((line) => [
      [...line].map((block) => !'█▀'.includes(block)),
      [...line].map((block) => !'█▄'.includes(block)),
    ]);
    const { data } = encode(address, { border: 2 });
    assert.deepEqual(black.slice(0, data.length), data);
  });
});
