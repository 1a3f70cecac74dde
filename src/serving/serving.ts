/** The models that a service answers with: the active one, and others that were asked for, loaded when they are. */

import type { Load, Place } from '../classification/admission.js';
import type { ModelIdentity } from '../classification/classification.js';
import { type Classifier, createClassifier } from '../classification/classifier.js';
import { createIntake } from '../classification/intake.js';
import type { Settings } from '../config.js';
import { AppError } from '../errors.js';
import { createRegistry, type Registry } from '../models/registry.js';
import { favourMainThread } from './priority.js';

type PrecisionChoice = Settings['precision'];

/** What is not said is as in the active model. */
interface ModelChoice {
  readonly model?: string | undefined;
  readonly precision?: PrecisionChoice | undefined;
}

interface LoadedModel extends ModelIdentity {
  /** Answers without being named. */
  readonly active: boolean;
}

export interface Serving {
  /**
   * Calls `work` with the classifier of that model, which stays loaded until it is done.
   * @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_DAMAGED, PRECISION_UNAVAILABLE, CLOSED
   */
  readonly use: <Result>(choice: ModelChoice, work: (classifier: Classifier) => Promise<Result>) => Promise<Result>;
  /** A place in the one queue that all models share. @throws AppError QUEUE_FULL, CLOSED */
  readonly admit: () => Place;
  readonly load: () => Load;
  /** Loads a model and makes it the active one; until then, and if it cannot be loaded, the other one is. */
  readonly activate: (choice: ModelChoice) => Promise<ModelIdentity>;
  readonly active: () => ModelIdentity;
  readonly loaded: () => LoadedModel[];
  readonly registry: Registry;
  readonly settings: Settings;
  /** Finishes what was accepted, then ends every model. */
  readonly close: () => Promise<void>;
}

interface Entry {
  readonly model: string;
  readonly precision: PrecisionChoice;
  readonly classifier: Promise<Classifier>;
  /** Set once it is loaded. */
  identity: (() => ModelIdentity) | undefined;
  users: number;
  usedAt: number;
}

export interface ServingOptions {
  readonly settings: Settings;
  /** Called with what an operator should know. */
  readonly onNotice: (notice: string) => void;
}

const keyOf = (model: string, precision: PrecisionChoice) => `${model} ${precision}`;

/** Loads the model of the settings. @throws AppError as `createClassifier` does */
export async function createServing({ settings, onNotice }: ServingOptions): Promise<Serving> {
  const intake = createIntake(settings);
  const registry = createRegistry(settings.home);
  const entries = new Map<string, Entry>();
  const ending = new Set<Promise<void>>();
  let loading: Promise<unknown> = Promise.resolve();
  let closed = false;
  let clock = 0;
  let active: Entry | undefined;

  function entryFor(choice: ModelChoice): Entry {
    const model = choice.model ?? (active as Entry).model;
    const wanted = choice.precision ?? (model === active?.model ? active.precision : 'auto');
    const key = keyOf(model, wanted);
    const known = entries.get(key) ?? chosenAutomatically(model, wanted);
    if (known) return known;
    // One after the other: each takes all cores for a moment.
    const classifier = loading.then(() => {
      if (closed) throw new AppError('CLOSED', {});
      return createClassifier({ ...settings, model, precision: wanted, onNotice }, intake);
    });
    loading = classifier.catch(() => undefined);
    const entry: Entry = { model, precision: wanted, classifier, identity: undefined, users: 0, usedAt: 0 };
    entries.set(key, entry);
    classifier.then(
      (loaded) => {
        entry.identity = loaded.model;
        void favourMainThread();
      },
      // The next one who asks may find it mended.
      () => entries.delete(key),
    );
    return entry;
  }

  /** No second copy of a model whose automatic precision is the one that is wanted. */
  function chosenAutomatically(model: string, precision: PrecisionChoice): Entry | undefined {
    const entry = entries.get(keyOf(model, 'auto'));
    return entry?.identity?.().precision === precision ? entry : undefined;
  }

  async function hold<Result>(
    choice: ModelChoice,
    work: (classifier: Classifier, entry: Entry) => Result | Promise<Result>,
  ): Promise<Result> {
    if (closed) throw new AppError('CLOSED', {});
    const entry = entryFor(choice);
    entry.users += 1;
    try {
      return await work(await entry.classifier, entry);
    } finally {
      entry.users -= 1;
      entry.usedAt = ++clock;
      evict();
    }
  }

  /** Ends those used longest ago while there are too many, but none that is in use or active. */
  function evict(): void {
    const idle = [...entries].filter(([, entry]) => entry.users === 0 && entry !== active);
    idle.sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [key, entry] of idle.slice(0, Math.max(0, entries.size - settings.loadedModels))) {
      entries.delete(key);
      const end = entry.classifier.then((classifier) => classifier.close()).finally(() => ending.delete(end));
      ending.add(end);
    }
  }

  const activate = ({ model, precision = 'auto' }: ModelChoice) =>
    hold({ model, precision }, (classifier, entry) => {
      active = entry;
      return classifier.model();
    });

  async function close(): Promise<void> {
    closed = true;
    const loaded = [...entries.values()].map(({ classifier }) =>
      classifier.then(
        (it) => it.close(),
        () => undefined,
      ),
    );
    await Promise.all([...loaded, ...ending]);
    await intake.decoder.close();
  }

  try {
    await activate(settings);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    use: hold,
    admit: () => {
      if (closed) throw new AppError('CLOSED', {});
      return intake.admission.enter();
    },
    load: intake.admission.load,
    activate,
    active: () => active?.identity?.() as ModelIdentity,
    loaded: () =>
      [...entries.values()].flatMap((entry) =>
        entry.identity ? [{ ...entry.identity(), active: entry === active }] : [],
      ),
    registry,
    settings,
    close,
  };
}
