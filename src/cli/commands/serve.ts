/** `kaiyan serve`: the HTTP service, until Ctrl-C or SIGTERM. */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { chosenModelFile } from '../../chosen-model.js';
import type { Configuration, Settings } from '../../config.js';
import { AppError } from '../../errors.js';
import { createJobs } from '../../jobs/jobs.js';
import { createLogger, type Logger } from '../../logger.js';
import { isLoopback } from '../../server/access.js';
import { type App, createApp } from '../../server/app.js';
import { followRegistry } from '../../serving/follow.js';
import { createServing } from '../../serving/serving.js';
import { catchInterrupt } from '../interrupt.js';

export interface ServeFlags {
  /** Opens the page in the system's browser. */
  readonly open: boolean;
}

export async function serve({ settings, sources, chosen }: Configuration, { open }: ServeFlags): Promise<void> {
  const signal = catchInterrupt({ SIGTERM: 0 });
  const log = createLogger({ level: settings.logLevel, format: logFormat(settings) });
  let lookAgain = async (): Promise<void> => undefined;
  const stopHearing = hearReload(() => lookAgain());
  const serving = await createServing({ settings, onNotice: (msg) => log.info({ msg }) });
  const jobs = await createJobs({
    ...{ settings, serving },
    onNotice: (msg) => log.info({ msg }),
    onFailure: ({ code, message }) => log.error({ code, msg: message }),
  });
  try {
    const app = await createApp({ serving, jobs, log });
    const follower = followRegistry({
      serving,
      // A precision that was chosen with a model is of that model alone.
      precision: sources.precision === chosenModelFile(settings.home) ? 'auto' : settings.precision,
      chosen,
      onNotice: (msg) => log.info({ msg }),
      onFailure: (msg) => log.error({ msg }),
    });
    lookAgain = follower.look;
    try {
      const address = await listen(app, settings);
      greet(address, settings, serving.active(), log);
      await jobs.start();
      if (open) await openPage(address, log);
      if (!signal.aborted) await once(signal, 'abort');
    } finally {
      await Promise.all([follower.close(), app.close()]);
    }
  } finally {
    stopHearing();
    await jobs.close();
    await serving.close();
  }
}

/** SIGHUP means "look again" to a service, but to a program on a terminal that the terminal is gone, which ends it. */
function hearReload(look: () => void): () => void {
  const isOnTerminal = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  if (isOnTerminal) return () => undefined;
  process.on('SIGHUP', look);
  return () => void process.off('SIGHUP', look);
}

const logFormat = ({ logFormat: format }: Settings) =>
  format === 'auto' ? (process.stderr.isTTY ? 'text' : 'json') : format;

function greet(
  address: string,
  settings: Settings,
  { name, precision }: { readonly name: string; readonly precision: string },
  log: Logger,
): void {
  const { host, apiKey } = settings;
  const msg = `Kaiyan answers at ${address} with ${name} (${precision}).`;
  if (logFormat(settings) === 'json') log.info({ msg, address });
  else process.stderr.write(`${msg} Ctrl-C ends it.\nTry: curl -F image=@picture.jpg ${address}/predict\n`);
  if (!isLoopback(host) && apiKey === '')
    log.warn({ msg: `everyone who reaches ${host} may ask: set apiKey, or put a proxy with access control in front` });
}

async function openPage(address: string, log: Logger): Promise<void> {
  const warn = (reason: string) =>
    log.warn({ msg: `no browser could be opened (${reason}): open ${address} yourself` });
  try {
    const { default: openInBrowser } = await import('open');
    const browser = await openInBrowser(address);
    browser.once('error', ({ message }) => warn(message));
    browser.once('exit', (status) => {
      if (status) warn(`exit status ${status}`);
    });
  } catch (error) {
    warn((error as Error).message);
  }
}

type Words = readonly [reason: string, remedy: string];
const UNKNOWN_NAME: Words = ['no address is known for that name', 'another with --host, such as 127.0.0.1'];

/** Why the system does not listen on an address, in words, and what to choose instead. */
const UNAVAILABLE: Readonly<Record<string, Words>> = {
  ENOTFOUND: UNKNOWN_NAME,
  EAI_AGAIN: UNKNOWN_NAME,
  EADDRNOTAVAIL: ['this machine does not have that address', 'one of its own with --host, such as 127.0.0.1'],
  EACCES: ['this user may not use that port', 'one from 1024 up with --port'],
};

/**
 * Connections that wait to be accepted. A burst of more than Node's 511 would be overlooked, and its clients try again
 * only after a second or three. Linux takes at most `net.core.somaxconn` (4096).
 */
const BACKLOG = 4096;

async function listen({ http }: App, { host, port }: Settings): Promise<string> {
  try {
    // For a name with two addresses, Fastify would listen on the second with a server that has other error messages.
    const { address } = await lookup(host);
    return await http.listen({ host: address, port, backlog: BACKLOG, listenTextResolver: () => '' });
  } catch (error) {
    const { code = '', syscall, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new AppError('PORT_IN_USE', { host, port });
    if (syscall === undefined) throw error;
    const [reason, remedy] = UNAVAILABLE[code] ?? [message, 'another with --host or --port'];
    throw new AppError('ADDRESS_UNAVAILABLE', { host, port, reason, remedy }, { cause: error });
  }
}
