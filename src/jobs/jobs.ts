/** Everything that a process has to do with jobs: their books, their pictures, the work on them, and what is to be tidied. */
import { setTimeout as sleep } from 'node:timers/promises';
import { chooseCrew, worthwhile } from '../classification/crew.js';
import type { Settings } from '../config.js';
import { type AppError, type ErrorCode, toAppError } from '../errors.js';
import { isFile } from '../folders.js';
import type { Serving } from '../serving/serving.js';
import { createAnswering } from './answering.js';
import { startDeliveries } from './deliveries.js';
import { openLazily } from './lazy-store.js';
import { booksFile, canKeepJobs, openPictures, openStore } from './open.js';
import { createPacing } from './pacing.js';
import type { PictureStore } from './pictures/store.js';
import { createRoom, type Room } from './room.js';
import { type Runner, startRunner } from './runner.js';
import type { JobStore } from './store.js';
import { startTidying } from './tidying.js';
import type { WebhookSender } from './webhook/sender.js';

export interface Jobs {
  readonly store: JobStore;
  readonly pictures: PictureStore;
  readonly settings: Settings;
  /** Room for the pictures of jobs, within `jobBytes`. */
  readonly room: Room;
  /** Whether jobs can be kept here, as far as can be told without trying. */
  readonly canAccept: () => Promise<boolean>;
  /** Refuses an address that jobs may not tell of their end. @throws AppError ADDRESS_REFUSED */
  readonly checkWebhook: (address: string) => Promise<void>;
  /** Deletes a job with its pictures and thumbnails. @throws AppError JOB_NOT_FOUND */
  readonly remove: (id: string) => Promise<void>;
  /**
   * Goes on with what there is to do; before that nothing is opened unless it is asked for, and a data directory that has no
   * jobs stays without. Books that cannot be opened are tried again until they can.
   */
  readonly start: () => Promise<void>;
  /** Whether there are books, as far as is known: those that cannot be opened count too. */
  readonly hasBooks: () => boolean;
  /** Items that this process has in hand. */
  readonly inHand: () => number;
  /** What came of pictures in this process until now: `ok`, or the code of an error, and how often. */
  readonly outcomes: () => ReadonlyMap<'ok' | ErrorCode, number>;
  readonly close: () => Promise<void>;
}

export interface JobsOptions {
  readonly settings: Settings;
  readonly serving: Serving;
  readonly onNotice?: (notice: string) => void;
  readonly onFailure: (error: AppError) => void;
}

/** A commit is on the disk, and the pictures lie beside the books. */
const OWN_BOOKS = { orphansForMs: 3_600_000, keepForMs: 0 };
/**
 * A Redis that writes out its file every second may forget the last ones in a power cut: until then the pictures are kept.
 * And somebody may have named the wrong Redis, for which all pictures belong to no job.
 */
const SHARED_BOOKS = { orphansForMs: 24 * 3_600_000, keepForMs: 5_000 };

/** Nothing is done for the jobs that are in them until then. */
const START_AGAIN_MS = 10_000;

/** @throws AppError SETTING_INVALID */
export async function createJobs(options: JobsOptions): Promise<Jobs> {
  const { settings, serving, onNotice = () => undefined, onFailure } = options;
  const pictures = await openPictures(settings);
  const webhooks = createOnce(() => openWebhooks(settings));
  const chores: { readonly stop: () => Promise<void> }[] = [];
  let runner: Runner | undefined;
  const { orphansForMs, keepForMs } = settings.queue === '' ? OWN_BOOKS : SHARED_BOOKS;
  const outcomes = new Map<'ok' | ErrorCode, number>();
  const onOutcome = (code: 'ok' | ErrorCode) => void outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
  let closed = false;
  let isStarted = false;
  const ending = new AbortController();
  const { store, isOpen } = openLazily(() => openStore(settings, onNotice), begin);

  /** Whoever opens the books also works on what is in them. */
  function begin(opened: JobStore): void {
    if (closed) return;
    chores.push(startTidying({ store: opened, pictures, remove, orphansForMs, onFailure }));
    if (settings.webhookSecret !== '') void deliver(opened);
    if (!settings.runJobs) return;
    const answering = createAnswering({ serving, store: opened, pictures, settings });
    const concurrency = settings.jobConcurrency || worthwhile(chooseCrew(settings));
    const pacing = createPacing(concurrency, () => serving.load().pictures);
    runner = startRunner({ store: opened, pictures, answering, pacing, concurrency, keepForMs, onOutcome, onFailure });
  }

  async function deliver(opened: JobStore): Promise<void> {
    try {
      const sender = await webhooks();
      if (!closed) chores.push(startDeliveries({ store: opened, sender, onNotice, onFailure }));
    } catch (error) {
      onFailure(toAppError(error));
    }
  }

  async function remove(id: string): Promise<void> {
    await store.delete(id);
    await pictures.removeJob(id);
  }

  async function start(): Promise<void> {
    if (settings.queue === '' && !(await isFile(booksFile(settings)))) return;
    isStarted = true;
    while (!closed) {
      try {
        return void (await store.load());
      } catch (error) {
        if (closed) return;
        onFailure(toAppError(error));
        await sleep(START_AGAIN_MS, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
      }
    }
  }

  async function close(): Promise<void> {
    closed = true;
    ending.abort();
    await Promise.all([runner?.close(), ...chores.map(({ stop }) => stop())]);
    if (isOpen()) await store.close();
  }

  return {
    ...{ store, pictures, settings, room: createRoom(settings, store), remove, start, close },
    hasBooks: () => isStarted || isOpen(),
    canAccept: () => canKeepJobs(settings),
    checkWebhook: async (address) => (await webhooks()).check(address),
    inHand: () => runner?.inHand() ?? 0,
    outcomes: () => outcomes,
  };
}

/** Loaded for those who use it: a service that has no webhooks starts faster. */
async function openWebhooks({ webhookSecret: secret, webhookHosts: allowedHosts }: Settings): Promise<WebhookSender> {
  const { createWebhookSender } = await import('./webhook/sender.js');
  return createWebhookSender({ secret, allowedHosts });
}

function createOnce<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
