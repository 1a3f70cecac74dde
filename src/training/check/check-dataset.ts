/** Looks a data set over before something is learned from it. */
import type { Dataset, OwnClass } from '../../dataset/dataset.js';
import type { Duplicates } from '../../dataset/duplicates.js';
import type { Embeddings } from '../embeddings/embeddings.js';
import type { CrossValidation } from '../head/cross-validate.js';
import { classFindings } from './class-findings.js';
import { duplicateFindings } from './duplicate-findings.js';
import { otherFiles, unreadableFiles } from './file-findings.js';
import type { Finding } from './finding.js';
import { findNeighbours } from './neighbours.js';
import { findOutliers, outlierFindings } from './outliers.js';
import { labelFindings, suspectedLabels } from './suspected-labels.js';

export interface CheckedData {
  /** As it was read, with its empty classes. */
  readonly dataset: Dataset;
  readonly embeddings: Embeddings;
  /** Among the embedded pictures. */
  readonly duplicates: Duplicates;
  /** Those that can be learned, and for each embedded picture which one it is of. */
  readonly classes: readonly OwnClass[];
  readonly labels: Int32Array;
  /** Not there where nothing can be held out. */
  readonly crossValidation?: Pick<CrossValidation, 'probabilities'> | undefined;
  /** Positions of those that it is of; all if not given. */
  readonly training?: readonly number[] | undefined;
  readonly signal: AbortSignal;
}

/** In the order in which they are best looked at: what is not there first, what may be wrong last. @throws AppError ABORTED */
export async function checkDataset(data: CheckedData): Promise<Finding[]> {
  const { dataset, embeddings, duplicates, classes, labels, crossValidation, training, signal } = data;
  const classLabel = (position: number) => classes[position]?.label ?? '';
  const labelOf = (picture: number) => classLabel(labels[picture] as number);
  const nameOf = (picture: number) => embeddings.pictures[picture]?.picture.name ?? '';
  const named = embeddings.pictures.map((_, i) => ({ name: nameOf(i), label: labelOf(i) }));
  const neighbours = await findNeighbours(embeddings, duplicates.groups, signal);
  const suspected =
    crossValidation && classes.length > 1
      ? suspectedLabels({ probabilities: crossValidation.probabilities, neighbours }, labels, classes.length)
      : [];
  return [
    ...unreadableFiles(embeddings),
    ...otherFiles(dataset),
    ...classFindings(dataset.classes, countReadable(dataset, named)),
    ...duplicateFindings({ pictures: named, duplicates, classes, labels, training }),
    ...labelFindings(suspected, nameOf, labelOf, classLabel),
    ...outlierFindings(findOutliers(neighbours.distances, labels).map(nameOf)),
  ];
}

function countReadable({ classes }: Dataset, named: readonly { readonly label: string }[]): Int32Array {
  const counts = new Map<string, number>();
  for (const { label } of named) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Int32Array.from(classes, ({ label }) => counts.get(label) ?? 0);
}
