/** What can be learned from: pictures that were embedded, of classes that have some. */

import { fingerprintOfLabelled } from '../dataset/data-fingerprint.js';
import type { Dataset, OwnClass } from '../dataset/dataset.js';
import { countPictures } from '../dataset/dataset.js';
import { AppError } from '../errors.js';
import type { Embeddings } from './embeddings/embeddings.js';

export interface Usable {
  /** Those with a picture that can be read. */
  readonly classes: readonly OwnClass[];
  /** Of each embedded picture, by its position among these classes. */
  readonly labels: Int32Array;
  /** Pictures of each of these classes. */
  readonly counts: Int32Array;
}

/** @throws AppError DATASET_INVALID for fewer than two classes */
export function usableFor(dataset: Dataset, embeddings: Pick<Embeddings, 'pictures'>): Usable {
  const usable = presentIn(dataset, embeddings);
  requireClasses(dataset, usable.classes.length);
  return usable;
}

/** The same of any number of classes. */
export function presentIn(dataset: Dataset, { pictures }: Pick<Embeddings, 'pictures'>): Usable {
  const counts = countPictures({ classes: dataset.classes, pictures: pictures.map(({ picture }) => picture) });
  const kept = [...dataset.classes.keys()].filter((label) => (counts[label] as number) > 0);
  const position = new Map(kept.map((label, i) => [label, i]));
  return {
    classes: kept.map((label) => dataset.classes[label] as OwnClass),
    labels: Int32Array.from(pictures, ({ picture }) => position.get(picture.label) as number),
    counts: Int32Array.from(kept, (label) => counts[label] as number),
  };
}

function requireClasses({ title, pictures, classes }: Dataset, found: number): void {
  if (found >= 2) return;
  const readable = pictures.length === 0 ? 'no pictures' : found === 0 ? 'none that can be read' : 'those of one class';
  throw new AppError('DATASET_INVALID', {
    source: title,
    expected: 'pictures of two classes or more',
    found: classes.length > 2 && found === 1 ? `${readable} (of ${classes.length})` : readable,
    remedy: 'Put the pictures of each class into a folder of its own (JPEG, PNG, WebP, GIF, TIFF, AVIF, BMP or HEIC)',
  });
}

/** @throws AppError USAGE if the data has another number of classes than was said */
export function requireCount(dataset: Dataset, told: number | undefined): void {
  const filled = countPictures(dataset).filter((count) => count > 0).length;
  if (told === undefined || told === filled) return;
  const empty = dataset.classes.length - filled;
  const beside = empty > 0 ? ` (and ${empty} without)` : '';
  const problem = `Expected ${told} classes, as --num-classes says, but ${dataset.title} has ${filled} with pictures${beside}. Correct the number, or leave it out.`;
  throw new AppError('USAGE', { problem });
}

/** The same for the same contents under the same labels, whatever the files are called. */
export function fingerprintOfData(dataset: Dataset, hashes: readonly (string | AppError)[]): string {
  const readable = dataset.pictures.flatMap(({ label }, i) => {
    const hash = hashes[i];
    return typeof hash === 'string' ? [[hash, dataset.classes[label]?.label ?? ''] as const] : [];
  });
  return fingerprintOfLabelled(readable);
}
