/** The books of the jobs in a file on this machine: nothing to install, and it survives whatever ends the process. */
import { randomUUID } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError, type ErrorDetails } from '../../errors.js';
import { isFolder, makeFolder } from '../../folders.js';
import type { JobStore, Notice } from '../store.js';
import type { BooksSetup, Failure, OperationName, Operations, Reply, Request } from './protocol.js';

const PROCESS = randomUUID();

const errorOf = ({ code, details }: Failure) => new AppError(code, details as ErrorDetails<typeof code>);

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: AppError) => void;
}

/** @throws AppError QUEUE_UNAVAILABLE, DATA_UNWRITABLE */
export async function openSqliteStore(file: string): Promise<JobStore> {
  await makePrivateFolder(path.dirname(file)).catch((error: Error) => {
    throw new AppError('DATA_UNWRITABLE', { path: path.dirname(file), reason: error.message });
  });
  const setup: BooksSetup = { file, process: PROCESS };
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: setup, execArgv: [] });
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<(notice: Notice) => void>();
  let gone: AppError | undefined;
  let last = 0;

  const tell = (ids: Iterable<string>) => {
    for (const job of new Set(ids)) for (const listener of listeners) listener({ job });
  };

  function fail(error: AppError): void {
    gone ??= error;
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
  }

  worker.on('message', (message: Reply) => {
    if ('changed' in message) return tell(message.changed);
    if ('closed' in message) return fail(errorOf(message.closed));
    const request = waiting.get(message.id);
    waiting.delete(message.id);
    if ('result' in message) request?.resolve(message.result);
    else request?.reject(errorOf(message.failure));
  });
  const end = (reason: string) => fail(new AppError('QUEUE_UNAVAILABLE', { queue: file, reason }));
  worker.once('error', ({ message }) => end(message));
  worker.once('exit', () => end('they were closed'));

  function ask(operation: Request['operation'], values: readonly unknown[]): Promise<unknown> {
    if (gone) return Promise.reject(gone);
    return new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      worker.postMessage({ id: last, operation, values } satisfies Request);
    });
  }

  const operation =
    <Name extends OperationName>(name: Name) =>
    (...values: Parameters<Operations[Name]>) =>
      ask(name, values) as Promise<ReturnType<Operations[Name]>>;

  /** Tells those who watch the jobs once it is done. */
  const changing =
    <Name extends OperationName>(name: Name, jobs: (...values: Parameters<Operations[Name]>) => Iterable<string>) =>
    async (...values: Parameters<Operations[Name]>) => {
      const result = await operation(name)(...values);
      tell(jobs(...values));
      return result;
    };

  const one = (id: string) => [id];
  const store: JobStore = {
    create: operation('create'),
    add: operation('add'),
    submit: changing('submit', one),
    get: operation('get'),
    list: operation('list'),
    items: operation('items'),
    outcomes: operation('outcomes'),
    cancel: changing('cancel', one),
    retry: changing('retry', one),
    delete: changing('delete', one),
    take: operation('take'),
    record: changing('record', (outcomes) => outcomes.map(({ job }) => job)),
    giveBack: changing('giveBack', (items) => items.map(({ job }) => job)),
    answers: operation('answers'),
    takeWebhook: operation('takeWebhook'),
    postponeWebhook: operation('postponeWebhook'),
    expired: operation('expired'),
    known: operation('known'),
    load: operation('load'),
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: async () => {
      const ended = new Promise((resolve) => worker.once('exit', resolve));
      // If it has gone before, there is nothing to leave.
      if (!gone)
        await ask('leave', [])
          .catch(() => undefined)
          .then(() => ended);
    },
  };
  // The first answer shows that the file can be used.
  try {
    await store.load();
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

/** Names and pictures are not for other users of the machine. One that is there already is as its owner wants it. */
async function makePrivateFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  await makeFolder(folder);
  await chmod(folder, 0o700);
}
