/** The models in memory: loaded when they are asked for, ended when there are too many or they take too much. */
import { identityOf } from '../classification/backend.js';
import type { ModelIdentity } from '../classification/classification.js';
import type { Classifier } from '../classification/classifier.js';
import { AppError } from '../errors.js';
import type { Bundle } from '../models/bundle.js';
import type { Precision } from '../models/manifest.js';
import { referenceOf } from '../models/reference.js';
import { estimateMemory, inMegabytes } from './memory.js';

/** A model as it lies on the disk, and the precision in which it is to answer. */
export interface Variant {
  readonly bundle: Bundle;
  /** Another one for another content. */
  readonly fingerprint: string;
  readonly precision: Precision;
  /** Whether that was chosen by what the CPU has, and is yet to be measured. */
  readonly provisional: boolean;
}

const keyOf = ({ fingerprint, precision }: Variant) => `${fingerprint} ${precision}`;

export interface LoadedModel extends Variant {
  readonly identity: ModelIdentity;
  readonly classifier: Promise<Classifier>;
  /** As estimated. */
  readonly memoryBytes: number;
  readonly isLoaded: boolean;
  /** Requests that were answered. */
  readonly requests: number;
  /** Undefined until one was. */
  readonly lastUsed: Date | undefined;
}

interface HoldOptions {
  readonly needed?: boolean;
  readonly signal?: AbortSignal;
}

export interface LoadedModels {
  /**
   * Calls `work` with a model, which stays loaded until it is done. One that is `needed` is to answer next, and is loaded
   * beside the active one whatever both take together. The signal ends the wait for it, with its reason.
   * @throws AppError MODEL_TOO_LARGE, MODELS_BUSY, and what loading fails with
   */
  readonly hold: <Result>(
    variant: Variant,
    work: (classifier: Classifier, model: LoadedModel) => Result | Promise<Result>,
    options?: HoldOptions,
  ) => Promise<Result>;
  readonly list: () => readonly LoadedModel[];
  readonly isIdle: () => boolean;
  /** Loads no more, and ends every model once what it has in work is done. */
  readonly close: () => Promise<void>;
}

export interface LoadedModelsOptions {
  readonly load: (variant: Variant) => Promise<Classifier>;
  readonly workers: number;
  readonly mostModels: number;
  /** Bytes that they may take together. */
  readonly mostMemory: number;
  /** Answers without being named, and stays. */
  readonly active: () => LoadedModel | undefined;
}

type Entry = { -readonly [Key in keyof LoadedModel]: LoadedModel[Key] } & { users: number; turn: number };

/** A model is seldom in use for longer. */
const BUSY_SECONDS = 2;

const sum = (models: readonly LoadedModel[]) => models.reduce((total, { memoryBytes }) => total + memoryBytes, 0);

export function createLoadedModels(options: LoadedModelsOptions): LoadedModels {
  const { load, workers, mostModels, mostMemory, active } = options;
  const entries = new Map<string, Entry>();
  const ending = new Set<Promise<void>>();
  let loading: Promise<unknown> = Promise.resolve();
  let closed = false;
  let turn = 0;

  function entryFor(variant: Variant, needed: boolean): Entry {
    const key = keyOf(variant);
    const known = entries.get(key);
    if (known) return known;
    const { bundle, precision } = variant;
    const bytes = bundle.manifest.files.find((file) => file.precision === precision)?.bytes ?? 0;
    const memoryBytes = estimateMemory(bytes, workers);
    if (active()) requireRoom(bundle, memoryBytes, needed ? 0 : (active()?.memoryBytes ?? 0));
    if (active() && !needed) requireIdleRoom(bundle, memoryBytes);
    // One after the other: each takes all cores for a moment, and the memory of those that make way.
    const classifier = loading.then(async () => {
      await Promise.all(ending);
      if (closed) throw new AppError('CLOSED', {});
      return load(variant);
    });
    loading = classifier.catch(() => undefined);
    const identity = identityOf(bundle, precision);
    const more = { isLoaded: false, requests: 0, lastUsed: undefined, users: 0, turn };
    const entry: Entry = { ...variant, identity, classifier, memoryBytes, ...more };
    entries.set(key, entry);
    classifier.then(
      () => {
        entry.isLoaded = true;
      },
      // The next one who asks may find it mended.
      () => entries.delete(key),
    );
    return entry;
  }

  /** Those that are in use or are being loaded make way for nobody; beside the active one there may always be one. */
  function requireIdleRoom({ manifest }: Bundle, needs: number): void {
    const kept = [...entries.values()].filter((entry) => entry === active() || entry.users > 0 || !entry.isLoaded);
    const others = kept.filter((entry) => entry !== active());
    if (others.length === 0) return;
    if (kept.length < mostModels && sum(kept) + needs <= mostMemory) return;
    throw new AppError('MODELS_BUSY', { model: referenceOf(manifest), seconds: BUSY_SECONDS });
  }

  /** Those in use make way later, but the active one never does. */
  function requireRoom({ manifest }: Bundle, needs: number, taken: number): void {
    if (taken + needs <= mostMemory) return;
    const limit =
      taken === 0
        ? `the ${inMegabytes(mostMemory)} that models may take`
        : `the ${inMegabytes(Math.max(0, mostMemory - taken))} that the active model leaves of the ${inMegabytes(mostMemory)} that models may take`;
    throw new AppError('MODEL_TOO_LARGE', { model: referenceOf(manifest), needs: inMegabytes(needs), limit });
  }

  const hold: LoadedModels['hold'] = async (variant, work, { needed = false, signal } = {}) => {
    if (closed) throw new AppError('CLOSED', {});
    const entry = entryFor(variant, needed);
    entry.users += 1;
    // Before it is loaded, so that those that make way do so first.
    evict();
    try {
      const result = await work(await orAborted(entry.classifier, signal), entry);
      if (!needed) {
        entry.requests += 1;
        entry.lastUsed = new Date();
      }
      return result;
    } finally {
      entry.users -= 1;
      turn += 1;
      entry.turn = turn;
      evict();
    }
  };

  /** Ends those used longest ago while there are too many or they take too much, but none that is in use or active. */
  function evict(): void {
    const idle = [...entries.values()].filter((entry) => entry.users === 0 && entry !== active());
    idle.sort((a, b) => a.turn - b.turn);
    for (const entry of idle) {
      if (entries.size <= mostModels && sum([...entries.values()]) <= mostMemory) return;
      entries.delete(keyOf(entry));
      const end = entry.classifier
        .then((classifier) => classifier.close())
        // One that is given up while it loads may turn out to be damaged: nobody waits for it any more.
        .catch(() => undefined)
        .finally(() => ending.delete(end));
      ending.add(end);
    }
  }

  async function close(): Promise<void> {
    closed = true;
    const ends = [...entries.values()].map(({ classifier }) =>
      classifier.then(
        (it) => it.close(),
        () => undefined,
      ),
    );
    await Promise.all([...ends, ...ending]);
  }

  return {
    hold,
    list: () => [...entries.values()].filter(({ isLoaded }) => isLoaded),
    isIdle: () => [...entries.values()].every(({ users }) => users === 0),
    close,
  };
}

/** What a promise gives, or the signal's reason if that comes first. */
function orAborted<Result>(promise: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
