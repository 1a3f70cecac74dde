/** Pictures that say what they show, through the real classifier; so the answers are those of the service. */
import path from 'node:path';
import type { Classification } from '../classification/classification.js';
import { type Classifier, startClassifier } from '../classification/classifier.js';
import type { Settings } from '../config.js';
import { fingerprintOfLabelled } from '../dataset/data-fingerprint.js';
import { readPicture } from '../dataset/read-picture.js';
import { AppError, toAppError } from '../errors.js';
import { sha256Of } from '../hashes.js';
import { className } from '../labels/label-set.js';
import { mapInOrder } from '../map-in-order.js';
import { type Bundle, digestOf, fileBytes, modelFile } from '../models/bundle.js';
import type { Precision } from '../models/manifest.js';
import type {
  ComparedEvaluations,
  EvaluatedPicture,
  Evaluation,
  ForeignPictures,
  UnusablePicture,
} from './evaluation.js';
import { judge } from './judge.js';
import { type Outcome, outcomeOf } from './outcome.js';
import { comparePaired } from './paired.js';
import { haveSameClasses } from './tally.js';

/** A picture's answer, for those who keep them: `logits` are the network's own. */
export interface AnsweredPicture {
  readonly picture: EvaluatedPicture;
  readonly outcome: Outcome;
  readonly classification: Classification;
  readonly logits: Float32Array;
  readonly bundle: Bundle;
}

interface SharedOptions {
  readonly settings: Settings;
  readonly signal: AbortSignal;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** A picture that cannot be read, when that is found; the evaluation lists and counts them too. */
  readonly onUnusable?: ((name: string, error: AppError) => void) | undefined;
  /** In the order of the pictures; what it waits for holds the work up. */
  readonly onAnswer?: ((answered: AnsweredPicture) => Promise<void> | void) | undefined;
  /** The folder or the list, for reports. */
  readonly source?: string;
  /** Pictures of classes that the model does not have, for reports. */
  readonly foreign?: readonly ForeignPictures[];
  /** Mistakes that are shown with a picture; 24 if not given. */
  readonly thumbnails?: number;
}

export interface EvaluateOptions extends SharedOptions {
  readonly bundle: Bundle;
  readonly precision: Precision;
  readonly pictures: readonly EvaluatedPicture[];
}

export interface Contestant {
  readonly bundle: Bundle;
  readonly precision: Precision;
  /** The same ones in the same order for all, each with the class that it is for this model. */
  readonly pictures: readonly EvaluatedPicture[];
}

/**
 * Starts the model's workers, asks them about each picture, and closes them.
 * @throws AppError ABORTED, DATASET_INVALID (there is no picture, or none can be read), and what starting a classifier throws
 */
export async function evaluateModel(options: EvaluateOptions): Promise<Evaluation> {
  const { evaluations } = await evaluateModels([options], options);
  return evaluations[0] as Evaluation;
}

/** One after the other; of two the first is tested against the second, on the pictures that both could read. @throws as `evaluateModel` */
export async function evaluateModels(
  contestants: readonly Contestant[],
  options: SharedOptions,
): Promise<ComparedEvaluations> {
  const total = contestants.reduce((sum, { pictures }) => sum + pictures.length, 0);
  const evaluations: Evaluation[] = [];
  const answers: (readonly (Outcome | undefined)[])[] = [];
  let done = 0;
  const step = () => {
    done += 1;
    options.onProgress?.(done, total);
  };
  for (const contestant of contestants) {
    const { outcomes, ...read } = await ask(contestant, options, step);
    answers.push(outcomes);
    evaluations.push(await evaluationOf(contestant, outcomes, read, options));
  }
  return { evaluations, paired: pairedTest(contestants, answers) };
}

function pairedTest(
  [first, second]: readonly Contestant[],
  [one, other]: readonly (readonly (Outcome | undefined)[])[],
): ComparedEvaluations['paired'] {
  if (!first || !second || !one || !other) return null;
  const both = [...one.keys()].filter((i) => one[i] && other[i]);
  const of = (outcomes: typeof one) => both.map((i) => outcomes[i] as Outcome);
  return comparePaired(of(one), of(other), haveSameClasses(first.bundle.labels, second.bundle.labels));
}

interface Read {
  readonly unusable: readonly UnusablePicture[];
  readonly sha256: string;
}

/** The outcomes in the order of the pictures; of those that cannot be read there are none. */
async function ask(contestant: Contestant, options: SharedOptions, step: () => void) {
  const { bundle, precision, pictures } = contestant;
  const { settings, signal } = options;
  const classifier = await startClassifier(bundle, { settings: unbounded(settings), precision });
  const outcomes: (Outcome | undefined)[] = [];
  const unusable: UnusablePicture[] = [];
  const contents: [sha256: string, label: string][] = [];
  const work = (picture: EvaluatedPicture) => answer(picture, classifier, contestant, options);
  try {
    for await (const answered of mapInOrder(eachOf(pictures), classifier.concurrency, work, signal)) {
      if (signal.aborted) break;
      const { path: file, name, truth } = answered.picture;
      if (answered.sha256 !== undefined) contents.push([answered.sha256, className(bundle.labels, truth, 'en')]);
      if ('error' in answered) {
        const { code, message } = answered.error;
        unusable.push({ name, code, error: message.replaceAll(file, () => name) });
        options.onUnusable?.(name, answered.error);
      } else {
        await options.onAnswer?.(answered);
      }
      outcomes.push('error' in answered ? undefined : answered.outcome);
      step();
    }
  } finally {
    await classifier.close();
  }
  if (signal.aborted) throw new AppError('ABORTED', {});
  return { outcomes, unusable, sha256: fingerprintOfLabelled(contents) };
}

async function* eachOf<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

interface FailedPicture {
  readonly picture: EvaluatedPicture;
  /** Undefined if its bytes could not be had. */
  readonly sha256: string | undefined;
  readonly error: AppError;
}

/** @throws AppError what is no picture's fault */
async function answer(
  picture: EvaluatedPicture,
  classifier: Classifier,
  { bundle }: Contestant,
  { settings, signal }: SharedOptions,
): Promise<(AnsweredPicture & { readonly sha256: string }) | FailedPicture> {
  const { labels, manifest } = bundle;
  let sha256: string | undefined;
  try {
    const bytes = await readPicture(picture.path, settings.maxBytes);
    const hash = sha256Of(bytes);
    sha256 = hash;
    const look = { outputs: [], wholePicture: false, signal } as const;
    return await classifier.inspect(bytes, look, async ({ classification, logits }) => {
      const outcome = outcomeOf({ classification, logits, labels, temperature: manifest.temperature }, picture.truth);
      return { picture, outcome, classification, logits, bundle, sha256: hash };
    });
  } catch (thrown) {
    const error = toAppError(thrown);
    if (!isOfPicture(error)) throw error;
    return { picture, sha256, error };
  }
}

const isOfPicture = ({ code }: AppError): boolean =>
  /^IMAGE_|^HEIC_/.test(code) || code === 'FILE_UNREADABLE' || code === 'WORKER_FAILED';

/** What is in work is bounded here, and nobody else waits for these answers. */
const unbounded = (settings: Settings): Settings => ({
  ...settings,
  queueRequests: Number.MAX_SAFE_INTEGER,
  queueBytes: Number.MAX_SAFE_INTEGER,
  deadlineMs: Number.MAX_SAFE_INTEGER,
  // They mean classes that not every model has.
  rules: [],
});

async function evaluationOf(
  { bundle, precision, pictures }: Contestant,
  all: readonly (Outcome | undefined)[],
  { unusable, sha256 }: Read,
  { settings, signal, source = '', foreign = [], thumbnails }: SharedOptions,
): Promise<Evaluation> {
  const answered = pictures.flatMap((picture, i) => (all[i] ? [{ picture, outcome: all[i] }] : []));
  if (answered.length === 0) {
    const [first] = unusable;
    throw new AppError('DATASET_INVALID', {
      source: source || 'the data',
      expected: `pictures that can be read, of classes that ${bundle.manifest.name} has,`,
      found: first ? `only others (${first.name}: ${first.error})` : 'none',
      remedy: 'Name other pictures, or another model',
    });
  }
  const { manifest, labels } = bundle;
  const { name, version, license, architecture = null, temperature, input } = manifest;
  return {
    model: {
      ...{ name, version, precision, digest: digestOf(modelFile(bundle, precision)) },
      ...{ bytes: fileBytes(bundle, precision), classes: labels.classes.length, temperature, license, architecture },
      input: { width: input.width, height: input.height },
      recipe: manifest.training?.recipe ?? null,
    },
    data: {
      source: path.basename(source),
      pictures: answered.length,
      classes: new Set(answered.map(({ outcome }) => outcome.truth)).size,
      ...{ sha256, isTrainingData: manifest.training?.data.sha256 === sha256, unusable, foreign },
    },
    created: new Date().toISOString(),
    ...(await judge(answered, labels, { settings, signal, thumbnails })),
  };
}
