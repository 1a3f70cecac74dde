/** A training from a data set to an installed model. */
import path from 'node:path';
import type { Settings } from '../config.js';
import { type Dataset, withoutEmptyClasses } from '../dataset/dataset.js';
import { groupDuplicates } from '../dataset/duplicates.js';
import { holdOut } from '../dataset/folds.js';
import { modelFile } from '../models/bundle.js';
import type { TrainingRecord } from '../models/manifest.js';
import { createRegistry } from '../models/registry.js';
import { embedPictures } from './embeddings/embed.js';
import type { EmbeddedPicture } from './embeddings/embeddings.js';
import { hashPictures } from './embeddings/hash-pictures.js';
import { finishModel } from './finish-model.js';
import { fitAll } from './fit-and-judge.js';
import { bestOfEach } from './head/temperature.js';
import { createPhaseReporter } from './progress.js';
import { inRunFolder, runId } from './run.js';
import { targetFor } from './target.js';
import type { TrainingEvent, TrainingOptions, TrainingResult } from './training.js';
import { fingerprintOfData, requireCount, usableFor } from './usable.js';

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
  const base = await registry.open(options.model);
  const target = await targetFor(registry, options.output);
  requireCount(given, options.numClasses);
  const dataset = withoutEmptyClasses(given);
  const hashes = await hashPictures(dataset.pictures, {
    settings,
    signal,
    onProgress: (...far) => report('reading', ...far),
  });
  const data = fingerprintOfData(dataset, hashes);
  const key = { data, base: modelFile(base, 'fp32').sha256, options, source: path.resolve(dataset.source) };
  const folder = place ?? path.join(settings.home, 'trainings', runId(key));

  return inRunFolder(folder, key, async () => {
    const embeddings = await embedPictures(dataset.pictures, base, {
      ...{ settings, signal, hashes, seed: options.seed, views: options.augment + 1 },
      onProgress: (...far) => report('embedding', ...far),
    });
    for (const { picture, error } of embeddings.unreadable) onEvent({ kind: 'unreadable', name: picture.name, error });
    const { classes, labels, counts } = usableFor(dataset, embeddings);
    const { groups } = groupDuplicates(embeddings.pictures);
    const split = holdOut(labels, groups, options.validation, options.seed);
    const fitted = await fitAll(embeddings, split, {
      ...{ labels, groups, classes: classes.length, seed: options.seed, signal },
      onProgress: (...far) => report('fitting', ...far),
    });
    const { head, crossValidation, validationLogits } = fitted;
    const { regularisation, accuracy, loss, temperature } = crossValidation;
    const named = (positions: readonly number[]) =>
      positions.map((position) => {
        const { path: file, name } = (embeddings.pictures[position] as EmbeddedPicture).picture;
        return { path: file, name, truth: labels[position] as number };
      });
    const record: TrainingRecord = {
      recipe: {
        ...{ unfreeze: options.unfreeze, epochs: options.epochs, augment: embeddings.views - 1, seed: options.seed },
        ...{ validation: options.validation, regularisation, bestEpoch: 0 },
      },
      data: { sha256: data, pictures: [...counts], validation: split.validation.length },
      crossValidated: { accuracy, loss },
      validation: null,
    };
    const finished = await finishModel({
      ...{ base, registry, options, folder, settings, signal, report },
      trained: { ...target, head, classes, temperature, record },
      training: named(split.training),
      validation: named(split.validation),
      answers: bestOfEach(validationLogits, classes.length),
      curve: [],
      findings: [],
      source: dataset.source,
    });
    return {
      ...finished,
      ...{ pictures: embeddings.pictures.length, classes: classes.length, augment: embeddings.views - 1 },
      ...{ crossValidated: accuracy, stopped: signal.aborted, folder },
    };
  });
}
