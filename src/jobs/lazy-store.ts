/** Books that are opened when something is asked of them, and tried again as often as that fails. */
import { AppError } from '../errors.js';
import type { JobStore, Notice } from './store.js';

export interface LazyStore {
  readonly store: JobStore;
  readonly isOpen: () => boolean;
}

/** Calls `onOpen` once they are. */
export function openLazily(open: () => Promise<JobStore>, onOpen: (store: JobStore) => void): LazyStore {
  let opening: Promise<JobStore> | undefined;
  let opened: JobStore | undefined;
  let closed = false;
  const listeners = new Map<(notice: Notice) => void, () => void>();

  function ensureOpen(): Promise<JobStore> {
    if (closed) return Promise.reject(new AppError('CLOSED', {}));
    opening ??= open().then(
      (store) => {
        opened = store;
        for (const listener of listeners.keys()) listeners.set(listener, store.watch(listener));
        onOpen(store);
        return store;
      },
      (error) => {
        opening = undefined;
        throw error;
      },
    );
    return opening;
  }

  type Asked = Exclude<keyof JobStore, 'watch' | 'close'>;
  const ask =
    <Name extends Asked>(name: Name) =>
    async (...values: Parameters<JobStore[Name]>): Promise<Awaited<ReturnType<JobStore[Name]>>> => {
      const store = await ensureOpen();
      const operation = store[name] as (...given: Parameters<JobStore[Name]>) => ReturnType<JobStore[Name]>;
      return await operation(...values);
    };

  function watch(listener: (notice: Notice) => void): () => void {
    listeners.set(listener, opened?.watch(listener) ?? (() => undefined));
    return () => {
      listeners.get(listener)?.();
      listeners.delete(listener);
    };
  }

  async function close(): Promise<void> {
    closed = true;
    const store = await opening?.catch(() => undefined);
    await store?.close();
  }

  const store: JobStore = {
    ...{ create: ask('create'), add: ask('add'), submit: ask('submit') },
    ...{ get: ask('get'), list: ask('list'), items: ask('items'), outcomes: ask('outcomes') },
    ...{ cancel: ask('cancel'), retry: ask('retry'), delete: ask('delete') },
    ...{ take: ask('take'), record: ask('record'), giveBack: ask('giveBack'), answers: ask('answers') },
    ...{ takeWebhook: ask('takeWebhook'), postponeWebhook: ask('postponeWebhook') },
    ...{ expired: ask('expired'), known: ask('known'), load: ask('load'), watch, close },
  };
  return { store, isOpen: () => opening !== undefined };
}
