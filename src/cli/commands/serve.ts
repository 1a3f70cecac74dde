/** `kaiyan serve`: the HTTP service, until Ctrl-C or SIGTERM. */
import { once } from 'node:events';
import { type Classifier, createClassifier } from '../../classification/classifier.js';
import type { Configuration, Settings } from '../../config.js';
import { AppError } from '../../errors.js';
import { createApp } from '../../server/app.js';
import { catchInterrupt } from '../interrupt.js';

/** Requests that have begun may finish; a connection that is still open after this is cut. */
const GRACE_MS = 5_000;

const tell = (line: string) => process.stderr.write(`${line}\n`);

export async function serve({ settings }: Configuration): Promise<void> {
  const signal = catchInterrupt({ SIGTERM: 0 });
  const classifier = await createClassifier({ ...settings, onNotice: tell });
  try {
    await answer(classifier, settings, signal);
  } finally {
    await classifier.close();
  }
}

async function answer(classifier: Classifier, settings: Settings, signal: AbortSignal): Promise<void> {
  const { host, port, uploadTimeoutSeconds } = settings;
  const onError = (error: AppError, route: string) => tell(`kaiyan: ${route}: ${traceOf(error)} [${error.code}]`);
  const app = await createApp({ classifier, uploadTimeoutSeconds, onError });
  try {
    const address = await listen(app, host, port);
    const { name, precision } = classifier.model();
    tell(
      `Kaiyan answers at ${address} with ${name} (${precision}). Ctrl-C ends it.\n` +
        `Try: curl -F image=@picture.jpg ${address}/predict`,
    );
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    const overdue = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
    await app.close();
    clearTimeout(overdue);
  }
}

/** On one line, so that a log keeps it together. */
function traceOf({ message, cause }: AppError): string {
  const trace = cause instanceof Error ? (cause.stack ?? cause.message) : message;
  return trace.replace(/\s*\n\s*/g, ' ');
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

async function listen(app: Awaited<ReturnType<typeof createApp>>, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const { code = '', syscall, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new AppError('PORT_IN_USE', { host, port });
    if (syscall === undefined) throw error;
    const [reason, remedy] = UNAVAILABLE[code] ?? [message, 'another with --host or --port'];
    throw new AppError('ADDRESS_UNAVAILABLE', { host, port, reason, remedy }, { cause: error });
  }
}
