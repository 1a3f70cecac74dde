/** Who goes first when all cores are busy: the thread that takes requests and gives answers. */
import { readdir } from 'node:fs/promises';
import os from 'node:os';

/** Enough for the scheduler to let the main thread in at once, and little enough that the others lose nothing by it. */
const NICENESS = 5;

/**
 * Makes every other thread of this process a little nicer: those that decode and compute now, not those that start later.
 * Only Linux gives threads priorities of their own; elsewhere this changes nothing. Within a container or a systemd unit it
 * matters for its own threads alone.
 */
export async function favourMainThread(): Promise<void> {
  const threads = await readdir('/proc/self/task').catch(() => []);
  for (const thread of threads.map(Number).filter((id) => id !== process.pid)) {
    try {
      os.setPriority(thread, NICENESS);
    } catch {
      // It has ended, or may not be changed: no reason not to answer.
    }
  }
}
