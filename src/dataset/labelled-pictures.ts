/** The pictures in a folder, and what they show where their names say so. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.js';
import type { LabelSet } from '../labels/label-set.js';

export interface LabelledPicture {
  readonly path: string;
  /** The index of its class; undefined if nothing says it. */
  readonly truth: number | undefined;
}

/** Files that are called as pictures are. */
export const PICTURE_NAME = /\.(jpe?g|png|webp|gif|tiff?|avif|bmp|heic|heif)$/i;
/** ImageNet's files are called `n01440764_36.JPEG`, and its folders `n01440764`. */
const WORDNET_ID = /^n\d{8}(?=_|$)/;

/**
 * All pictures in a folder and those in it, by their names. A picture shows the class that its folder is called after (a WordNet
 * id, or a class's English or Chinese name), or else the class whose WordNet id its own name begins with.
 * @throws AppError FILE_UNREADABLE, and USAGE if there are none
 */
export async function findLabelledPictures(folder: string, labels: LabelSet): Promise<LabelledPicture[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: Error) => {
    throw new AppError('FILE_UNREADABLE', { path: folder, reason: error.message });
  });
  const find = classFinder(labels);
  const pictures = entries
    .filter((entry) => !entry.isDirectory() && PICTURE_NAME.test(entry.name))
    .map(({ parentPath, name }) => ({
      path: path.join(parentPath, name),
      truth: find(path.basename(parentPath)) ?? find(wordnetIdOf(name)),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  if (pictures.length > 0) return pictures;
  throw new AppError('USAGE', { problem: `Expected pictures in ${folder}, but found none. Name another folder.` });
}

/** The WordNet id that the name of a picture begins with, or ''. */
export const wordnetIdOf = (name: string): string => WORDNET_ID.exec(name)?.[0] ?? '';

/** Finds a class by its name as it is written, else in any case: its WordNet id, its English or its Chinese name. */
export function classFinder({ classes }: LabelSet): (name: string) => number | undefined {
  const exact = indexNames(classes, (name) => name);
  const anyCase = indexNames(classes, (name) => name.toLowerCase());
  return (name) => exact.get(name) ?? anyCase.get(name.toLowerCase());
}

/** A name that several classes share says nothing. */
function indexNames(classes: LabelSet['classes'], written: (name: string) => string): Map<string, number> {
  const index = new Map<string, number>();
  const shared = new Set<string>();
  for (const [i, names] of classes.entries()) {
    for (const name of new Set(names.map((given) => given && written(given)))) {
      if (!name) continue;
      if (index.has(name)) shared.add(name);
      index.set(name, i);
    }
  }
  for (const name of shared) index.delete(name);
  return index;
}

/** At most `most` of them, evenly spread. */
export function spread<Item>(items: readonly Item[], most: number): Item[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)] as Item);
}
