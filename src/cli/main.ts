/** The entry of the command line. It catches Ctrl-C first, since loading the rest takes longer than some people wait. */
import { catchInterrupt } from './interrupt.js';

catchInterrupt();

/** Node ends in silence, and with status 0, when nothing is left that could settle what is waited for. */
function tellOfSilentEnd(): void {
  process.stderr.write(
    'kaiyan: Expected to finish, but nothing was left to wait for. Please report this. [INTERNAL]\n',
  );
  process.exitCode ||= 1;
}

process.on('exit', tellOfSilentEnd);
const { run } = await import('./run.js');
await run();
process.off('exit', tellOfSilentEnd);
