/** The one way of a picture: bytes, pixels, tensor, logits, answer. Everything that classifies goes through here. */
import { type Settings, settingsWith } from '../config.js';
import { AppError } from '../errors.js';
import { shrunkShortSide } from '../image/input-spec.js';
import type { Values } from '../inference/session.js';
import type { LabelSet, Language } from '../labels/label-set.js';
import { type Bundle, fileBytes } from '../models/bundle.js';
import type { Precision } from '../models/manifest.js';
import { createRegistry } from '../models/registry.js';
import type { Place } from './admission.js';
import { startBackend } from './backend.js';
import { type Classification, type Interpretation, interpret, type ModelIdentity, timingOf } from './classification.js';
import { chooseCrew, worthwhile } from './crew.js';
import { startDeadline } from './deadline.js';
import type { InnerOutput, Inspection } from './inspection.js';
import { createIntake, type Intake } from './intake.js';
import { choosePrecision, measureWhenIdle } from './precision.js';
import { createFlagRaiser } from './rules.js';
import type { SharedDecoding } from './shared-decoding.js';

export interface ClassifyOptions {
  /** Predictions wanted; at most as many as the model has classes. */
  readonly top?: number | undefined;
  readonly lang?: Language | undefined;
  /** 0..1, from which a class or a group is named; the setting if not given. */
  readonly threshold?: number | undefined;
  /** Time for the answer, waiting included. */
  readonly deadlineMs?: number;
  /** Gives up: the picture leaves the queue, and the call rejects with ABORTED. */
  readonly signal?: AbortSignal;
  /** A place from `admit`, which stays its owner's to give back; without one the call takes its own. */
  readonly place?: Place;
  /** The picture's pixels, shared with other models that are asked for the same bytes. */
  readonly sharing?: Pick<SharedDecoding, 'through'>;
}

interface InspectOptions extends ClassifyOptions {
  readonly outputs: readonly InnerOutput[];
  /** False looks into the very run that `classify` makes: the picture may be reduced while it is decoded, and there is no crop. */
  readonly wholePicture?: boolean;
}

export interface Classifier {
  /**
   * Classifies one picture (the bytes of its file).
   * @throws AppError IMAGE_*, HEIC_UNAVAILABLE, QUEUE_FULL, DEADLINE_EXCEEDED, ABORTED, WORKER_FAILED, CLOSED
   */
  readonly classify: (bytes: Uint8Array, options?: ClassifyOptions) => Promise<Classification>;
  /**
   * The same, and a look into the run that gave the answer. `work` may run the model again; until it has settled the picture
   * keeps its place, and its deadline runs. The picture is decoded at full size, unless that is not asked for.
   * @throws AppError as `classify`, and what `work` throws
   */
  readonly inspect: <Result>(
    bytes: Uint8Array,
    options: InspectOptions,
    work: (inspection: Inspection) => Promise<Result>,
  ) => Promise<Result>;
  /**
   * A place for a picture whose bytes are yet to arrive; `grow` it as they come, and `leave` it when the picture is
   * answered or given up.
   * @throws AppError QUEUE_FULL, CLOSED
   */
  readonly admit: () => Place;
  /** Largest picture file that is accepted, in bytes. */
  readonly maxBytes: number;
  /** The model that answers now. */
  readonly model: () => ModelIdentity;
  /** The size of its file. */
  readonly fileBytes: () => number;
  readonly labels: LabelSet;
  /** How many pictures are worth handing over at once. */
  readonly concurrency: number;
  /** Finishes what was accepted, then ends every worker. */
  readonly close: () => Promise<void>;
}

/** The queue's bounds, the model, the limits on pictures and so on: all settings but those of the service. */
export type ClassifierOptions = Partial<Settings> & {
  /** Called with what an operator should know, such as a precision that was measured and changed. */
  readonly onNotice?: (notice: string) => void;
};

/**
 * Loads a model and starts its workers. Settings that are not given have their defaults.
 * @throws AppError SETTING_INVALID, MODEL_NOT_FOUND, MODEL_INVALID, MODEL_DAMAGED, PRECISION_UNAVAILABLE
 */
export async function createClassifier({
  onNotice = () => undefined,
  ...changes
}: ClassifierOptions = {}): Promise<Classifier> {
  const settings = settingsWith(changes);
  const bundle = await createRegistry(settings.home).open(settings.model);
  const { precision, provisional } = await choosePrecision(bundle, settings.precision, settings.home);
  return startClassifier(bundle, { settings, precision, ...(provisional && { measuring: onNotice }) });
}

export interface StartOptions {
  readonly settings: Settings;
  readonly precision: Precision;
  /** Given by someone who has several models, and closes it. */
  readonly intake?: Intake;
  /** Whether every worker has to show a known answer first; for that it needs an intake. */
  readonly check?: boolean;
  /** Measures the precisions when idle and takes the better one; called with what an operator should know of it. */
  readonly measuring?: (notice: string) => void;
}

/** Starts the workers of a bundle. @throws AppError SETTING_INVALID, MODEL_*, PRECISION_UNAVAILABLE, WORKER_FAILED */
export async function startClassifier(
  bundle: Bundle,
  { settings, precision: first, intake, check = false, measuring }: StartOptions,
): Promise<Classifier> {
  const interpretation: Omit<Interpretation, 'threshold'> = {
    labels: bundle.labels,
    temperature: bundle.manifest.temperature,
    flags: createFlagRaiser(settings.rules, bundle.labels),
  };
  const crew = chooseCrew(settings);
  let backend = await startBackend(bundle, first, crew, check ? intake?.decoder : undefined);
  const { admission, decoder } = intake ?? createIntake(settings);
  const shortSide = settings.shrinkOnLoad ? shrunkShortSide(bundle.manifest.input) : 0;
  const inHand = new Set<Promise<unknown>>();
  let closed = false;

  const measurement =
    measuring &&
    measureWhenIdle(bundle, settings.home, {
      isIdle: () => inHand.size === 0,
      onVerdict: (precision) => adopt(precision, measuring),
      onNotice: measuring,
    });

  async function adopt(precision: Precision, onNotice: (notice: string) => void): Promise<void> {
    if (closed || precision === backend.identity.precision) return;
    const next = await startBackend(bundle, precision, crew);
    const previous = backend;
    backend = next;
    onNotice(measuredNotice(precision));
    // Who looks into a run may go on with more of them.
    await Promise.all(inHand);
    await previous.pool.close();
  }

  const classify: Classifier['classify'] = (bytes, options = {}) =>
    tracked(
      answer(bytes, options, { outputs: [], crop: false, shortSide }, async ({ classification }) => classification),
    );

  const inspect: Classifier['inspect'] = (bytes, { outputs, wholePicture = true, ...options }, work) =>
    tracked(answer(bytes, options, { outputs, crop: wholePicture, shortSide: wholePicture ? 0 : shortSide }, work));

  async function answer<Result>(
    bytes: Uint8Array,
    options: ClassifyOptions,
    { outputs, crop, shortSide }: Look,
    work: (inspection: Inspection) => Promise<Result>,
  ): Promise<Result> {
    const begun = performance.now();
    if (closed) throw new AppError('CLOSED', {});
    const top = requireCount(options.top ?? settings.top);
    const place = options.place ?? admission.enter();
    const deadline = startDeadline(options.deadlineMs ?? settings.deadlineMs, options.signal);
    const decode = options.sharing?.through(decoder) ?? decoder.decode;
    const { lang = settings.lang, threshold = settings.threshold } = options;
    const named = namedOutputs(bundle, outputs);
    try {
      place.grow(bytes.byteLength);
      place.arrive();
      // The decoded picture has no name here, so that nothing holds its memory once the pool has copied it.
      const { picture, model, decodeMs, running } = await decode(bytes, deadline.signal, shortSide).then((image) => ({
        picture: { width: image.width, height: image.height },
        model: backend,
        decodeMs: image.decodeMs,
        running: backend.pool
          .run(image, deadline.signal, { outputs: [...named.values()], crop })
          .finally(image.release),
      }));
      const result = await running;
      const classification = {
        model: model.identity,
        ...interpret(result.logits, { ...interpretation, threshold }, top, lang),
        timing: timingOf(decodeMs, result.preprocessMs + result.inferenceMs, performance.now() - begun),
      };
      const outcome = await work({
        ...{ classification, logits: result.logits, crop: result.crop ?? new Uint8Array(), picture },
        ...{ lang, bundle, file: model.file },
        outputs: new Map([...named].map(([output, name]) => [output, result.outputs.get(name) as Values])),
        runCrop: (pixels) => model.pool.runCrop(pixels, deadline.signal),
      });
      place.answered();
      return outcome;
    } finally {
      deadline.clear();
      if (!options.place) place.leave();
    }
  }

  function admit(): Place {
    if (closed) throw new AppError('CLOSED', {});
    return admission.enter();
  }

  function tracked<Result>(work: Promise<Result>): Promise<Result> {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    inHand.add(settled);
    settled.then(() => inHand.delete(settled));
    return work;
  }

  async function close(): Promise<void> {
    closed = true;
    await measurement?.stop();
    await Promise.all(inHand);
    await Promise.all([backend.pool.close(), intake ? undefined : decoder.close()]);
  }

  return {
    classify,
    inspect,
    admit,
    maxBytes: settings.maxBytes,
    model: () => backend.identity,
    fileBytes: () => fileBytes(bundle, backend.identity.precision),
    labels: bundle.labels,
    concurrency: worthwhile(crew),
    close,
  };
}

/** What a run is to give beside the logits, and how far a picture may be reduced while it is decoded. */
interface Look {
  readonly outputs: readonly InnerOutput[];
  readonly crop: boolean;
  readonly shortSide: number;
}

/** Those that the model has, with the names that they have in its file. */
function namedOutputs({ manifest }: Bundle, outputs: readonly InnerOutput[]): Map<InnerOutput, string> {
  return new Map(
    outputs.flatMap((output) => {
      const name = manifest.output[output];
      return name === undefined ? [] : [[output, name] as const];
    }),
  );
}

function requireCount(top: number): number {
  if (Number.isInteger(top) && top >= 1) return top;
  throw new AppError('SETTING_INVALID', {
    setting: 'top',
    source: 'the caller',
    expected: 'an integer of at least 1',
    found: `${top}`,
  });
}

export const measuredNotice = (precision: Precision): string =>
  `Measured: ${precision} is the better precision on this machine, and is used from now on.`;
