/** One process at a time works on a file; another one waits. */
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called once, with the number of the process that is waited for. */
  readonly onWait: (process: number) => void;
}

const REFRESH_MS = 2_000;
/** Without a refresh for so long, a lock is left over: its process may have ended and its number serve another one. */
const LEFT_OVER_MS = 20_000;
const POLL_MS = 200;

/**
 * Runs `work` while `file` exists, which it makes and removes. Two processes could come by the lock of a dead one in the
 * same instant: it saves work, but what is downloaded is still judged by its hash.
 * @throws what `work` throws; the signal's reason
 */
export async function withLock<T>(file: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  await acquire(file, options);
  const refresh = setInterval(() => void touch(file), REFRESH_MS).unref();
  try {
    return await work();
  } finally {
    clearInterval(refresh);
    await rm(file, { force: true });
  }
}

async function acquire(file: string, { signal, onWait }: LockOptions): Promise<void> {
  let told = 0;
  while (!(await create(file))) {
    const holder = await holderOf(file);
    if (holder === undefined) await rm(file, { force: true });
    else {
      // Who has not written its number yet is told of at the next look.
      if (holder !== 0 && holder !== told) onWait(holder);
      told = holder;
      await sleep(POLL_MS, undefined, { signal });
    }
  }
}

/** False if it exists. */
async function create(file: string): Promise<boolean> {
  try {
    await writeFile(file, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The process that works on it, 0 if it has not written its number yet; undefined if it is dead, or the lock gone. */
async function holderOf(file: string): Promise<number | undefined> {
  try {
    const holder = Number(await readFile(file, 'utf8'));
    const fresh = Date.now() - (await stat(file)).mtimeMs < LEFT_OVER_MS;
    return fresh && (holder === 0 || isAlive(holder)) ? holder : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(holder: number): boolean {
  try {
    return process.kill(holder, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function touch(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now).catch(() => undefined);
}
