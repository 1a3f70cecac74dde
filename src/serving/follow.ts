/** A running service takes up what is changed in its data directory: the model that was chosen, and new versions of it. */
import { type FSWatcher, watch } from 'node:fs';
import { type ChosenModel, readChosenModel } from '../chosen-model.js';
import type { Settings } from '../config.js';
import { AppError } from '../errors.js';
import { modelsFolder } from '../models/locate.js';
import type { Serving } from './serving.js';

export interface Follower {
  /** Looks now, instead of when something changes. */
  readonly look: () => Promise<void>;
  /** The service itself has chosen so, and answers so already: what it is told after that is not to be undone by it. */
  readonly hasTaken: (chosen: ChosenModel) => void;
  readonly close: () => Promise<void>;
}

export interface FollowOptions {
  readonly serving: Serving;
  /** That of the settings, for a choice that names none. */
  readonly precision: Settings['precision'];
  /** What was chosen when the service read its settings. */
  readonly chosen: ChosenModel | undefined;
  readonly onNotice: (notice: string) => void;
  readonly onFailure: (failure: string) => void;
  /** Between two looks where nothing is heard of a change: on a network file system, or before there is a folder. */
  readonly pollMs?: number;
}

interface Change {
  /** The same for the same change. */
  readonly key: string;
  readonly wanted: { readonly model: string; readonly precision: Settings['precision'] };
  /** What has been taken up with it. */
  readonly choice: string | undefined;
}

/** A change is a series of steps; what matters is how it ends. */
const QUIET_MS = 200;
const POLL_MS = 5_000;

export function followRegistry(options: FollowOptions): Follower {
  const { serving, precision, chosen: before, onNotice, onFailure, pollMs = POLL_MS } = options;
  const { home } = serving.settings;
  const folder = modelsFolder(home);
  let taken: string | undefined = JSON.stringify(before);
  /** What did not work is not tried again before something else happens. */
  const failed = new Set<string>();
  let watcher: FSWatcher | undefined;
  let soon: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let closed = false;

  /** Undefined if all is as it was; one that was removed goes on until another one is chosen. */
  async function changeNow(): Promise<Change | undefined> {
    const chosen = readChosenModel(home);
    const choice = JSON.stringify(chosen);
    // One that did not work leaves the model that answers, and what becomes of that.
    if (chosen && choice !== taken && !failed.has(choice)) {
      const wanted = { model: chosen.model, precision: chosen.precision ?? precision };
      return { key: choice, wanted, choice };
    }
    const key = await serving.outdatedBy();
    const { reference, precision: asBefore } = serving.activeChoice();
    return key === undefined ? undefined : { key, wanted: { model: reference, precision: asBefore }, choice: taken };
  }

  /** The precision of the settings was not chosen with this model, which may not have it. */
  function activate(wanted: Change['wanted']) {
    return serving.activate(wanted).catch((error) => {
      const isLacking = error instanceof AppError && error.code === 'PRECISION_UNAVAILABLE';
      if (!isLacking || wanted.precision !== precision) throw error;
      return serving.activate({ ...wanted, precision: 'auto' });
    });
  }

  async function takeUp(): Promise<void> {
    if (closed) return;
    let key = '';
    try {
      const change = await changeNow();
      if (!change || failed.has(change.key)) return;
      key = change.key;
      const { name, version, precision: answering, digest } = await activate(change.wanted);
      taken = change.choice;
      onNotice(`The data directory changed: ${name}@${version} (${answering}, ${digest}) answers from now on.`);
    } catch (error) {
      const { message } = error as Error;
      // What cannot even be read is its own mark.
      key ||= message;
      if (!closed && !failed.has(key)) onFailure(message);
      failed.add(key);
    }
  }

  function lookQuietly(): Promise<void> {
    looking = looking.then(takeUp);
    return looking;
  }

  function look(): Promise<void> {
    failed.clear();
    return lookQuietly();
  }

  function lookSoon(): void {
    clearTimeout(soon);
    soon = setTimeout(look, QUIET_MS);
  }

  /** Says that something happened, on most systems; the folder may come later, and go. */
  function listen(): void {
    if (watcher) return;
    const unwatch = () => {
      watcher?.close();
      watcher = undefined;
    };
    try {
      watcher = watch(folder, { persistent: false }, lookSoon);
      watcher.on('error', unwatch);
    } catch {
      unwatch();
    }
  }

  listen();
  const poll = setInterval(() => {
    listen();
    void lookQuietly();
  }, pollMs);
  poll.unref();

  async function close(): Promise<void> {
    closed = true;
    clearInterval(poll);
    clearTimeout(soon);
    watcher?.close();
    await looking;
  }

  return {
    look,
    hasTaken: (chosen) => {
      taken = JSON.stringify(chosen);
    },
    close,
  };
}
