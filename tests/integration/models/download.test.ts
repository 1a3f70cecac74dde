import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type CatalogueEntry, findEntry } from '#kaiyan/models/catalogue.js';
import { fetchSource } from '#kaiyan/models/download/fetch-source.js';
import { appError } from '../../support/errors.js';
import { smallDisk, temporaryFolder } from '../../support/folders.js';
import { type Mirror, startMirror, startProxy, tlsFile } from '../../support/mirror.js';
import { withoutMounts } from '../../support/requirements.js';
import { type CommandResult, type RunningCommand, startScript } from '../../support/run-command.js';
import { until } from '../../support/timing.js';

const script = fileURLToPath(new URL('../../support/fetch-source.js', import.meta.url));

const FILE = 'weights-0123abcd.pth';
const content = randomBytes(1_000_000);
const half = content.length / 2;
const entry: CatalogueEntry = {
  ...findEntry('resnet18'),
  url: `https://weights.example.org/models/${FILE}`,
  sha256: createHash('sha256').update(content).digest('hex'),
  bytes: content.length,
  hosts: ['weights.example.org', 'cdn.example.org'],
};

interface Call {
  readonly home: string;
  readonly from?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly changes?: Partial<CatalogueEntry>;
}

/** In a process of its own, without proxies or caches but those that are given. */
function fetchElsewhere({ home, from, environment = {}, changes = {} }: Call): RunningCommand {
  const none = { http_proxy: '', https_proxy: '', no_proxy: '', HTTP_PROXY: '', HTTPS_PROXY: '', NO_PROXY: '' };
  const call = JSON.stringify({ entry: { ...entry, ...changes }, home, from });
  return startScript(script, [call], { environment: { ...none, TORCH_HOME: home, ...environment } });
}

async function resultOf(call: Call): Promise<CommandResult> {
  return fetchElsewhere(call).result;
}

async function assertComplete(home: string, { stdout }: CommandResult): Promise<void> {
  assert.equal(stdout, path.join(home, 'downloads', FILE));
  assert.ok((await readFile(stdout)).equals(content));
  assert.deepEqual(await readdir(path.join(home, 'downloads')), [FILE]);
}

/** The official hosts as a proxy shows them: one HTTPS server, whatever the name. */
async function official(t: TestContext, redirectTo?: (host: string) => string | undefined) {
  const server = await startMirror(t, {
    files: { [FILE]: content },
    tls: true,
    misbehave: ({ host }) => {
      const target = redirectTo?.(host);
      return target === undefined ? undefined : { redirectTo: target };
    },
  });
  const proxy = await startProxy(t, { toPort: server.port });
  const environment = { https_proxy: proxy.url, NODE_EXTRA_CA_CERTS: tlsFile('authority.pem') };
  return { server, proxy, environment, home: await temporaryFolder(t) };
}

describe('the official address', () => {
  test('is called over TLS, through the proxy that the environment names', async (t) => {
    const { home, server, proxy, environment } = await official(t);
    await assertComplete(home, await resultOf({ home, environment }));
    assert.deepEqual(proxy.targets, ['weights.example.org:443']);
    assert.deepEqual(
      server.requests.map(({ host, path }) => [host, path]),
      [['weights.example.org', `/models/${FILE}`]],
    );
  });

  test('and its name and password are told to the proxy', async (t) => {
    const { home, proxy, environment } = await official(t);
    const https_proxy = proxy.url.replace('//', '//me:se%40cret@');
    await assertComplete(home, await resultOf({ home, environment: { ...environment, https_proxy } }));
    assert.deepEqual(proxy.authorizations, [`Basic ${Buffer.from('me:se@cret').toString('base64')}`]);
  });

  test('may send on to hosts that the catalogue knows', async (t) => {
    const { home, proxy, environment } = await official(t, (host) =>
      host === 'cdn.example.org' ? undefined : `https://cdn.example.org/x/${FILE}`,
    );
    await assertComplete(home, await resultOf({ home, environment }));
    assert.deepEqual(proxy.targets, ['weights.example.org:443', 'cdn.example.org:443']);
  });

  for (const [what, target] of [
    ['another host', 'https://evil.example.org/x'],
    ['a host whose name begins the same', 'https://weights.example.org.evil.example/x'],
    ['a connection without TLS', 'http://cdn.example.org/x'],
    ['another port', 'https://cdn.example.org:8443/x'],
    ['an address with a name and a password', 'https://me:secret@cdn.example.org/x'],
    ['this machine', 'http://127.0.0.1:8080/x'],
  ] as const)
    test(`may not send on to ${what}`, async (t) => {
      const { home, server, proxy, environment } = await official(t, () => target);
      const { stdout } = await resultOf({ home, environment });
      assert.match(
        stdout,
        /^DOWNLOAD_REFUSED: Expected the download to stay with https:\/\/weights\.example\.org and https:/,
      );
      assert.ok(stdout.includes(target.replace('secret', '***')), stdout);
      assert.equal(server.requests.length, 1);
      assert.deepEqual(proxy.targets, ['weights.example.org:443']);
      assert.deepEqual(await readdir(path.join(home, 'downloads')), []);
    });

  test('is not believed with a certificate that nobody trusts', async (t) => {
    const { home, server, environment } = await official(t);
    const { stdout } = await resultOf({ home, environment: { ...environment, NODE_EXTRA_CA_CERTS: '' } });
    assert.match(stdout, /^DOWNLOAD_FAILED: .*certificate is not trusted.*NODE_EXTRA_CA_CERTS/);
    assert.deepEqual(server.requests, []);
  });

  test('is called without the proxy if NO_PROXY says so', async (t) => {
    const { home, proxy, environment } = await official(t);
    const changes = { url: `https://weights.invalid/${FILE}`, hosts: ['weights.invalid'] };
    const { stdout } = await resultOf({
      home,
      changes,
      environment: { ...environment, NO_PROXY: '.invalid', no_proxy: '.invalid' },
    });
    assert.match(stdout, /^DOWNLOAD_FAILED: .*(ENOTFOUND|EAI_AGAIN)/);
    assert.deepEqual(proxy.targets, []);
  });

  test('that a proxy refuses says so', async (t) => {
    const proxy = await startProxy(t, { status: 407 });
    const home = await temporaryFolder(t);
    const { stdout } = await resultOf({ home, environment: { https_proxy: proxy.url } });
    assert.match(stdout, /^DOWNLOAD_FAILED: .*the proxy refused \(.*407/);
    assert.equal(proxy.targets.length, 1);
  });
});

test('a mirror on this machine is not reached through a proxy', async (t) => {
  const home = await temporaryFolder(t);
  const [mirror, proxy] = [await startMirror(t, { files: { [FILE]: content } }), await startProxy(t, { status: 500 })];
  const environment = { http_proxy: proxy.url, https_proxy: proxy.url };
  await assertComplete(home, await resultOf({ home, from: mirror.url, environment }));
  assert.deepEqual(proxy.targets, []);
});

const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => ({ size: 0 }))).size;

/** Serves half of the file, and the rest when it is asked for. */
const halfMirror = (t: TestContext): Promise<Mirror> =>
  startMirror(t, {
    files: { [FILE]: content },
    misbehave: ({ range }) => (range === undefined ? { stallAfter: half } : undefined),
  });

test('killed half-way, it goes on when it is called again, and only the rest is sent', async (t) => {
  const home = await temporaryFolder(t);
  const mirror = await halfMirror(t);
  const first = fetchElsewhere({ home, from: mirror.url });
  await until(
    'half of it is there',
    async () => (await sizeOf(path.join(home, 'downloads', `${FILE}.part`))) === half,
    20_000,
  );
  first.child.kill('SIGKILL');
  assert.equal((await first.result).signal, 'SIGKILL');
  const second = await resultOf({ home, from: mirror.url });
  await assertComplete(home, second);
  assert.equal(second.stderr, '', 'it does not wait for the dead');
  assert.deepEqual(
    mirror.requests.map(({ range, sent }) => [range, sent]),
    [
      [undefined, half],
      [`bytes=${half}-`, half],
    ],
  );
});

test('processes that want the same file at once download it once', async (t) => {
  const home = await temporaryFolder(t);
  const mirror = await startMirror(t, { files: { [FILE]: content }, misbehave: () => ({ slowMs: 60 }) });
  const results = await Promise.all(Array.from({ length: 4 }, () => resultOf({ home, from: mirror.url })));
  for (const result of results) await assertComplete(home, result);
  assert.equal(mirror.requests.length, 1);
});

describe('a full disk', { skip: withoutMounts() }, () => {
  const calling = (home: string, from: string) => ({
    home,
    from,
    surroundings: { httpProxy: '', httpsProxy: '', noProxy: '', torchCheckpoints: home },
    signal: new AbortController().signal,
  });

  test('is told before anything is written, if the size is known', async (t) => {
    const home = await smallDisk(t, 2);
    await writeFile(path.join(home, 'filler'), Buffer.alloc(1_500_000));
    const mirror = await startMirror(t, { files: { [FILE]: content } });
    await assert.rejects(
      fetchSource(entry, calling(home, mirror.url)),
      appError('DISK_FULL', '1.0 MB more', path.join(home, 'downloads'), '0.6 MB', '--home'),
    );
    assert.deepEqual(await readdir(path.join(home, 'downloads')), []);
  });

  test('in the middle ends it, and the room is given back', async (t) => {
    const home = await smallDisk(t, 2);
    let fill = () => undefined as unknown;
    const resume = new Promise((resolve) => {
      fill = () => resolve(undefined);
    });
    const mirror = await startMirror(t, {
      files: { [FILE]: content },
      misbehave: () => ({ stallAfter: half, resume }),
    });
    const onProgress = ({ done }: { readonly done: number }) => {
      if (done === half)
        void writeFile(path.join(home, 'filler'), Buffer.alloc(2_000_000))
          .catch(() => undefined)
          .then(fill);
    };
    await assert.rejects(
      fetchSource(entry, { ...calling(home, mirror.url), onProgress }),
      appError('DISK_FULL', path.join(home, 'downloads'), 'only 0.0 MB'),
    );
    assert.deepEqual(await readdir(path.join(home, 'downloads')), []);
  });
});
