/** The models that a service answers with: the active one, and others that were asked for, loaded when they are. */
import type { Load, Place } from '../classification/admission.js';
import type { ModelIdentity } from '../classification/classification.js';
import { type Classifier, measuredNotice, startClassifier } from '../classification/classifier.js';
import { chooseCrew } from '../classification/crew.js';
import { startDeadline } from '../classification/deadline.js';
import { createIntake } from '../classification/intake.js';
import type { Settings } from '../config.js';
import { AppError, toAppError } from '../errors.js';
import type { Decoder } from '../image/decode.js';
import { type Bundle, modelFile } from '../models/bundle.js';
import type { Precision } from '../models/manifest.js';
import { compareVersions, referenceOf } from '../models/reference.js';
import { createRegistry, type Registry } from '../models/registry.js';
import { createLoadedModels, type LoadedModel, type Variant } from './loaded-models.js';
import { createMeasuring } from './measuring.js';
import { inMegabytes, memoryLimit } from './memory.js';
import { favourMainThread } from './priority.js';
import { createResolver } from './resolver.js';

type PrecisionChoice = Settings['precision'];

/** What is not said is as in the active model. */
export interface ModelChoice {
  /** `NAME` or `NAME@VERSION`. */
  readonly model?: string | undefined;
  readonly precision?: PrecisionChoice | undefined;
}

interface ModelInMemory extends ModelIdentity {
  /** Answers without being named. */
  readonly active: boolean;
  /** As estimated. */
  readonly memoryBytes: number;
  /** Requests that it has answered. */
  readonly requests: number;
  readonly lastUsed: Date | undefined;
}

export interface Serving {
  /**
   * Calls `work` with the classifier of that model, which stays loaded until it is done. Loading takes at most `deadlineMs`,
   * and ends for this caller with its signal.
   * @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_DAMAGED, MODEL_CHECK_FAILED, MODEL_TOO_LARGE, MODELS_BUSY,
   * PRECISION_UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED, CLOSED
   */
  readonly use: <Result>(
    choice: ModelChoice,
    work: (classifier: Classifier) => Promise<Result>,
    signal?: AbortSignal,
  ) => Promise<Result>;
  /** A place in the one queue that all models share. @throws AppError QUEUE_FULL, CLOSED */
  readonly admit: () => Place;
  readonly load: () => Load;
  /** The decoder that all models share, for who wants the pixels alone; see `Decoder`. */
  readonly decode: Decoder['decode'];
  /**
   * Lets a model answer when none is named: it is loaded, every worker hashes its file and answers a known picture, and
   * only then new requests go to it. Those in work keep theirs. One activation after the other.
   * If it fails, nothing has changed.
   * @throws AppError MODEL_NOT_FOUND, MODEL_TOO_LARGE, PRECISION_UNAVAILABLE, ACTIVATION_FAILED, CLOSED
   */
  readonly activate: (choice: ModelChoice) => Promise<ModelIdentity>;
  readonly active: () => ModelIdentity;
  readonly activeBundle: () => Bundle;
  /** How the active model was asked for. */
  readonly activeChoice: () => { readonly reference: string; readonly precision: PrecisionChoice };
  /**
   * What that means by now if it is another one, such as a higher version or one that was replaced: a mark of its content.
   * @throws AppError MODEL_INVALID
   */
  readonly outdatedBy: () => Promise<string | undefined>;
  readonly loaded: () => ModelInMemory[];
  readonly registry: Registry;
  readonly settings: Settings;
  /** Finishes what was accepted, then ends every model. */
  readonly close: () => Promise<void>;
}

interface Active {
  readonly reference: string;
  readonly precision: PrecisionChoice;
  readonly model: LoadedModel;
}

export interface ServingOptions {
  readonly settings: Settings;
  /** Called with what an operator should know. */
  readonly onNotice: (notice: string) => void;
}

/** Loads the model of the settings. @throws AppError as `createClassifier` does */
export async function createServing({ settings, onNotice }: ServingOptions): Promise<Serving> {
  const intake = createIntake(settings);
  const registry = createRegistry(settings.home);
  const resolver = createResolver(registry, settings.home);
  const mostMemory = memoryLimit(settings);
  let active: Active | undefined;
  let closed = false;
  let activating: Promise<unknown> = Promise.resolve();

  const models = createLoadedModels({
    load: startModel,
    workers: chooseCrew(settings).workers,
    mostModels: settings.loadedModels,
    mostMemory,
    active: () => active?.model,
  });
  const measuring = createMeasuring({
    home: settings.home,
    isIdle: () => models.isIdle() && intake.admission.load().pictures === 0,
    onVerdict: adopt,
    onNotice,
  });

  async function startModel({ bundle, precision }: Variant): Promise<Classifier> {
    // The first one has none to take over from, and nobody waits for a service that starts longer than has to be.
    const classifier = await startClassifier(bundle, { settings, precision, intake, check: active !== undefined });
    void favourMainThread();
    return classifier;
  }

  /** @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, PRECISION_UNAVAILABLE */
  async function variantOf({ model, precision }: ModelChoice): Promise<Variant> {
    const { bundle, fingerprint, automatic } =
      model === undefined ? await resolver.describe((active as Active).model.bundle) : await resolver.resolve(model);
    const variant = (chosen: Precision, provisional = false) => {
      // Says which there are, if it is none of them.
      modelFile(bundle, chosen);
      return { bundle, fingerprint, precision: chosen, provisional };
    };
    if (precision !== undefined && precision !== 'auto') return variant(precision);
    if (precision === undefined && fingerprint === active?.model.fingerprint) return variant(active.model.precision);
    return variant(automatic.precision, automatic.provisional);
  }

  async function use<Result>(
    choice: ModelChoice,
    work: (classifier: Classifier) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    if (choice.model === undefined && choice.precision === undefined)
      return models.hold((active as Active).model, work);
    const deadline = startDeadline(settings.deadlineMs, signal);
    let begun = false;
    const begin = (variant: Variant) => (classifier: Classifier) => {
      deadline.clear();
      begun = true;
      if (variant.provisional) measuring.add(variant);
      return work(classifier);
    };
    const variant = await variantOf(choice);
    try {
      return await models.hold(variant, begin(variant), { signal: deadline.signal });
    } catch (error) {
      // It may have been replaced since its manifest was read.
      const isStale = error instanceof AppError && ['MODEL_INVALID', 'MODEL_DAMAGED'].includes(error.code);
      if (begun || !isStale) throw error;
      resolver.forget();
      const now = await variantOf(choice);
      if (now.fingerprint === variant.fingerprint) throw error;
      return await models.hold(now, begin(now), { signal: deadline.signal });
    } finally {
      deadline.clear();
    }
  }

  function activate(choice: ModelChoice): Promise<ModelIdentity> {
    const activation = activating.then(() => swap(choice));
    activating = activation.catch(() => undefined);
    return activation;
  }

  async function swap({ model, precision = 'auto' }: ModelChoice): Promise<ModelIdentity> {
    const reference = model ?? (active as Active).reference;
    let step = 'it was looked for';
    await measuring.pause();
    try {
      resolver.forget();
      const variant = await variantOf({ model, precision });
      step = 'it was loaded';
      return await models.hold(
        variant,
        (_, loaded) => {
          active = { reference, precision, model: loaded };
          if (variant.provisional) measuring.add(variant);
          return loaded.identity;
        },
        { needed: true },
      );
    } catch (thrown) {
      const error = toAppError(thrown);
      if (!active || error.http < 500 || error.code === 'CLOSED') throw error;
      if (error.code === 'MODEL_CHECK_FAILED') step = 'it was checked';
      throw new AppError('ACTIVATION_FAILED', { model: reference, step, reason: error.message }, { cause: error });
    } finally {
      measuring.resume();
    }
  }

  /** What was chosen automatically is chosen again once it was measured. */
  async function adopt({ fingerprint }: Variant, precision: Precision): Promise<void> {
    resolver.forget();
    if (active?.precision !== 'auto' || active.model.fingerprint !== fingerprint) return;
    if (active.model.precision === precision) return;
    try {
      await activate({ precision: 'auto' });
      onNotice(measuredNotice(precision));
    } catch (error) {
      onNotice((error as Error).message);
    }
  }

  async function outdatedBy(): Promise<string | undefined> {
    const { reference, model } = active as Active;
    try {
      resolver.forget();
      const { fingerprint, bundle } = await resolver.resolve(reference);
      // A lower version is what is left of a model that was removed, or whose disk is gone for a moment.
      const isOlder = compareVersions(bundle.manifest.version, model.identity.version) < 0;
      return isOlder || fingerprint === model.fingerprint ? undefined : fingerprint;
    } catch (error) {
      // It was removed, and nothing has taken its place.
      if (error instanceof AppError && error.code === 'MODEL_NOT_FOUND') return undefined;
      throw error;
    }
  }

  async function close(): Promise<void> {
    closed = true;
    await Promise.all([measuring.close(), models.close()]);
    await intake.decoder.close();
  }

  function warnOfMemory(): void {
    const { memoryBytes, bundle } = (active as Active).model;
    if (memoryBytes <= mostMemory) return;
    const [needed, limit] = [inMegabytes(memoryBytes), inMegabytes(mostMemory)];
    onNotice(
      `${referenceOf(bundle.manifest)} takes about ${needed}, more than the ${limit} of modelMemory: no other model will fit beside it.`,
    );
  }

  try {
    await swap(settings);
    warnOfMemory();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    use,
    admit: () => {
      if (closed) throw new AppError('CLOSED', {});
      return intake.admission.enter();
    },
    load: intake.admission.load,
    decode: intake.decoder.decode,
    activate,
    active: () => (active as Active).model.identity,
    activeBundle: () => (active as Active).model.bundle,
    activeChoice: () => active as Active,
    outdatedBy,
    loaded: () =>
      models.list().map((model) => {
        const { identity, memoryBytes, requests, lastUsed } = model;
        return { ...identity, active: model === active?.model, memoryBytes, requests, lastUsed };
      }),
    registry,
    settings,
    close,
  };
}
