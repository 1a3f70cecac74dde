/** Other processes that work on jobs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { TakenItem } from '#kaiyan/jobs/store.js';
import { project } from './paths.js';
import { within } from './timing.js';

/** How a store is opened: a function of a module of `dist/`, and its one argument. */
export interface HowToOpen {
  readonly module: string;
  readonly name: string;
  readonly argument: unknown;
}

/** A process takes so many items, and is killed without a word. */
export async function takeAndCrash({ module, name, argument }: HowToOpen, limit: number) {
  const script = path.join(project, 'build/tests/support/workers/take-items.js');
  const values = [path.join(project, 'dist', module), name, JSON.stringify(argument), String(limit)];
  const child = spawn(process.execPath, [script, ...values], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  try {
    const [line] = await within(60_000, 'items', once(createInterface(child.stdout), 'line'));
    return JSON.parse(String(line)) as Pick<TakenItem, 'job' | 'item'>[];
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}
