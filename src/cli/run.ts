/** Runs a command and turns what it throws into a message and an exit status. */
import { CommanderError } from 'commander';
import { toAppError } from '../errors.js';
import { createProgram } from './program.js';

/** Waits for what is running instead of calling process.exit(), which would abort a run in a worker. */
export async function run(): Promise<void> {
  leaveQuietlyWhenPipeCloses();
  try {
    await createProgram().parseAsync();
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      // Help and version are a success; commander has written everything else to stderr already.
      process.exitCode = thrown.exitCode === 0 ? 0 : 2;
      return;
    }
    const error = toAppError(thrown);
    process.stderr.write(`kaiyan: ${error.message} [${error.code}]\n`);
    process.exitCode ||= error.exit;
  }
}

/** `kaiyan classify … | head -1` is no error. */
function leaveQuietlyWhenPipeCloses(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.emit('SIGPIPE');
  });
}
