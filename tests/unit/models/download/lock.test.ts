import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from '#kaiyan/models/download/lock.js';
import { temporaryFolder } from '../../../support/folders.js';

const never = new AbortController().signal;

async function lockFile(t: TestContext, holder?: number): Promise<string> {
  const file = path.join(await temporaryFolder(t), 'x.lock');
  if (holder !== undefined) await writeFile(file, `${holder}`);
  return file;
}

const ended = (): number => spawnSync(process.execPath, ['--version']).pid;

describe('a lock', () => {
  test('lets one work at a time, and is gone afterwards, whether the work succeeds or not', async (t) => {
    const file = await lockFile(t);
    let [working, most, waits] = [0, 0, 0];
    const work = async () => {
      working += 1;
      most = Math.max(most, working);
      assert.equal(await readFile(file, 'utf8'), `${process.pid}`);
      await sleep(30);
      working -= 1;
      if (waits > 2) throw new Error('no');
    };
    const options = { signal: never, onWait: () => waits++ };
    await Promise.allSettled(Array.from({ length: 4 }, () => withLock(file, options, work)));
    assert.deepEqual([most, waits], [1, 3]);
    await assert.rejects(stat(file));
  });

  test('of a process that has ended is taken over at once', async (t) => {
    const file = await lockFile(t, ended());
    const onWait = () => assert.fail('it waited');
    assert.equal(await withLock(file, { signal: never, onWait }, async () => 'done'), 'done');
  });

  test('that nobody refreshes is taken over, even if there is a process of that number', async (t) => {
    const file = await lockFile(t, process.pid);
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(file, longAgo, longAgo);
    assert.equal(await withLock(file, { signal: never, onWait: () => undefined }, async () => 'done'), 'done');
  });

  test('is waited for until the caller gives up', async (t) => {
    const file = await lockFile(t, process.pid);
    const controller = new AbortController();
    const onWait = () => controller.abort();
    await assert.rejects(withLock(file, { signal: controller.signal, onWait }, async () => assert.fail('it worked')));
    assert.equal(await readFile(file, 'utf8'), `${process.pid}`);
  });

  test('that cannot be made is an error', async (t) => {
    const file = path.join(await temporaryFolder(t), 'none', 'x.lock');
    await assert.rejects(
      withLock(file, { signal: never, onWait: () => undefined }, async () => undefined),
      /ENOENT/,
    );
  });
});
