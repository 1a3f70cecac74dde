/** Processes that a proof starts and watches. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Ended {
  /** Null if a signal ended the process. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StartedProcess {
  /** The lines of its standard output, as they come. */
  readonly lines: AsyncIterable<string>;
  readonly ended: Promise<Ended>;
}

/** Starts a script of this folder with the same settings of memory; its errors are shown. */
export function startProcess(script: string, args: readonly string[]): StartedProcess {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  return { lines: createInterface({ input: child.stdout }), ended: endOf(child) };
}

/** How a process ends, once its output has ended too. */
export function endOf(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal }));
  });
}

/** Whether anything is left of the group that a detached process led. */
export function isGroupRunning(leader: number): boolean {
  try {
    process.kill(-leader, 0);
    return true;
  } catch {
    return false;
  }
}
