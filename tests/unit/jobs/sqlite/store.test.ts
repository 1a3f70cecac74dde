import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import Libsql from 'libsql';
import { checkDatabase, copyDatabase } from '#kaiyan/jobs/sqlite/database.js';
import { openSqliteStore } from '#kaiyan/jobs/sqlite/store.js';
import { appError } from '../../../support/errors.js';
import { smallDisk, temporaryFolder } from '../../../support/folders.js';
import { takeAndCrash } from '../../../support/job-stores.js';
import { withoutMounts } from '../../../support/requirements.js';
import { until } from '../../../support/timing.js';
import { describeJobStore } from '../store-contract.js';

describeJobStore('in a file', async (t) => {
  const file = path.join(await temporaryFolder(t), 'jobs', 'jobs.db');
  const open = async () => {
    const store = await openSqliteStore(file);
    t.after(() => store.close());
    return store;
  };
  return {
    store: await open(),
    another: open,
    crashWith: (limit) =>
      takeAndCrash({ module: 'jobs/sqlite/store.js', name: 'openSqliteStore', argument: file }, limit),
  };
});

describe('the file of the books', () => {
  test('that is no database, or of a newer version, is refused with the reason, and left as it is', async (t) => {
    const folder = await temporaryFolder(t);
    const [text, newer] = [path.join(folder, 'text.db'), path.join(folder, 'newer.db')];
    await writeFile(text, 'this is no database, but it is long enough to be taken for one'.repeat(100));
    await assert.rejects(openSqliteStore(text), appError('QUEUE_UNAVAILABLE', text, 'not a database'));
    assert.match(await readFile(text, 'utf8'), /^this is no database/);
    const database = new Libsql(newer);
    database.exec('PRAGMA user_version = 999');
    database.close();
    await assert.rejects(openSqliteStore(newer), appError('QUEUE_UNAVAILABLE', newer, 'newer version'));
  });

  test('is for its owner alone', { skip: process.platform === 'win32' && 'needs modes' }, async (t) => {
    const folder = path.join(await temporaryFolder(t), 'jobs');
    const store = await openSqliteStore(path.join(folder, 'jobs.db'));
    t.after(() => store.close());
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
  });

  test('is checked, and copied while it is used', async (t) => {
    const folder = await temporaryFolder(t);
    const [file, copy] = [path.join(folder, 'jobs.db'), path.join(folder, 'copy.db')];
    const store = await openSqliteStore(file);
    t.after(() => store.close());
    const { id } = await store.create({ options: {}, expiresAt: Date.now() + 60_000 });
    await store.add(id, [{ name: 'a.jpg', sha256: 'ab'.repeat(32), bytes: 1 }]);
    await store.submit(id);
    assert.deepEqual(checkDatabase(file), []);
    copyDatabase(file, copy);
    assert.throws(() => copyDatabase(file, copy), appError('OUTPUT_UNWRITABLE', copy, 'Name another file'));
    const nowhere = path.join(folder, 'none', 'copy.db');
    assert.throws(
      () => copyDatabase(file, nowhere),
      appError('OUTPUT_UNWRITABLE', nowhere, 'that its folder is there'),
    );
    const other = await openSqliteStore(copy);
    t.after(() => other.close());
    assert.deepEqual(await other.get(id), await store.get(id));
  });

  test('that is damaged is found to be', async (t) => {
    const file = path.join(await temporaryFolder(t), 'jobs.db');
    const store = await openSqliteStore(file);
    const { id } = await store.create({ options: {}, expiresAt: Date.now() + 60_000 });
    const items = Array.from({ length: 2000 }, (_, i) => ({
      name: `${i}`.repeat(20),
      sha256: 'ab'.repeat(32),
      bytes: 1,
    }));
    await store.add(id, items);
    await store.close();
    const bytes = await readFile(file);
    bytes.fill(0x5a, bytes.length / 2, bytes.length / 2 + 20_000);
    await writeFile(file, bytes);
    assert.notDeepEqual(checkDatabase(file), []);
  });

  test('that is damaged leaves no thread behind when it is tried again and again', {
    skip: process.platform !== 'linux' && 'threads are counted in /proc',
  }, async (t) => {
    const file = path.join(await temporaryFolder(t), 'jobs.db');
    await (await openSqliteStore(file)).close();
    const database = new Libsql(file);
    const tables = database.prepare("SELECT rootpage FROM sqlite_schema WHERE tbl_name = 'jobs'").all();
    database.close();
    const bytes = await readFile(file);
    for (const { rootpage } of tables as { rootpage: number }[])
      bytes.fill(0xff, (rootpage - 1) * 4096, rootpage * 4096);
    await writeFile(file, bytes);
    const threads = async () => (await readdir('/proc/self/task')).length;
    const before = await threads();
    for (let i = 0; i < 4; i++) await assert.rejects(openSqliteStore(file), appError('QUEUE_UNAVAILABLE', 'malformed'));
    await until('the threads have ended', async () => (await threads()) <= before, 20_000);
  });

  test('is not written to by one who only looks for work', async (t) => {
    const file = path.join(await temporaryFolder(t), 'jobs.db');
    const store = await openSqliteStore(file);
    t.after(() => store.close());
    const { mtimeMs, size } = await stat(`${file}-wal`);
    for (let i = 0; i < 3; i++) {
      await setTimeout(1_100);
      assert.deepEqual(await store.take(1, 0), []);
    }
    const after = await stat(`${file}-wal`);
    assert.deepEqual([after.size, after.mtimeMs], [size, mtimeMs]);
  });

  test('keeps nothing of a job that was deleted', async (t) => {
    const file = path.join(await temporaryFolder(t), 'jobs.db');
    const store = await openSqliteStore(file);
    t.after(() => store.close());
    const { id } = await store.create({ options: {}, expiresAt: Date.now() + 60_000 });
    await store.add(
      id,
      Array.from({ length: 5000 }, (_, i) => ({ name: `secret ${i}`, sha256: 'ab'.repeat(32), bytes: 1 })),
    );
    await store.submit(id);
    const [taken] = await store.take(1, 0);
    const answer = { ...JSON.parse('{"model":{},"predictions":[],"answer":{},"categories":[],"flags":[]}') };
    const key = `${id}:ab`;
    await store.record([{ job: id, item: taken?.item ?? 0, key, sha256: 'ab'.repeat(32), answer, thumbnailBytes: 0 }]);
    await store.delete(id);
    const database = new Libsql(file);
    t.after(() => database.close());
    const rows = () =>
      ['items', 'answers', 'jobs'].reduce(
        (sum, table) => sum + Number((database.prepare(`SELECT count(*) FROM ${table}`).raw().get() as number[])[0]),
        0,
      );
    await until('nothing is left', () => rows() === 0, 30_000);
  });

  test('on a full disk fails what is asked for, and goes on when there is room', {
    skip: withoutMounts(),
  }, async (t) => {
    const folder = await smallDisk(t, 2);
    const store = await openSqliteStore(path.join(folder, 'jobs.db'));
    const make = () => store.create({ options: {}, expiresAt: Date.now() + 60_000 });
    const error = { code: 'IMAGE_EMPTY', error: 'x' } as const;
    const many = Array.from({ length: 2000 }, (_, i) => ({ name: `${i}`.padStart(200), error }));
    try {
      const { id } = await make();
      const filling = async () => {
        for (let i = 0; i < 100; i++) await store.add(id, many);
      };
      await assert.rejects(filling(), appError('QUEUE_UNAVAILABLE', 'full'));
      await store.delete(id);
      await until('room', async () => (await make().catch(() => undefined)) !== undefined);
    } finally {
      await store.close();
    }
  });
});
