/** Folders that exist for one test. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

/** An empty folder, removed with what is in it when the test ends. */
export async function temporaryFolder(t: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-test-'));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}

/** A file system of so many megabytes, for which `withoutMounts` has to be false. */
export async function smallDisk(t: Pick<TestContext, 'after'>, megabytes: number): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-test-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  // One step, in this order: what is mounted cannot be removed.
  t.after(async () => {
    spawnSync('umount', [folder]);
    await rm(folder, { recursive: true });
  });
  if (status !== 0) throw new Error('the file system cannot be mounted');
  return folder;
}
