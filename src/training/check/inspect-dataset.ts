/** Looks a data set over on its own, without training a model: `kaiyan dataset check`. */
import type { Settings } from '../../config.js';
import type { Dataset } from '../../dataset/dataset.js';
import { groupDuplicates } from '../../dataset/duplicates.js';
import type { Bundle } from '../../models/bundle.js';
import { embedPictures } from '../embeddings/embed.js';
import { crossValidate } from '../head/cross-validate.js';
import { presentIn } from '../usable.js';
import { checkDataset } from './check-dataset.js';
import type { Finding } from './finding.js';

export interface InspectOptions {
  readonly settings: Settings;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (step: 'embedding' | 'checking', done: number, total: number) => void;
}

export interface Inspection {
  readonly classes: readonly { readonly label: string; readonly pictures: number }[];
  /** That can be read. */
  readonly pictures: number;
  /** Share of the pictures that a head names right which did not see them; null for fewer than two classes. */
  readonly crossValidated: number | null;
  readonly findings: readonly Finding[];
}

/** @throws AppError as `embedPictures` and `crossValidate` do */
export async function inspectDataset(
  dataset: Dataset,
  bundle: Bundle,
  { settings, seed, signal, onProgress }: InspectOptions,
): Promise<Inspection> {
  const embeddings = await embedPictures(dataset.pictures, bundle, {
    ...{ settings, seed, signal, views: 1 },
    onProgress: (done, total) => onProgress('embedding', done, total),
  });
  const { pictures } = embeddings;
  const duplicates = await groupDuplicates(pictures, signal);
  const { classes, labels, counts } = presentIn(dataset, embeddings);
  const countOf = new Map(classes.map(({ label }, i) => [label, counts[i] as number]));
  const crossValidation =
    classes.length < 2
      ? undefined
      : await crossValidate(embeddings, labels, duplicates.groups, {
          ...{ classes: classes.length, seed, signal },
          onProgress: (done, total) => onProgress('checking', done, total),
        });
  return {
    classes: dataset.classes.map(({ label }) => ({ label, pictures: countOf.get(label) ?? 0 })),
    pictures: pictures.length,
    crossValidated: crossValidation?.accuracy ?? null,
    findings: await checkDataset({ dataset, embeddings, duplicates, classes, labels, crossValidation, signal }),
  };
}
