/** The model behind an album, which is loaded when the first picture is new. */
import { type Classifier, startClassifier } from '../classification/classifier.js';
import { chooseCrew, worthwhile } from '../classification/crew.js';
import { createIntake } from '../classification/intake.js';
import { choosePrecision } from '../classification/precision.js';
import { shareDecoding } from '../classification/shared-decoding.js';
import type { Settings } from '../config.js';
import { AppError } from '../errors.js';
import { makeThumbnail, thumbnailOfPixels } from '../image/thumbnail.js';
import type { LabelSet } from '../labels/label-set.js';
import { digestOf, modelFile } from '../models/bundle.js';
import { createRegistry } from '../models/registry.js';
import { type Finding, findingOf } from './finding.js';

export interface Answers {
  readonly labels: LabelSet;
  /** What an answer depends on besides the picture. */
  readonly asked: string;
  /** How many pictures are worth looking at at once. */
  readonly concurrency: number;
  /** @throws AppError as `classify` and `makeThumbnail` do */
  readonly find: (bytes: Uint8Array) => Promise<Finding>;
  /** The same, and a thumbnail from the same pixels. */
  readonly findWithThumbnail: (bytes: Uint8Array) => Promise<{ readonly finding: Finding; readonly jpeg: Uint8Array }>;
  readonly thumbnail: (bytes: Uint8Array) => Promise<Uint8Array>;
  readonly close: () => Promise<void>;
}

/** Measures nothing, so that it writes nothing. @throws AppError MODEL_*, PRECISION_UNAVAILABLE, SETTING_INVALID */
export async function openAnswers(given: Settings, signal: AbortSignal): Promise<Answers> {
  // The album bounds what is in work; it is not refused by its own queue.
  const unbounded = Number.MAX_SAFE_INTEGER;
  const settings = { ...given, queueRequests: unbounded, queueBytes: unbounded, deadlineMs: unbounded };
  const bundle = await createRegistry(settings.home).open(settings.model);
  const { precision } = await choosePrecision(bundle, settings.precision, settings.home);
  const intake = createIntake(settings);
  const { decoder } = intake;
  const { labels } = bundle;
  let classifier: Promise<Classifier> | undefined;
  const start = () => {
    classifier ??= startClassifier(bundle, { settings, precision, intake });
    return classifier;
  };

  async function find(bytes: Uint8Array): Promise<Finding> {
    const classification = await (await start()).classify(bytes, { signal });
    return findingOf(classification, labels, settings.threshold);
  }

  async function findWithThumbnail(bytes: Uint8Array) {
    const { classify } = await start();
    const sharing = shareDecoding();
    try {
      const classification = await classify(bytes, { signal, sharing });
      // Its pixels are still there.
      const image = await sharing.through(decoder)(bytes, signal);
      return { finding: findingOf(classification, labels, settings.threshold), jpeg: await thumbnailOfPixels(image) };
    } finally {
      sharing.release();
    }
  }

  return {
    labels,
    asked: [digestOf(modelFile(bundle, precision)), settings.threshold, settings.iccProfiles].join(' '),
    concurrency: worthwhile(chooseCrew(settings)),
    find,
    findWithThumbnail,
    thumbnail: (bytes) => makeThumbnail(bytes, { decode: decoder.decode, signal }),
    close: async () => {
      // One that did not start has told so where it was needed.
      await (await classifier?.catch(() => undefined))?.close();
      await decoder.close();
    },
  };
}

/** @throws AppError USAGE */
export function requireCategories({ labels }: Answers): void {
  if (labels.categories.length > 0) return;
  const problem = `Expected a model whose classes have categories, but ${labels.name} has none. Sort by label (--by label).`;
  throw new AppError('USAGE', { problem });
}
