/** The service with real models, as tests drive it: in memory, or through a socket. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { before } from 'node:test';
import { type Settings, settingsWith } from '#kaiyan/config.js';
import { createKeptDatasets, type KeptDatasets } from '#kaiyan/dataset/kept/datasets.js';
import { createJobs, type Jobs } from '#kaiyan/jobs/jobs.js';
import type { Logger } from '#kaiyan/logger.js';
import { type App, createApp } from '#kaiyan/server/app.js';
import { certificateFor, isSecure } from '#kaiyan/server/certificate/certificate.js';
import { createServing, type Serving } from '#kaiyan/serving/serving.js';
import { createTrainings, type Trainings } from '#kaiyan/training/runs/trainings.js';
import { type Answer, type Connection, connectTo, multipart, type Part, uploadHead } from './http.js';
import { type Ending, suite } from './suite.js';

export type LogLine = Readonly<Record<string, unknown>> & { readonly level: string };

export interface Service extends App {
  readonly serving: Serving;
  readonly jobs: Jobs;
  readonly datasets: KeptDatasets;
  readonly trainings: Trainings;
  /** What it has logged. */
  readonly lines: readonly LogLine[];
  readonly end: () => Promise<void>;
}

/** One INT8 worker and no data directory, unless `changes` say otherwise. */
export async function createService(
  changes: Partial<Settings> = {},
  around: (serving: Serving) => Serving = (serving) => serving,
): Promise<Service> {
  const settings = settingsWith({
    ...{ workers: 1, precision: 'int8', home: '/dev/null/kaiyan', shutdownSeconds: 1, ...changes },
  });
  const lines: LogLine[] = [];
  const serving = around(await createServing({ settings, onNotice: () => undefined }));
  const home = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-jobs-'));
  const jobs = await createJobs({
    settings: { ...settings, home },
    serving,
    onFailure: ({ message }) => lines.push({ level: 'error', message }),
  });
  const log = loggerInto(lines);
  const warn = (msg: string) => log.warn({ msg });
  const certificate = isSecure(settings) ? await certificateFor({ ...settings, home }, warn) : undefined;
  // What is sent and trained is kept where the models are, unless that is nowhere.
  const own = { ...settings, home: changes.home ?? home };
  const datasets = createKeptDatasets({ settings: own, decode: serving.decode });
  const trainings = createTrainings({
    ...{ settings: own, filesOf: datasets.files },
    onFailure: ({ message }, lastWords) => lines.push({ level: 'error', message, lastWords }),
  });
  const app = await createApp({ serving, jobs, training: { datasets, trainings }, log, certificate });
  return {
    ...app,
    serving,
    jobs,
    datasets,
    trainings,
    lines,
    end: async () => {
      app.http.server.closeAllConnections();
      await app.close();
      await Promise.all([jobs.close(), trainings.close()]);
      await rm(home, { recursive: true, force: true, maxRetries: 10 });
      await serving.close();
    },
  };
}

function loggerInto(lines: LogLine[]): Logger {
  const at = (level: string) => (line: Record<string, unknown>) => void lines.push({ level, ...line });
  const [debug, info, warn, error] = ['debug', 'info', 'warn', 'error'].map(at);
  return { debug, info, warn, error } as unknown as Logger;
}

export async function serviceFor(
  t: Ending,
  changes: Partial<Settings> = {},
  around?: (serving: Serving) => Serving,
): Promise<Service> {
  const service = await createService(changes, around);
  t.after(service.end);
  return service;
}

export interface ListeningService extends Service {
  readonly port: number;
  /** Ends with `/`. */
  readonly address: string;
  /** Securely, if that is how it speaks. */
  readonly connect: () => Promise<Connection>;
  /** What a whole upload to /predict is answered with. */
  readonly upload: (...parts: readonly Part[]) => Promise<Answer>;
}

export async function listeningServiceFor(
  t: Ending,
  changes: Partial<Settings> = {},
  around?: (serving: Serving) => Serving,
): Promise<ListeningService> {
  const service = await serviceFor(t, changes, around);
  const origin = await service.http.listen({ host: '127.0.0.1', port: 0 });
  const port = Number(new URL(origin).port);
  const connect = () => connectTo(t, port, service.certificate?.certificate);
  return {
    ...service,
    port,
    address: `${origin}/`,
    connect,
    upload: async (...parts) => {
      const { payload } = multipart(...parts);
      const connection = await connect();
      connection.send(uploadHead(payload.length), payload);
      const answer = await connection.answer();
      connection.leave();
      return answer;
    },
  };
}

/** One service for all tests of a `describe`, in which this is called; it is there once they run. */
export function sharedService(changes: Partial<Settings> = {}): () => ListeningService {
  const t = suite();
  let service: ListeningService | undefined;
  before(async () => {
    service = await listeningServiceFor(t, changes);
  });
  return () => service as ListeningService;
}
