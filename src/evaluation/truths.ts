/** What pictures show, in the classes of a model: by their folders, their own names, or a list. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { classFinder, PICTURE_NAME, wordnetIdOf } from '../dataset/labelled-pictures.js';
import { readDataset } from '../dataset/read-dataset.js';
import { AppError } from '../errors.js';
import type { LabelSet } from '../labels/label-set.js';
import type { EvaluatedPicture, ForeignPictures } from './evaluation.js';

interface NamedPicture {
  readonly path: string;
  /** Its path within the folder, or as seen from the list, with slashes. */
  readonly name: string;
  /** What the list says, or what its class's folder is called; null for a picture outside of them. */
  readonly label: string | null;
  /** What may say its class, the nearest first. */
  readonly hints: readonly string[];
}

export interface Truths {
  /** For each model, in their order; the same pictures in the same order for all. */
  readonly pictures: readonly (readonly EvaluatedPicture[])[];
  /** Those whose class not every model has, by their labels. */
  readonly foreign: readonly ForeignPictures[];
  /** For each model, how many pictures there are of its classes. */
  readonly known: readonly number[];
}

/**
 * In a folder the nearest folder that is called as a class counts, or else the WordNet id that the picture's own name begins
 * with; in a list (.csv, .jsonl) its label.
 * @throws AppError FILE_UNREADABLE, DATASET_INVALID
 */
export async function readTruths(source: string, labels: readonly LabelSet[]): Promise<Truths> {
  const named = await readNames(source);
  if (named.length === 0)
    throw new AppError('DATASET_INVALID', {
      source,
      expected: 'pictures',
      found: 'none',
      remedy: 'Name a folder with a folder for each class, or a list of paths and labels',
    });
  const finders = labels.map(classFinder);
  const pictures: EvaluatedPicture[][] = labels.map(() => []);
  const foreign = new Map<string | null, string[]>();
  const known = labels.map(() => 0);
  for (const { path: file, name, label, hints } of named) {
    const truths = finders.map((find) => firstOf(hints, find));
    for (const [i, truth] of truths.entries()) if (truth !== undefined) (known[i] as number) += 1;
    if (truths.every((truth) => truth !== undefined))
      for (const [i, truth] of truths.entries()) pictures[i]?.push({ path: file, name, truth });
    else if (!foreign.get(label)?.push(name)) foreign.set(label, [name]);
  }
  return { pictures, foreign: [...foreign].map(([label, names]) => ({ label, names })), known };
}

function firstOf(hints: readonly string[], find: (name: string) => number | undefined): number | undefined {
  for (const hint of hints) {
    const found = find(hint);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function readNames(source: string): Promise<NamedPicture[]> {
  const { classes, pictures, others } = await readDataset(source);
  const isFolder = (await stat(source)).isDirectory();
  const root = path.basename(path.resolve(source));
  const hintsOf = (name: string): string[] => {
    const [own = '', ...folders] = name.split('/').reverse();
    return [...folders, root, wordnetIdOf(own)];
  };
  const labelled = pictures.map((picture): NamedPicture => {
    const label = classes[picture.label]?.label ?? '';
    return { path: picture.path, name: picture.name, label, hints: isFolder ? hintsOf(picture.name) : [label] };
  });
  // Beside the folders of classes: ImageNet's own names, or a folder that is a class itself.
  const loose = others
    .filter((name) => !name.includes('/') && PICTURE_NAME.test(name))
    .map((name): NamedPicture => ({ path: path.join(source, name), name, label: null, hints: hintsOf(name) }));
  return [...labelled, ...loose].sort((a, b) => (a.name < b.name ? -1 : 1));
}
