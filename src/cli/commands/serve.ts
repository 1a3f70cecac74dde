/** `kaiyan serve`: the HTTP service, until Ctrl-C or SIGTERM. */
import { once } from 'node:events';
import { createClassifier } from '../../classification/classifier.js';
import type { Configuration } from '../../config.js';
import { AppError } from '../../errors.js';
import { createApp } from '../../server/app.js';
import { catchInterrupt } from '../interrupt.js';

/** Requests that have begun may finish; a connection that is still open after this is cut. */
const GRACE_MS = 5_000;

export async function serve({ settings }: Configuration): Promise<void> {
  const signal = catchInterrupt({ SIGTERM: 0 });
  const classifier = await createClassifier({ ...settings, onNotice: (notice) => process.stderr.write(`${notice}\n`) });
  const app = await createApp({ classifier, maxBytes: settings.maxBytes });
  try {
    const address = await listen(app, settings.host, settings.port);
    const { name, precision } = classifier.model();
    process.stderr.write(`Kaiyan answers at ${address} with ${name} (${precision}). Ctrl-C ends it.\n`);
    process.stderr.write(`Try: curl -F image=@picture.jpg ${address}/predict\n`);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    const overdue = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
    await app.close();
    clearTimeout(overdue);
    await classifier.close();
  }
}

async function listen(app: Awaited<ReturnType<typeof createApp>>, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new AppError('PORT_IN_USE', { host, port });
    throw error;
  }
}
