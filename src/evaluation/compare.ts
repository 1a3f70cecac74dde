/** The same pictures through several models, which take turns so that their times can be compared. */
import type { ModelIdentity, Prediction } from '../classification/classification.js';
import { type Classifier, createClassifier } from '../classification/classifier.js';
import { choosePrecision } from '../classification/precision.js';
import { shareDecoding } from '../classification/shared-decoding.js';
import type { Settings } from '../config.js';
import { findLabelledPictures } from '../dataset/labelled-pictures.js';
import { readPicture } from '../dataset/read-picture.js';
import { AppError, toAppError } from '../errors.js';
import { className, type LabelSet } from '../labels/label-set.js';
import { digestOf, fileBytes, modelFile } from '../models/bundle.js';
import { createRegistry } from '../models/registry.js';
import { findDuplicate, type ModelChoice } from './model-choice.js';
import { createTally, type Figures } from './tally.js';

export interface ComparedModel extends ModelIdentity {
  /** Of its file. */
  readonly bytes: number;
  readonly labels: LabelSet;
}

export interface ComparedAnswer {
  /** As many as the setting `top` says, the best first. */
  readonly predictions: readonly Prediction[];
  /** From pixels to logits. */
  readonly inferenceMs: number;
  /** Whether the first one is what the picture shows; null if nobody says what that is. */
  readonly correct: boolean | null;
}

export interface ComparedPicture {
  readonly file: string;
  /** What it shows, in the language of the settings; null if nobody says. */
  readonly label: string | null;
  /** Whether all models name the same class. */
  readonly agreed: boolean;
  /** In the order of the models. */
  readonly answers: readonly ComparedAnswer[];
}

export interface FailedPicture {
  readonly file: string;
  readonly error: AppError;
}

export interface Comparison {
  readonly models: readonly ComparedModel[];
  /** How many there are to compare. */
  readonly pictures: number;
  /** One after the other, in the order of their names; an aborted signal ends them early. */
  readonly outcomes: () => AsyncGenerator<ComparedPicture | FailedPicture>;
  /** Of those that were compared so far. */
  readonly figures: () => Figures;
  readonly close: () => Promise<void>;
}

export interface ComparisonOptions {
  readonly settings: Settings;
  readonly signal: AbortSignal;
}

interface Contestant {
  readonly model: ComparedModel;
  /** The class of each picture of the folder, by its path. */
  readonly truths: ReadonlyMap<string, number | undefined>;
}

/** Accuracy is judged by the first five. */
const RANKED = 5;

/**
 * Loads the models, each in one worker with one thread, and finds the pictures of a folder and those in it.
 * @throws AppError USAGE, FILE_UNREADABLE, MODEL_NOT_FOUND, MODEL_INVALID, MODEL_DAMAGED, PRECISION_UNAVAILABLE, ABORTED
 */
export async function openComparison(
  choices: readonly ModelChoice[],
  folder: string,
  { settings, signal }: ComparisonOptions,
): Promise<Comparison> {
  const list = listingOf(folder);
  const contestants = await Promise.all(choices.map((choice) => contestantFor(choice, list, settings.home)));
  const models = contestants.map(({ model }) => model);
  const duplicate = findDuplicate(models);
  if (duplicate) {
    const problem = `Expected different models, but ${duplicate} is named twice. Name each one once.`;
    throw new AppError('USAGE', { problem });
  }
  const classifiers = await startAll(contestants, settings, signal);
  const files = [...(contestants[0]?.truths.keys() ?? [])];
  const tally = createTally(models.map(({ labels }) => labels));

  async function ask(bytes: Uint8Array, turn: number) {
    const answers: { predictions: readonly Prediction[]; ms: number }[] = [];
    const sharing = shareDecoding();
    try {
      for (const offset of classifiers.keys()) {
        // None is always the first, to whom the pixels are new.
        const i = (turn + offset) % classifiers.length;
        const top = Math.max(RANKED, settings.top);
        const { predictions, timing } = await (classifiers[i] as Classifier).classify(bytes, { top, sharing, signal });
        answers[i] = { predictions, ms: timing.inferenceMs };
      }
      return answers;
    } finally {
      sharing.release();
    }
  }

  async function compare(file: string, turn: number, warm: boolean): Promise<ComparedPicture> {
    const bytes = await readPicture(file, settings.maxBytes);
    // The first run of a model takes longer than all others.
    if (!warm) await ask(bytes, turn);
    const answers = await ask(bytes, turn);
    const truths = contestants.map(({ truths }) => truths.get(file));
    const ranked = answers.map(({ predictions }) => predictions.map(({ index }) => index));
    const agreed = tally.add(answers.map(({ ms }, i) => ({ ranked: ranked[i] ?? [], ms, truth: truths[i] })));
    return {
      file,
      label: labelOf(truths),
      agreed,
      answers: answers.map(({ predictions, ms }, i) => ({
        predictions: predictions.slice(0, settings.top),
        inferenceMs: ms,
        correct: truths[i] === undefined ? null : truths[i] === ranked[i]?.[0],
      })),
    };
  }

  /** In the words of the first model that has the class. */
  function labelOf(truths: readonly (number | undefined)[]): string | null {
    const i = truths.findIndex((truth) => truth !== undefined);
    const labels = models[i]?.labels;
    return labels ? className(labels, truths[i] as number, settings.lang) : null;
  }

  async function* outcomes(): AsyncGenerator<ComparedPicture | FailedPicture> {
    let warm = false;
    for (const [turn, file] of files.entries()) {
      const outcome: ComparedPicture | FailedPicture = await compare(file, turn, warm).catch((thrown) => ({
        file,
        error: toAppError(thrown),
      }));
      if (signal.aborted) return;
      warm ||= !('error' in outcome);
      yield outcome;
    }
  }

  return { models, pictures: files.length, outcomes, figures: tally.figures, close: () => closeAll(classifiers) };
}

type Listing = (labels: LabelSet) => Promise<Contestant['truths']>;

/** Models with the same classes share what they know of a folder, which may be large. */
function listingOf(folder: string): Listing {
  const known = new Map<LabelSet, ReturnType<Listing>>();
  const list: Listing = async (labels) =>
    new Map((await findLabelledPictures(folder, labels)).map(({ path, truth }) => [path, truth]));
  return (labels) => {
    const truths = known.get(labels) ?? list(labels);
    known.set(labels, truths);
    return truths;
  };
}

async function contestantFor({ reference, precision }: ModelChoice, list: Listing, home: string): Promise<Contestant> {
  const bundle = await createRegistry(home).open(reference);
  // What is chosen now stays: nothing is measured beside the comparison, and no model changes in the middle of it.
  const chosen = (await choosePrecision(bundle, precision ?? 'auto', home)).precision;
  const { manifest, labels } = bundle;
  const { name, version } = manifest;
  const digest = digestOf(modelFile(bundle, chosen));
  const bytes = fileBytes(bundle, chosen);
  return { model: { name, version, precision: chosen, digest, bytes, labels }, truths: await list(labels) };
}

async function startAll(
  contestants: readonly Contestant[],
  settings: Settings,
  signal: AbortSignal,
): Promise<Classifier[]> {
  const started: Classifier[] = [];
  try {
    for (const { model } of contestants) {
      if (signal.aborted) throw new AppError('ABORTED', {});
      started.push(
        await createClassifier({
          ...settings,
          model: `${model.name}@${model.version}`,
          precision: model.precision,
          workers: 1,
          threads: 1,
          // They mean classes that not every model has.
          rules: [],
          deadlineMs: Number.MAX_SAFE_INTEGER,
        }),
      );
    }
    return started;
  } catch (error) {
    await closeAll(started);
    throw error;
  }
}

const closeAll = async (classifiers: readonly Classifier[]): Promise<void> =>
  void (await Promise.all(classifiers.map((classifier) => classifier.close())));
