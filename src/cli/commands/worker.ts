/** `kaiyan worker`: works on the jobs of a queue that services share, until Ctrl-C or SIGTERM. */
import { once } from 'node:events';
import type { Configuration } from '../../config.js';
import { AppError } from '../../errors.js';
import { createJobs, type Jobs } from '../../jobs/jobs.js';
import { createApp } from '../../server/app.js';
import { createServing } from '../../serving/serving.js';
import { catchInterrupt } from '../interrupt.js';
import { listen, logFormat, serviceLog } from '../listening.js';

/** @throws AppError USAGE, QUEUE_UNAVAILABLE, PORT_IN_USE, ADDRESS_UNAVAILABLE, and as `createServing` does */
export async function work({ settings }: Configuration): Promise<void> {
  if (settings.queue === '') {
    const problem =
      'Expected the address of a queue that services share, such as --queue redis://localhost:6379, but there is none. A service without one works on its jobs by itself.';
    throw new AppError('USAGE', { problem });
  }
  const signal = catchInterrupt({ SIGTERM: 0 });
  const log = serviceLog(settings);
  const serving = await createServing({ settings, onNotice: (msg) => log.info({ msg }) });
  let jobs: Jobs | undefined;
  try {
    jobs = await createJobs({
      ...{ settings: { ...settings, runJobs: true }, serving },
      onNotice: (msg) => log.info({ msg }),
      onFailure: ({ code, message }) => log.error({ code, msg: message }),
    });
    // A queue that cannot be reached at the start is a mistake as a rule; whoever supervises this one starts it again.
    await jobs.store.load();
    const app = await createApp({ serving, jobs, log, healthOnly: true });
    try {
      const address = await listen(app, settings);
      const { name, precision } = serving.active();
      const msg = `Kaiyan works on jobs with ${name} (${precision}).`;
      if (logFormat(settings) === 'json') log.info({ msg, address });
      else process.stderr.write(`${msg} Ctrl-C ends it; ${address}/readyz says whether it runs.\n`);
      if (!signal.aborted) await once(signal, 'abort');
    } finally {
      await app.close();
    }
  } finally {
    await jobs?.close();
    await serving.close();
  }
}
