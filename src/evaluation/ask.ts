/** Models asked about pictures, through the real classifier; so the answers are those of the service. */
import { setMaxListeners } from 'node:events';
import type { Classification } from '../classification/classification.js';
import { type Classifier, startClassifier } from '../classification/classifier.js';
import { chooseCrew } from '../classification/crew.js';
import { createIntake } from '../classification/intake.js';
import { type SharedDecoding, shareDecoding } from '../classification/shared-decoding.js';
import type { Settings } from '../config.js';
import { readPicture } from '../dataset/read-picture.js';
import { type AppError, toAppError } from '../errors.js';
import { sha256Of } from '../hashes.js';
import { mapInOrder } from '../map-in-order.js';
import type { Bundle } from '../models/bundle.js';
import type { Precision } from '../models/manifest.js';
import type { EvaluatedPicture } from './evaluation.js';
import { type Outcome, outcomeOf } from './outcome.js';

export interface Contestant {
  readonly bundle: Bundle;
  readonly precision: Precision;
  /** The same ones in the same order for all, each with the class that it is for this model. */
  readonly pictures: readonly EvaluatedPicture[];
}

/** A picture's answer, for those who keep them: `logits` are the network's own. */
export interface AnsweredPicture {
  readonly picture: EvaluatedPicture;
  readonly outcome: Outcome;
  readonly classification: Classification;
  readonly logits: Float32Array;
  readonly bundle: Bundle;
}

/** What is kept of each picture. */
export interface AskedPicture {
  readonly picture: EvaluatedPicture;
  /** Of its file; undefined if its bytes could not be had. */
  readonly sha256: string | undefined;
  /** What came of it, or why nothing did. */
  readonly answer: Outcome | AppError;
}

export interface AskOptions {
  readonly settings: Settings;
  readonly signal: AbortSignal;
  /** Called after each picture of each model. */
  readonly onStep: () => void;
  /** In the order of the pictures; what it waits for holds the work up. */
  readonly onAnswer?: ((answered: AnsweredPicture) => Promise<void> | void) | undefined;
  /** A picture that cannot be read, when that is found. */
  readonly onUnusable?: ((name: string, error: AppError) => void) | undefined;
}

interface Fresh {
  readonly picture: EvaluatedPicture;
  readonly sha256: string | undefined;
  readonly answer: AnsweredPicture | AppError;
}

/**
 * About each picture, which is decoded once for all models that there are workers for: several precisions of one share its
 * workers, and of fewer workers than models each asks one model after the other. In the order of the models, then of the
 * pictures; an aborted signal ends it early.
 * @throws AppError what is no picture's fault, and what starting a classifier throws
 */
export async function askModels(contestants: readonly Contestant[], options: AskOptions): Promise<AskedPicture[][]> {
  const { workers } = chooseCrew(options.settings);
  const asked: AskedPicture[][] = [];
  for (let from = 0; from < contestants.length; from += workers)
    asked.push(...(await askTogether(contestants.slice(from, from + workers), options)));
  return asked;
}

async function askTogether(contestants: readonly Contestant[], options: AskOptions): Promise<AskedPicture[][]> {
  const { signal, onStep, onAnswer, onUnusable } = options;
  const whole = unbounded(options.settings);
  const settings = partOf(whole, contestants.length);
  const intake = createIntake(whole);
  const asked: AskedPicture[][] = contestants.map(() => []);
  const classifiers: Classifier[] = [];
  // Each picture in work listens, of each model.
  setMaxListeners(0, signal);

  async function keep({ picture, sha256, answer }: Fresh, to: AskedPicture[]): Promise<void> {
    if ('code' in answer) onUnusable?.(picture.name, answer);
    else await onAnswer?.(answer);
    to.push({ picture, sha256, answer: 'code' in answer ? answer : answer.outcome });
    onStep();
  }

  try {
    for (const { bundle, precision } of contestants)
      classifiers.push(await startClassifier(bundle, { settings, precision, intake }));
    const concurrency = Math.max(...classifiers.map((one) => one.concurrency));
    const work = (position: number) => askAll(position, contestants, classifiers, options);
    for await (const answers of mapInOrder(positionsOf(contestants[0]?.pictures ?? []), concurrency, work, signal)) {
      if (signal.aborted) break;
      for (const [i, fresh] of answers.entries()) await keep(fresh, asked[i] as AskedPicture[]);
    }
    return asked;
  } finally {
    await Promise.all(classifiers.map((one) => one.close()));
    await intake.decoder.close();
  }
}

async function* positionsOf(items: readonly unknown[]): AsyncGenerator<number> {
  yield* items.keys();
}

async function askAll(
  position: number,
  contestants: readonly Contestant[],
  classifiers: readonly Classifier[],
  { settings, signal }: AskOptions,
): Promise<Fresh[]> {
  const pictures = contestants.map((one) => one.pictures[position] as EvaluatedPicture);
  const bytes = await readPicture(pictures[0]?.path ?? '', settings.maxBytes).catch(toAppError);
  if ('code' in bytes) return pictures.map((picture) => ({ picture, sha256: undefined, answer: ofPicture(bytes) }));
  const sha256 = sha256Of(bytes);
  // Who reduces pictures while they are decoded would get others when they are shared.
  const sharing = contestants.length > 1 && !settings.shrinkOnLoad ? shareDecoding() : undefined;
  try {
    return await Promise.all(
      contestants.map(async ({ bundle }, i) => {
        const [picture, classifier] = [pictures[i] as EvaluatedPicture, classifiers[i] as Classifier];
        const answer = await ask(bytes, picture, { classifier, bundle, signal, sharing }).catch((thrown) =>
          ofPicture(toAppError(thrown)),
        );
        return { picture, sha256, answer };
      }),
    );
  } finally {
    sharing?.release();
  }
}

interface Asking {
  readonly classifier: Classifier;
  readonly bundle: Bundle;
  readonly signal: AbortSignal;
  readonly sharing: SharedDecoding | undefined;
}

function ask(
  bytes: Uint8Array,
  picture: EvaluatedPicture,
  { classifier, bundle, signal, sharing }: Asking,
): Promise<AnsweredPicture> {
  const { labels, manifest } = bundle;
  const look = { outputs: [], wholePicture: false, signal, ...(sharing && { sharing }) } as const;
  return classifier.inspect(bytes, look, async ({ classification, logits }) => {
    const outcome = outcomeOf({ classification, logits, labels, temperature: manifest.temperature }, picture.truth);
    return { picture, outcome, classification, logits, bundle };
  });
}

/** @throws what is no picture's fault */
function ofPicture(error: AppError): AppError {
  if (/^IMAGE_|^HEIC_/.test(error.code) || error.code === 'FILE_UNREADABLE' || error.code === 'WORKER_FAILED')
    return error;
  throw error;
}

/** What is in work is bounded here, and nobody else waits for these answers. */
const unbounded = (settings: Settings): Settings => ({
  ...settings,
  queueRequests: Number.MAX_SAFE_INTEGER,
  queueBytes: Number.MAX_SAFE_INTEGER,
  deadlineMs: Number.MAX_SAFE_INTEGER,
  // They mean classes that not every model has.
  rules: [],
});

/** Each of the models, of which there are no more than workers, has its part of these, with as many threads as if it had all. */
function partOf(settings: Settings, models: number): Settings {
  const { workers, threads } = chooseCrew(settings);
  return { ...settings, workers: Math.floor(workers / models), threads };
}
