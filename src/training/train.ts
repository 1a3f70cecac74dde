/** A training from a data set to an installed model. */
import path from 'node:path';
import type { Settings } from '../config.js';
import { type Dataset, withoutEmptyClasses } from '../dataset/dataset.js';
import { type Duplicates, groupDuplicates } from '../dataset/duplicates.js';
import { holdOut } from '../dataset/folds.js';
import { AppError } from '../errors.js';
import { modelFile } from '../models/bundle.js';
import type { TrainingRecord } from '../models/manifest.js';
import { createRegistry } from '../models/registry.js';
import { openWithFp32 } from '../models/with-fp32.js';
import { checkDataset } from './check/check-dataset.js';
import type { Finding } from './check/finding.js';
import { embedPictures } from './embeddings/embed.js';
import type { EmbeddedPicture, Embeddings } from './embeddings/embeddings.js';
import { hashPictures } from './embeddings/hash-pictures.js';
import { openStages } from './fine-tuning/stages.js';
import { finishModel } from './finish-model.js';
import { type FittedHead, fitLastLayer, type Split } from './fit-last-layer.js';
import { bestOfEach } from './head/temperature.js';
import { createPhaseReporter } from './progress.js';
import { inRunFolder, runId } from './run.js';
import { targetFor } from './target.js';
import { trainStages } from './train-stages.js';
import type { TrainingEvent, TrainingOptions, TrainingResult } from './training.js';
import { fingerprintOfData, requireCount, type Usable, usableFor } from './usable.js';

export interface TrainingContext {
  readonly settings: Settings;
  /** Aborted before the last layer is fitted, nothing comes of it; later the best so far is judged and installed. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: TrainingEvent) => void;
  /** Where it keeps what it needs to go on; `KAIYAN_HOME/trainings/ID` if not given. */
  readonly folder?: string | undefined;
}

/**
 * Deterministic for the same pictures, options and seed on one machine.
 * @throws AppError USAGE, MODEL_NOT_FOUND, MODEL_EXISTS, PRECISION_UNAVAILABLE (the model has no FP32), MODEL_*, DATASET_INVALID,
 * TRAINING_BUSY, TRAINING_UNSUPPORTED, DISK_FULL, DATA_UNWRITABLE, ABORTED
 */
export async function train(
  given: Dataset,
  options: TrainingOptions,
  { settings, signal, onEvent, folder: place }: TrainingContext,
): Promise<TrainingResult> {
  const report = createPhaseReporter(onEvent);
  const registry = createRegistry(settings.home);
  const base = await openWithFp32(registry, options.model);
  const target = await targetFor(registry, options.output, options.resume);
  requireCount(given, options.numClasses);
  if (options.unfreeze > 0) await openStages(base, options.unfreeze);
  const dataset = withoutEmptyClasses(given);
  const hashes = await hashPictures(dataset.pictures, {
    ...{ settings, signal },
    onProgress: (...far) => report('reading', ...far),
  });
  const key = {
    ...{ data: fingerprintOfData(dataset, hashes), base: modelFile(base, 'fp32').sha256, options },
    source: path.resolve(dataset.source),
  };
  const folder = place ?? path.join(settings.home, 'trainings', runId(key));

  return inRunFolder(folder, key, async () => {
    const embeddings = await embedPictures(dataset.pictures, base, {
      ...{ settings, signal, hashes, seed: options.seed, views: options.augment + 1 },
      onProgress: (...far) => report('embedding', ...far),
    });
    for (const { picture, error } of embeddings.unreadable) onEvent({ kind: 'unreadable', name: picture.name, error });
    const usable = usableFor(dataset, embeddings);
    const { classes, labels } = usable;
    const duplicates = await groupDuplicates(embeddings.pictures, signal);
    const { groups } = duplicates;
    const split = holdOut(labels, groups, options.validation, options.seed);
    if (options.unfreeze > 0) requireHeldOut(split, dataset.title);
    const fitted = await fitLastLayer(embeddings, split, {
      ...{ labels, groups, classes: classes.length, seed: options.seed, signal, report },
    });
    const findings = await check({ given, embeddings, duplicates, usable, split, fitted, signal });
    for (const finding of findings) onEvent({ kind: 'finding', finding });

    const training = picturesAt(split.training, embeddings, labels);
    const validation = picturesAt(split.validation, embeddings, labels);
    const shared = { base, training, validation, options, folder, settings, signal, report };
    const trained = await trainStages(fitted, { ...shared, onEvent });
    const finished = await finishModel({
      ...{ ...shared, registry, source: dataset.title, validation: trained.validation },
      trained: {
        ...target,
        ...trained,
        classes,
        record: recordOf(key.data, options, { embeddings, usable, split, fitted, trained }),
        learned: split.training.map((position) => (embeddings.pictures[position] as EmbeddedPicture).sha256),
      },
      answers: bestOfEach(trained.validationLogits, classes.length),
      curve: trained.curve,
      findings: [...findings, ...trained.findings],
    });
    return {
      ...finished,
      ...{ pictures: embeddings.pictures.length, classes: classes.length, augment: embeddings.views - 1 },
      ...{ crossValidated: fitted.crossValidation.accuracy, stopped: signal.aborted, folder },
    };
  });
}

/** By them the best epoch is chosen. @throws AppError DATASET_INVALID */
function requireHeldOut({ validation }: Split, title: string): void {
  if (validation.length > 0) return;
  throw new AppError('DATASET_INVALID', {
    source: title,
    expected: 'pictures to hold out, by which the best epoch is chosen',
    found: 'none that could be',
    remedy: 'Add pictures, hold some out (validation), or train the last layer alone (unfreeze 0)',
  });
}

interface Checked {
  readonly given: Dataset;
  readonly embeddings: Embeddings;
  readonly duplicates: Duplicates;
  readonly usable: Usable;
  readonly split: Split;
  readonly fitted: FittedHead;
  readonly signal: AbortSignal;
}

/** Nobody waits for it who wants to end. */
async function check({ given, usable, split, fitted, ...found }: Checked): Promise<Finding[]> {
  const { classes, labels } = usable;
  const { crossValidation } = fitted;
  const { training } = split;
  try {
    return await checkDataset({ dataset: given, classes, labels, crossValidation, training, ...found });
  } catch (error) {
    if (error instanceof AppError && error.code === 'ABORTED') return [];
    throw error;
  }
}

/** With their classes by position among those that are trained. */
const picturesAt = (positions: readonly number[], { pictures }: Embeddings, labels: Int32Array) =>
  positions.map((position) => {
    const { path: file, name } = (pictures[position] as EmbeddedPicture).picture;
    const label = labels[position] as number;
    return { path: file, name, label, truth: label };
  });

interface Ingredients {
  readonly embeddings: Embeddings;
  readonly usable: Usable;
  readonly split: Split;
  readonly fitted: FittedHead;
  readonly trained: { readonly bestEpoch: number };
}

function recordOf(
  data: string,
  { unfreeze, epochs, seed, validation }: TrainingOptions,
  { embeddings, usable, split, fitted, trained }: Ingredients,
): TrainingRecord {
  const { regularisation, accuracy, loss } = fitted.crossValidation;
  const augment = embeddings.views - 1;
  return {
    recipe: { unfreeze, epochs, augment, seed, validation, regularisation, bestEpoch: trained.bestEpoch },
    data: { sha256: data, pictures: [...usable.counts], validation: split.validation.length },
    crossValidated: { accuracy, loss },
    validation: null,
  };
}
