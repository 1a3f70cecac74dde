/** `kaiyan serve`: the service over HTTP or HTTPS, until Ctrl-C or SIGTERM. */
import { once } from 'node:events';
import { chosenModelFile } from '../../chosen-model.js';
import type { Configuration } from '../../config.js';
import { createKeptDatasets } from '../../dataset/kept/datasets.js';
import { createJobs, type Jobs } from '../../jobs/jobs.js';
import type { Logger } from '../../logger.js';
import { choiceOf, type Promotion } from '../../models/promotions.js';
import { createApp } from '../../server/app.js';
import { certificateFor, isSecure } from '../../server/certificate/certificate.js';
import { type Follower, followRegistry } from '../../serving/follow.js';
import { createServing } from '../../serving/serving.js';
import { createTrainings, type Trainings } from '../../training/runs/trainings.js';
import { greet } from '../greeting.js';
import { catchInterrupt } from '../interrupt.js';
import { listen, serviceLog } from '../listening.js';

export interface ServeFlags {
  /** Opens the page in the system's browser. */
  readonly open: boolean;
}

export async function serve({ settings, sources, chosen }: Configuration, { open }: ServeFlags): Promise<void> {
  const signal = catchInterrupt({ SIGTERM: 0 });
  const log = serviceLog(settings);
  // What is wrong with it is told before a model is loaded.
  const certificate = isSecure(settings) ? await certificateFor(settings, (msg) => log.warn({ msg })) : undefined;
  let follower: Follower | undefined;
  const stopHearing = hearReload(() => void follower?.look());
  const serving = await createServing({ settings, onNotice: (msg) => log.info({ msg }) });
  let jobs: Jobs | undefined;
  let trainings: Trainings | undefined;
  try {
    jobs = await createJobs({
      ...{ settings, serving },
      onNotice: (msg) => log.info({ msg }),
      onFailure: ({ code, message }) => log.error({ code, msg: message }),
    });
    const datasets = createKeptDatasets({ settings, decode: serving.decode });
    trainings = createTrainings({
      ...{ settings, filesOf: datasets.files },
      onFailure: ({ code, message }, lastWords) => log.error({ code, msg: message, ...(lastWords && { lastWords }) }),
    });
    const onPromotion = (promotion: Promotion) => follower?.hasTaken(choiceOf(promotion));
    const app = await createApp({ serving, jobs, training: { datasets, trainings }, log, certificate, onPromotion });
    follower = followRegistry({
      serving,
      // A precision that was chosen with a model is of that model alone.
      precision: sources.precision === chosenModelFile(settings.home) ? 'auto' : settings.precision,
      chosen,
      onNotice: (msg) => log.info({ msg }),
      onFailure: (msg) => log.error({ msg }),
    });
    try {
      const address = await listen(app, settings);
      greet({ app, address, settings, model: serving.active(), log });
      void jobs.start();
      await trainings.start();
      if (open) await openPage(address, log);
      if (!signal.aborted) await once(signal, 'abort');
    } finally {
      await Promise.all([follower.close(), app.close()]);
    }
  } finally {
    stopHearing();
    await Promise.all([jobs?.close(), trainings?.close()]);
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
