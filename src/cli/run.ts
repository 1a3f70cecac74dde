/** Runs a command and turns what it throws into a message and an exit status. */
import { CommanderError } from 'commander';
import { AppError } from '../errors.js';
import { outputUnwritable } from '../folders.js';
import { catchInterrupt, stop } from './interrupt.js';
import { reportError } from './output.js';
import { createProgram } from './program.js';

/** Waits for what is running instead of calling process.exit(), which would abort a run in a worker. */
export async function run(): Promise<void> {
  process.stdout.on('error', stopForWantOfResults);
  // What cannot be told there cannot be told anywhere; it is no reason to end a service.
  process.stderr.on('error', () => undefined);
  try {
    await createProgram().parseAsync();
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      // Help and version are a success; commander has written everything else to stderr already.
      if (thrown.exitCode !== 0) process.exitCode ||= 2;
      return;
    }
    // Whoever interrupts knows it.
    if (catchInterrupt().aborted && thrown instanceof AppError && thrown.code === 'ABORTED') return;
    reportError(thrown);
  }
}

/** A full disk is an error; `kaiyan classify … | head -1` is none, and keeps the status of what failed before. */
function stopForWantOfResults(error: NodeJS.ErrnoException): void {
  if (catchInterrupt().aborted) return;
  stop();
  if (error.code === 'EPIPE') return;
  // At the end, when a progress bar cannot wipe it away.
  process.once('beforeExit', () => reportError(outputUnwritable(error)));
}
