import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { verifyBundle } from '#kaiyan/models/bundle.js';
import type { Manifest } from '#kaiyan/models/manifest.js';
import { createRegistry, type Registry } from '#kaiyan/models/registry.js';
import { customBundle } from '../../support/bundles.js';
import { appError, rejectionOf } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { installable } from '../../support/installing.js';

interface Store {
  readonly home: string;
  readonly registry: Registry;
  readonly entries: () => Promise<string[]>;
}

async function store(t: TestContext): Promise<Store> {
  const home = await temporaryFolder(t);
  const models = path.join(home, 'models');
  return { home, registry: createRegistry(home), entries: () => readdir(models, { recursive: true }) };
}

const own = async (registry: Registry) => (await registry.names()).slice(2);
const nothing = async () => undefined;

describe('installing', () => {
  test('puts a model where it is found, complete and with its manifest', async (t) => {
    const { home, registry, entries } = await store(t);
    const { manifest, fill } = await installable('mine', '1.2+b');
    const bundle = await registry.install(manifest, fill);
    assert.equal(bundle.folder, path.join(home, 'models/mine/1.2+b'));
    assert.deepEqual(bundle.manifest, manifest);
    assert.ok((await verifyBundle(await registry.open('mine'))).every(({ ok }) => ok));
    assert.deepEqual((await entries()).sort(), [
      'mine',
      'mine/1.2+b',
      'mine/1.2+b/model.json',
      'mine/1.2+b/model.onnx',
    ]);
    assert.equal((await stat(bundle.folder)).mode & 0o755, 0o755 & ~process.umask(), 'others may read it');
  });

  test('shows nothing before everything is there', async (t) => {
    const { registry } = await store(t);
    const { manifest, fill } = await installable('mine', '1');
    await registry.install(manifest, async (folder) => {
      assert.deepEqual(await readdir(folder), []);
      await fill(folder);
      assert.deepEqual(await own(registry), []);
      await assert.rejects(registry.open('mine'), appError('MODEL_NOT_FOUND'));
    });
    assert.deepEqual(await own(registry), ['mine']);
  });

  test('what fails leaves nothing', async (t) => {
    const { registry, entries } = await store(t);
    const { manifest, fill } = await installable('mine', '1');
    const empty: Manifest = { ...manifest, licenseFile: 'LICENSE' };
    for (const [what, attempt, is] of [
      ['its own error', () => registry.install(manifest, () => Promise.reject(new RangeError('own'))), /own/],
      [
        'a file that is missing',
        () => registry.install(manifest, nothing),
        appError('MODEL_DAMAGED', 'model.onnx', 'mine@1', 'ENOENT'),
      ],
      [
        'a hash',
        async () => registry.install(manifest, (await installable('mine', '1', 9)).fill),
        appError('MODEL_DAMAGED', 'model.onnx'),
      ],
      ['a licence that is missing', () => registry.install(empty, fill), appError('MODEL_INVALID', 'LICENSE')],
      [
        'a name that is a path',
        () => registry.install({ ...manifest, name: '../mine' }, fill),
        appError('MODEL_INVALID', '../mine'),
      ],
      [
        'a version that is a path',
        () => registry.install({ ...manifest, version: '..' }, fill),
        appError('MODEL_INVALID', 'version'),
      ],
    ] as const) {
      await assert.rejects(attempt(), is, what);
      assert.deepEqual(await entries().catch(() => []), [], what);
    }
  });

  test('on a full disk says so, where and what to do, and leaves nothing', {
    skip: process.platform !== 'linux' && 'needs /dev/full',
  }, async (t) => {
    const { home, registry, entries } = await store(t);
    const { manifest, fill } = await installable('mine', '1');
    const full = async (folder: string) => {
      await fill(folder);
      await writeFile('/dev/full', 'x');
    };
    await assert.rejects(
      registry.install(manifest, full),
      appError('MODELS_UNWRITABLE', 'ENOSPC', path.join(home, 'models'), 'Make room'),
    );
    assert.deepEqual(await entries(), []);
  });

  test('where nothing can be written says so', async () => {
    const { manifest, fill } = await installable('mine', '1');
    await assert.rejects(
      createRegistry('/dev/null/kaiyan').install(manifest, fill),
      appError('MODELS_UNWRITABLE', '/dev/null/kaiyan/models'),
    );
  });

  test('an error about what it reads is passed on as it is', async (t) => {
    const { registry } = await store(t);
    const { manifest } = await installable('mine', '1');
    const gone = async () => void (await stat('/no/such/checkpoint'));
    assert.equal(((await rejectionOf(registry.install(manifest, gone))) as NodeJS.ErrnoException).code, 'ENOENT');
  });

  test('a version that is there is refused before it is filled, and kept', async (t) => {
    const { home, registry } = await store(t);
    await customBundle(home, 'put-by-hand', { version: '7' });
    await registry.install(...parts(await installable('mine', '1', 1)));
    for (const [name, version] of [
      ['mine', '1'],
      ['put-by-hand', '7'],
      ['efficientnet-lite0', '1'],
    ] as const) {
      const { manifest } = await installable(name, version, 2);
      let filled = false;
      const fill = async () => {
        filled = true;
      };
      await assert.rejects(registry.install(manifest, fill), appError('MODEL_EXISTS', `${name}@${version}`));
      assert.equal(filled, false);
    }
    assert.ok((await verifyBundle(await registry.open('mine'))).every(({ ok }) => ok));
  });

  test('the same version twice at once lets one win', async (t) => {
    const { registry, entries } = await store(t);
    const results = await Promise.allSettled(
      [1, 2, 3, 4].map(async (content) => registry.install(...parts(await installable('mine', '1', content)))),
    );
    const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    assert.equal(lost.length, 3);
    for (const error of lost) assert.ok(appError('MODEL_EXISTS', 'mine@1')(error));
    assert.ok((await verifyBundle(await registry.open('mine'))).every(({ ok }) => ok));
    assert.equal((await entries()).length, 4, 'the model and nothing else');
  });

  test('several versions side by side', async (t) => {
    const { registry } = await store(t);
    for (const version of ['9', '10', '1']) await registry.install(...parts(await installable('mine', version)));
    assert.deepEqual(await own(registry), ['mine', 'mine@9', 'mine@1']);
    assert.equal((await registry.open('mine')).manifest.version, '10');
  });
});

describe('replacing', () => {
  test('puts the new one in the place of the old', async (t) => {
    const { registry, entries } = await store(t);
    const [old, young] = [await installable('mine', '1', 1), await installable('mine', '1', 2)];
    await registry.install(...parts(old));
    await registry.install(...parts(young), { replace: true });
    assert.deepEqual((await registry.open('mine')).manifest, young.manifest);
    assert.equal((await entries()).length, 4, 'nothing of the old one is left');
  });

  test('one that was put there by hand', async (t) => {
    const { home, registry } = await store(t);
    await customBundle(home, 'mine', { version: '1' });
    const { manifest, fill } = await installable('mine', '1');
    await registry.install(manifest, fill, { replace: true });
    assert.deepEqual((await registry.open('mine')).manifest, manifest);
    assert.deepEqual(await readdir(path.join(home, 'models/mine')), ['1']);
  });

  test('an embedded model is refused', async (t) => {
    const { registry } = await store(t);
    const { manifest, fill } = await installable('efficientnet-lite0', '1');
    await assert.rejects(registry.install(manifest, fill, { replace: true }), appError('MODEL_EXISTS'));
  });

  test('what fails keeps the old one', async (t) => {
    const { registry } = await store(t);
    const { manifest, fill } = await installable('mine', '1', 1);
    await registry.install(manifest, fill);
    const other = await installable('mine', '1', 2);
    await assert.rejects(registry.install(other.manifest, nothing, { replace: true }), appError('MODEL_DAMAGED'));
    assert.deepEqual((await registry.open('mine')).manifest, manifest);
  });

  test('by several at once leaves one of them, whole', async (t) => {
    const { registry, entries } = await store(t);
    const all = await Promise.all([1, 2, 3, 4, 5, 6].map((content) => installable('mine', '1', content)));
    await Promise.all(all.map((one) => registry.install(...parts(one), { replace: true })));
    assert.ok((await verifyBundle(await registry.open('mine'))).every(({ ok }) => ok));
    assert.equal((await entries()).length, 4, 'nothing of the others is left');
  });

  test('is not noticed by those who read', async (t) => {
    const { registry } = await store(t);
    const versions = [await installable('mine', '1', 1), await installable('mine', '1', 2)];
    await registry.install(...parts(versions[0] as (typeof versions)[0]));
    let over = false;
    const writing = (async () => {
      for (let turn = 0; turn < 60; turn++)
        await registry.install(...parts(versions[turn % 2] as (typeof versions)[0]), { replace: true });
      over = true;
    })();
    let read = 0;
    for (; !over; read++) assert.equal((await registry.open('mine')).manifest.name, 'mine');
    await writing;
    assert.ok(read > 60, `${read} read`);
  });
});

describe('an install that is killed', () => {
  const script = fileURLToPath(new URL('../../support/workers/installs-without-end.js', import.meta.url));

  test('at any moment leaves what was there before or what came, and nothing that stays', async (t) => {
    const { home, registry, entries } = await store(t);
    await registry.install(...parts(await installable('mine', '1', 1)));
    let random = 12_345;
    for (let round = 0; round < 30; round++) {
      const child = spawn(process.execPath, [script, home], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
      await sleep((random / 2 ** 31) * 40);
      child.kill('SIGKILL');
      await once(child, 'close');
      assert.deepEqual(await own(registry), ['mine']);
      const checks = await verifyBundle(await registry.open('mine'));
      assert.ok(checks.length === 1 && checks.every(({ ok }) => ok), JSON.stringify(checks));
    }
    await registry.install(...parts(await installable('other', '1')));
    const left = (await entries()).filter((name) => path.basename(name).startsWith('.'));
    assert.deepEqual(left, []);
    assert.ok((await verifyBundle(await registry.open('mine'))).every(({ ok }) => ok));
  });

  test('between the old one and the new one is mended by the next', async (t) => {
    const { home, registry } = await store(t);
    const { manifest, fill } = await installable('mine', '1');
    const { folder } = await registry.install(manifest, fill);
    const child = spawn(process.execPath, ['--eval', '']);
    await once(child, 'close');
    const aside = path.join(home, `models/.replaced-${child.pid}-12345678-${os.hostname()}`);
    await mkdir(path.join(aside, 'mine'), { recursive: true });
    await rename(folder, path.join(aside, 'mine/1'));
    assert.deepEqual((await registry.open('mine')).manifest, manifest, 'it is found even now');
    await registry.install(...parts(await installable('other', '1')));
    assert.equal((await registry.open('mine')).folder, folder);
  });

  test('elsewhere is left alone until a day has passed', async (t) => {
    const { home, registry } = await store(t);
    const models = path.join(home, 'models');
    const [recent, old, running] = [
      '1-12345678-elsewhere',
      '2-12345678-elsewhere',
      `${process.ppid}-12345678-${os.hostname()}`,
    ];
    for (const name of [recent, old, running])
      await mkdir(path.join(models, `.installing-${name}`), { recursive: true });
    const longAgo = new Date(Date.now() - 25 * 3_600_000);
    await utimes(path.join(models, `.installing-${old}`), longAgo, longAgo);
    await registry.install(...parts(await installable('mine', '1')));
    assert.deepEqual(
      (await readdir(models)).sort(),
      [`.installing-${recent}`, `.installing-${running}`, 'mine'].sort(),
    );
  });
});

describe('removing', () => {
  test('takes one version, and the folder of the name with the last', async (t) => {
    const { home, registry, entries } = await store(t);
    for (const version of ['1', '2']) await registry.install(...parts(await installable('mine', version)));
    assert.equal((await registry.remove('mine')).version, '2');
    assert.deepEqual(await own(registry), ['mine']);
    await registry.remove('mine@1');
    assert.deepEqual(await entries(), []);
    await assert.rejects(registry.remove('mine'), appError('MODEL_NOT_FOUND'));
    await customBundle(home, 'broken', { temperature: 'hot' });
    await registry.remove('broken');
    assert.deepEqual(await entries(), []);
  });

  test('what was put there by hand leaves the versions beside it, and what a link leads to', async (t) => {
    const { home, registry } = await store(t);
    const elsewhere = await customBundle(await temporaryFolder(t), 'mine', { version: '3' });
    await customBundle(home, 'mine', { version: '3' });
    await registry.install(...parts(await installable('mine', '2')));
    await registry.remove('mine@3');
    assert.deepEqual(await own(registry), ['mine']);
    assert.deepEqual(await readdir(path.join(home, 'models/mine')), ['2']);
    assert.ok((await readdir(elsewhere)).includes('model.json'));
  });

  test('an embedded model is refused with what to do', async (t) => {
    const { registry } = await store(t);
    await assert.rejects(
      registry.remove('efficientnet-lite0'),
      appError('MODEL_KEPT', 'comes with Kaiyan', 'models use'),
    );
    assert.ok((await registry.names()).includes('efficientnet-lite0'));
  });

  test('what may not be removed is said', { skip: process.getuid?.() === 0 && 'root may' }, async (t) => {
    const { home, registry } = await store(t);
    await registry.install(...parts(await installable('mine', '1')));
    await chmod(path.join(home, 'models/mine'), 0o555);
    await assert.rejects(registry.remove('mine'), appError('MODELS_UNWRITABLE'));
    await chmod(path.join(home, 'models/mine'), 0o755);
    assert.deepEqual(await own(registry), ['mine']);
  });
});

test('the next version is one more than the highest', async (t) => {
  const { home, registry } = await store(t);
  assert.deepEqual(await Promise.all(['mine', 'efficientnet-lite0'].map(registry.nextVersion)), ['1', '2']);
  await registry.install(...parts(await installable('mine', '9.5')));
  await customBundle(home, 'other', { version: 'first' });
  assert.deepEqual(await Promise.all(['mine', 'other'].map(registry.nextVersion)), ['10', '1']);
});

function parts({ manifest, fill }: Awaited<ReturnType<typeof installable>>) {
  return [manifest, fill] as const;
}
