/** The entry of the command line. It catches Ctrl-C first, since loading the rest takes longer than some people wait. */
import { catchInterrupt } from './interrupt.js';

catchInterrupt();
const { run } = await import('./run.js');
await run();
