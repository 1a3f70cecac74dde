/** What the commands that listen have in common: their log, and the address. */
import { lookup } from 'node:dns/promises';
import type { Settings } from '../config.js';
import { AppError } from '../errors.js';
import { createLogger, type Logger } from '../logger.js';
import type { App } from '../server/app.js';

export const logFormat = ({ logFormat: format }: Settings) =>
  format === 'auto' ? (process.stderr.isTTY ? 'text' : 'json') : format;

export const serviceLog = (settings: Settings): Logger =>
  createLogger({ level: settings.logLevel, format: logFormat(settings) });

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

/** The address at which it answers from now on. @throws AppError PORT_IN_USE, ADDRESS_UNAVAILABLE */
export async function listen({ http, certificate }: App, { host, port }: Settings): Promise<string> {
  try {
    // For a name with two addresses, Fastify would listen on the second with a server that has other error messages.
    const { address } = await lookup(host);
    const url = await http.listen({ host: address, port, backlog: BACKLOG, listenTextResolver: () => '' });
    // Fastify does not know what the server that it was given speaks.
    return certificate ? url.replace(/^http:/, 'https:') : url;
  } catch (error) {
    const { code = '', syscall, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new AppError('PORT_IN_USE', { host, port });
    if (syscall === undefined) throw error;
    const [reason, remedy] = UNAVAILABLE[code] ?? [message, 'another with --host or --port'];
    throw new AppError('ADDRESS_UNAVAILABLE', { host, port, reason, remedy }, { cause: error });
  }
}
