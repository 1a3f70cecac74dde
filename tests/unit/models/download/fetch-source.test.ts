import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Surroundings } from '#kaiyan/config.js';
import { type CatalogueEntry, findEntry } from '#kaiyan/models/catalogue.js';
import { type FetchOptions, fetchSource, removeDownload } from '#kaiyan/models/download/fetch-source.js';
import { appError, rejectionOf } from '../../../support/errors.js';
import { temporaryFolder } from '../../../support/folders.js';
import { type Mirror, type MirrorOptions, startMirror } from '../../../support/mirror.js';
import { until, within } from '../../../support/timing.js';

const FILE = 'weights-0123abcd.pth';
const content = randomBytes(1_500_000);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const entry: CatalogueEntry = {
  ...findEntry('resnet18'),
  url: `https://weights.example.org/models/${FILE}`,
  sha256: sha256(content),
  bytes: content.length,
  hosts: ['weights.example.org'],
};
const half = content.length / 2;

interface Bench {
  readonly home: string;
  readonly mirror: Mirror;
  readonly notices: string[];
  readonly fetch: (options?: Partial<FetchOptions>) => ReturnType<typeof fetchSource>;
}

/** A data directory and a mirror, and downloads from it that do not wait long. */
async function bench(t: TestContext, options: Partial<MirrorOptions> = {}): Promise<Bench> {
  const home = await temporaryFolder(t);
  const mirror = await startMirror(t, { files: { [FILE]: content }, ...options });
  const notices: string[] = [];
  const fetch = (changes: Partial<FetchOptions> = {}) =>
    fetchSource(entry, {
      home,
      from: mirror.url,
      surroundings: nowhere(home),
      signal: new AbortController().signal,
      onNotice: (notice) => notices.push(notice),
      patience: { stallMs: 5_000, attempts: 3, pauseMs: 10 },
      ...changes,
    });
  return { home, mirror, notices, fetch };
}

const nowhere = (home: string): Surroundings => ({
  httpProxy: '',
  httpsProxy: '',
  noProxy: '',
  torchCheckpoints: path.join(home, 'torch'),
});

const downloads = async (home: string): Promise<string[]> =>
  (await readdir(path.join(home, 'downloads')).catch(() => [])).sort();

describe('a download', () => {
  test('is the verified file in downloads/, and nothing else is left there', async (t) => {
    const { home, mirror, fetch } = await bench(t);
    const source = await fetch();
    assert.deepEqual(source, { path: path.join(home, 'downloads', FILE), downloaded: true });
    assert.ok((await readFile(source.path)).equals(content));
    assert.deepEqual(await downloads(home), [FILE]);
    assert.deepEqual(
      mirror.requests.map(({ path, range }) => [path, range]),
      [[`/${FILE}`, undefined]],
    );
    await removeDownload(source);
    assert.deepEqual(await downloads(home), []);
  });

  test('is not repeated while its file is there, but is when that is damaged', async (t) => {
    const { mirror, fetch } = await bench(t);
    const { path: file } = await fetch();
    await fetch();
    assert.equal(mirror.requests.length, 1);
    await writeFile(file, content.subarray(1));
    await fetch();
    assert.equal(mirror.requests.length, 2);
    assert.ok((await readFile(file)).equals(content));
  });

  test('says how far it is, up to the end', async (t) => {
    const { fetch } = await bench(t);
    const seen: number[] = [];
    await fetch({
      onProgress: ({ done, total }) => {
        assert.equal(total, content.length);
        seen.push(done);
      },
    });
    assert.deepEqual(
      [...seen].sort((a, b) => a - b),
      seen,
    );
    assert.equal(seen.at(-1), content.length);
  });

  test('may be sent without a length', async (t) => {
    const { fetch } = await bench(t, { misbehave: () => ({ noLength: true }) });
    assert.ok((await readFile((await fetch()).path)).equals(content));
  });

  test('takes an address of the file itself, whatever its name there', async (t) => {
    const { mirror, fetch } = await bench(t, { files: { mine: content } });
    await fetch({ from: `${mirror.url}some/mine?key=1` });
    assert.equal(mirror.requests[0]?.path, '/some/mine?key=1');
  });
});

describe('a download that breaks off', () => {
  test('goes on where it was, on the condition that the file is the same', async (t) => {
    const { mirror, notices, fetch } = await bench(t, {
      misbehave: (_, count) => (count === 1 ? { cutAfter: half } : undefined),
    });
    assert.ok((await readFile((await fetch()).path)).equals(content));
    const [, second] = mirror.requests;
    assert.match(second?.range ?? '', /^bytes=[1-9]\d*-$/);
    assert.match(second?.ifRange ?? '', /^"[0-9a-f]{16}"$/);
    assert.ok((second?.sent ?? 0) < content.length);
    assert.match(notices.join(), /trying again in 0\.01 s/);
  });

  test('goes on in a later call, and then only the rest is sent', async (t) => {
    const { home, mirror, fetch } = await bench(t, {
      misbehave: ({ range }) => (range === undefined ? { stallAfter: half } : undefined),
      etags: false,
    });
    const controller = new AbortController();
    await assert.rejects(
      fetch({ signal: controller.signal, onProgress: ({ done }) => done === half && controller.abort() }),
    );
    assert.deepEqual(await downloads(home), [`${FILE}.part`, `${FILE}.part.json`]);
    await fetch();
    const { range, sent } = mirror.requests[1] ?? {};
    assert.deepEqual([range, sent], [`bytes=${half}-`, half]);
  });

  test('may break off any number of times while it gets further', async (t) => {
    const { mirror, fetch } = await bench(t, { misbehave: () => ({ cutAfter: 200_000 }) });
    assert.ok((await readFile((await fetch()).path)).equals(content));
    assert.ok(mirror.requests.length >= 8);
  });

  test('is given up after some attempts that bring nothing, says how to go on, and keeps what is there', async (t) => {
    const { home, mirror, fetch } = await bench(t, {
      misbehave: (_, count) => (count === 1 ? { cutAfter: half } : { cutAfter: 0 }),
    });
    await assert.rejects(
      fetch(),
      appError('DOWNLOAD_FAILED', mirror.url, 'broke', 'Run the same command again', 'MB that are there'),
    );
    assert.equal(mirror.requests.length, 3);
    assert.deepEqual(await downloads(home), [`${FILE}.part`, `${FILE}.part.json`]);
  });

  test('ends with fewer bytes than were announced: that is noticed', async (t) => {
    const { fetch, notices } = await bench(t, {
      misbehave: (_, count) => (count === 1 ? { lengthOff: 1000 } : undefined),
    });
    assert.ok((await readFile((await fetch()).path)).equals(content));
    assert.match(notices.join(), /trying again/);
  });

  test('brings more bytes than were announced: that is noticed', async (t) => {
    const { home, fetch } = await bench(t, { misbehave: () => ({ lengthOff: -1000 }) });
    await assert.rejects(fetch(), appError('MODEL_SOURCE_MISMATCH', entry.sha256));
    assert.deepEqual(await downloads(home), []);
  });

  test('begins anew if the server cannot go on in the middle', async (t) => {
    const { mirror, fetch } = await bench(t, {
      misbehave: (_, count) => (count === 1 ? { cutAfter: half } : { ignoreRange: true }),
    });
    assert.ok((await readFile((await fetch()).path)).equals(content));
    assert.deepEqual(
      mirror.requests.map(({ range }) => range !== undefined),
      [false, true],
    );
  });

  test('is not gone on with from another address', async (t) => {
    const { home, fetch } = await bench(t, { misbehave: () => ({ cutAfter: half }) });
    await assert.rejects(fetch({ patience: { stallMs: 5_000, attempts: 1, pauseMs: 10 } }));
    const other = await startMirror(t, { files: { [FILE]: content } });
    await fetch({ from: other.url });
    assert.equal(other.requests[0]?.range, undefined);
    assert.deepEqual(await downloads(home), [FILE]);
  });

  test('whose last byte had come is only verified', async (t) => {
    const { home, mirror, fetch } = await bench(t);
    await mkdir(path.join(home, 'downloads'));
    const part = path.join(home, 'downloads', `${FILE}.part`);
    await writeFile(part, content);
    await writeFile(`${part}.json`, JSON.stringify({ url: `${mirror.url}${FILE}`, etag: null }));
    await fetch();
    assert.deepEqual(
      mirror.requests.map(({ sent }) => sent),
      [0],
    );
  });

  test('and whose beginning is damaged, or longer than the file, is fetched anew', async (t) => {
    for (const left of [randomBytes(half), Buffer.concat([content, content])]) {
      const { home, mirror, fetch, notices } = await bench(t);
      await mkdir(path.join(home, 'downloads'));
      const part = path.join(home, 'downloads', `${FILE}.part`);
      await writeFile(part, left);
      await writeFile(`${part}.json`, JSON.stringify({ url: `${mirror.url}${FILE}`, etag: null }));
      assert.ok((await readFile((await fetch()).path)).equals(content));
      assert.equal(mirror.requests.length, 2);
      assert.equal(notices.length, 1);
    }
  });
});

describe('a download that fails', () => {
  test('with another hash than it should have names both and leaves nothing', async (t) => {
    const wrong = Buffer.from(content);
    wrong[5] = (wrong[5] as number) ^ 1;
    const { home, mirror, fetch } = await bench(t, { misbehave: () => ({ content: wrong }) });
    await assert.rejects(
      fetch(),
      appError('MODEL_SOURCE_MISMATCH', `${mirror.url}${FILE}`, entry.sha256, sha256(wrong), 'removed'),
    );
    assert.deepEqual(await downloads(home), []);
    assert.equal(mirror.requests.length, 1);
  });

  test('with 404 is not tried again', async (t) => {
    const { home, mirror, fetch } = await bench(t, { files: {} });
    await assert.rejects(fetch(), appError('DOWNLOAD_FAILED', '404 (Not Found)', 'address'));
    assert.equal(mirror.requests.length, 1);
    assert.deepEqual(await downloads(home), []);
  });

  for (const status of [500, 503, 429])
    test(`with ${status} is tried again, and succeeds or names it`, async (t) => {
      const passing = await bench(t, { misbehave: (_, count) => (count < 3 ? { status } : undefined) });
      assert.ok((await readFile((await passing.fetch()).path)).equals(content));
      const lasting = await bench(t, { misbehave: () => ({ status }) });
      await assert.rejects(lasting.fetch(), appError('DOWNLOAD_FAILED', `${status} (`, 'Try again later', '--from'));
      assert.equal(lasting.mirror.requests.length, 3);
    });

  test('because nothing comes any more is tried again, and is told from one that is slow', async (t) => {
    const stalled = await bench(t, { misbehave: (_, count) => (count === 1 ? { stallAfter: half } : undefined) });
    await stalled.fetch({ patience: { stallMs: 300, attempts: 2, pauseMs: 10 } });
    assert.match(stalled.notices.join(), /nothing came for 0\.3 s/);
    const slow = await bench(t, { misbehave: () => ({ slowMs: 60 }) });
    const begin = performance.now();
    await slow.fetch({ patience: { stallMs: 1_000, attempts: 1, pauseMs: 10 } });
    assert.ok(performance.now() - begin > 1_000, 'it took longer than nothing may come');
    assert.deepEqual(slow.notices, []);
  });

  test('because no answer comes at all is given up in time', async (t) => {
    const { fetch } = await bench(t, { misbehave: () => ({ stallAfter: 0, noLength: true }) });
    await assert.rejects(
      fetch({ patience: { stallMs: 200, attempts: 2, pauseMs: 10 } }),
      appError('DOWNLOAD_FAILED', 'nothing came for 0.2 s'),
    );
  });

  test('because a proxy is silent is given up in time, and ends on Ctrl-C', async (t) => {
    const silent = net.createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    t.after(() => silent.close());
    const { home, fetch } = await bench(t);
    const httpsProxy = `http://127.0.0.1:${(silent.address() as net.AddressInfo).port}`;
    const surroundings = { ...nowhere(home), httpsProxy };
    await assert.rejects(
      fetch({ from: undefined, surroundings, patience: { stallMs: 200, attempts: 2, pauseMs: 10 } }),
      appError('DOWNLOAD_FAILED', 'nothing came for 0.2 s'),
    );
    const signal = AbortSignal.timeout(200);
    const error = await within(5_000, 'the end', rejectionOf(fetch({ from: undefined, surroundings, signal })));
    assert.equal((error as Error).name, 'TimeoutError');
  });

  test('because it is encoded is refused', async (t) => {
    const { fetch } = await bench(t, { misbehave: () => ({ gzip: true }) });
    await assert.rejects(fetch(), appError('DOWNLOAD_FAILED', 'gzip'));
  });

  test('because there is more to come than is right is refused before and while it comes', async (t) => {
    const large = Buffer.alloc(3_000_000);
    const before = await bench(t, { misbehave: () => ({ content: large }) });
    await assert.rejects(before.fetch(), appError('DOWNLOAD_FAILED', 'at least 3.0 MB', 'about 1.5 MB'));
    const endless = await bench(t, { misbehave: () => ({ content: large, noLength: true }) });
    await assert.rejects(endless.fetch(), appError('DOWNLOAD_FAILED', 'about 1.5 MB'));
    const { size } = await stat(path.join(endless.home, 'downloads', `${FILE}.part`));
    assert.ok(size < 1_800_000);
  });

  test('because nobody listens there says what else can be done, without waiting', async (t) => {
    const { fetch, notices } = await bench(t);
    await assert.rejects(
      fetch({ from: 'http://127.0.0.1:1/' }),
      appError('DOWNLOAD_FAILED', 'refused', '--from FILE', "PyTorch's cache"),
    );
    assert.deepEqual(notices, []);
  });

  test('on Ctrl-C keeps what has come, and ends at once even while it waits', async (t) => {
    const controller = new AbortController();
    const { home, fetch, notices } = await bench(t, { misbehave: () => ({ status: 503 }) });
    const failing = fetch({ signal: controller.signal, patience: { stallMs: 5_000, attempts: 9, pauseMs: 60_000 } });
    const rejection = rejectionOf(failing);
    await until('it waits', () => notices.length === 1);
    const begin = performance.now();
    controller.abort();
    assert.equal(((await rejection) as Error).name, 'AbortError');
    assert.ok(performance.now() - begin < 2_000);
    assert.deepEqual(await downloads(home), []);
  });

  test('because the data directory is not writable names it', async (t) => {
    const home = path.join(await temporaryFolder(t), 'a-file');
    await writeFile(home, '');
    const { fetch } = await bench(t);
    await assert.rejects(fetch({ home }), appError('DATA_UNWRITABLE', path.join(home, 'downloads'), '--home'));
  });
});

describe('where a download may lead', () => {
  test('a mirror sends on within itself only', async (t) => {
    const { fetch } = await bench(t, {
      misbehave: (_, count) => (count === 1 ? { redirectTo: `/store/${FILE}` } : undefined),
    });
    assert.ok((await readFile((await fetch()).path)).equals(content));
    const other = await startMirror(t, { files: { [FILE]: content } });
    const away = await bench(t, { misbehave: () => ({ redirectTo: `${other.url}${FILE}` }) });
    await assert.rejects(
      away.fetch(),
      appError('DOWNLOAD_REFUSED', other.url, new URL(away.mirror.url).origin, '--from'),
    );
    assert.deepEqual(other.requests, []);
  });

  test('a page that says where, and never ends, holds nothing up', async (t) => {
    const { fetch } = await bench(t, {
      misbehave: (_, count) => (count === 1 ? { redirectTo: `/store/${FILE}`, stallAfter: 0 } : undefined),
    });
    assert.ok((await readFile((await fetch()).path)).equals(content));
  });

  test('round and round is given up', async (t) => {
    const { mirror, fetch } = await bench(t, { misbehave: ({ path }) => ({ redirectTo: `${path}x` }) });
    await assert.rejects(fetch(), appError('DOWNLOAD_FAILED', 'more than 5 times'));
    assert.equal(mirror.requests.length, 6);
  });

  test('without TLS only to this machine, and never with a password', async (t) => {
    const { fetch } = await bench(t);
    await assert.rejects(fetch({ from: 'http://mirror.example.org/' }), appError('DOWNLOAD_REFUSED', 'https://'));
    const secret = await rejectionOf(fetch({ from: 'https://me:secret@mirror.example.org/' }));
    assert.ok(appError('DOWNLOAD_REFUSED', 'password')(secret));
    assert.doesNotMatch((secret as Error).message, /secret/);
  });
});

describe('a file that is there', () => {
  test('is taken from the operator, by its path or in a folder by its official name, and must be the right one', async (t) => {
    const folder = await temporaryFolder(t);
    const { fetch, mirror, home } = await bench(t);
    await writeFile(path.join(folder, FILE), content);
    await writeFile(path.join(folder, 'other'), 'something else');
    const expected = { path: path.join(folder, FILE), downloaded: false };
    assert.deepEqual(await fetch({ from: folder }), expected);
    assert.deepEqual(await fetch({ from: expected.path }), expected);
    await assert.rejects(
      fetch({ from: path.join(folder, 'other') }),
      appError('MODEL_SOURCE_MISMATCH', 'other', entry.sha256, sha256(Buffer.from('something else')), entry.url),
    );
    await assert.rejects(fetch({ from: home }), appError('FILE_UNREADABLE', path.join(home, FILE)));
    await assert.rejects(fetch({ from: '/dev/zero' }), appError('FILE_UNREADABLE', '/dev/zero', 'not a file'));
    await removeDownload(expected);
    assert.ok((await stat(expected.path)).isFile());
    assert.deepEqual(mirror.requests, []);
  });

  test('in the cache of PyTorch is used without a download, and a wrong one there is passed over', async (t) => {
    const { home, fetch, notices } = await bench(t);
    const { torchCheckpoints } = nowhere(home);
    await mkdir(torchCheckpoints);
    await writeFile(path.join(torchCheckpoints, FILE), content);
    assert.deepEqual(await fetch({ from: undefined }), { path: path.join(torchCheckpoints, FILE), downloaded: false });
    await writeFile(path.join(torchCheckpoints, FILE), 'half');
    const surroundings = { ...nowhere(home), httpsProxy: 'http://127.0.0.1:1' };
    await assert.rejects(fetch({ from: undefined, surroundings }), appError('DOWNLOAD_FAILED', entry.url));
    assert.match(notices.join(), /passed over/);
  });
});

describe('two downloads of one file at once', () => {
  test('are one: the other waits, says so, and takes the result', async (t) => {
    let go = () => undefined as unknown;
    const resume = new Promise((resolve) => {
      go = () => resolve(undefined);
    });
    const { home, mirror, fetch, notices } = await bench(t, { misbehave: () => ({ stallAfter: half, resume }) });
    const [first, second] = [fetch(), fetch()];
    await until('one of them waits', () => notices.length === 1);
    assert.match(notices[0] as string, new RegExp(`Process ${process.pid} is downloading`));
    go();
    assert.deepEqual(await first, await second);
    assert.equal(mirror.requests.length, 1);
    assert.deepEqual(await downloads(home), [FILE]);
  });
});
