/** A data set from what its owner has: a folder with a folder for each class, or a list of pictures and their labels. */
import { stat } from 'node:fs/promises';
import { AppError } from '../errors.js';
import type { Dataset, OwnClass } from './dataset.js';
import { readClassFolders } from './read-folders.js';
import { isList, readList } from './read-list.js';

/** A picture with the label of its class; `name` as in `OwnPicture`. */
export interface LabelledFile {
  readonly path: string;
  readonly name: string;
  readonly label: string;
}

export interface LabelledFiles {
  /** Of all classes, also those without pictures. */
  readonly labels: Iterable<string>;
  readonly files: readonly LabelledFile[];
  readonly others: readonly string[];
}

export interface ReadOptions {
  /** What errors and reports call the data; its path, if not given. */
  readonly title?: string | undefined;
  /** Names of classes in both languages: they are found by the English one. Those that have no pictures are classes too. */
  readonly labels?: readonly { readonly en: string; readonly zh: string }[] | undefined;
}

/** In characters. */
const LONGEST_LABEL = 500;

/**
 * Reads names, not pictures: what a list names may be missing. Labels stay as they are written, letter by letter, so that an
 * "é" of one letter and one of two are different labels.
 * @throws AppError FILE_UNREADABLE, DATASET_INVALID
 */
export async function readDataset(
  source: string,
  { title = source, labels: named = [] }: ReadOptions = {},
): Promise<Dataset> {
  const { labels, files, others } = await readSource(source);
  const found = new Set(labels);
  const all = [...new Set([...found, ...named.map(({ en }) => en)])].sort();
  for (const label of all) requireUsable(label, title);
  const chinese = new Map(named.map(({ en, zh }) => [en, zh]));
  const classes = all.map(
    (label): OwnClass => ({
      ...{ label, zh: chinese.get(label) ?? label },
      ...(found.has(label) ? {} : { onlyNamed: true }),
    }),
  );
  const position = new Map(all.map((label, i) => [label, i]));
  const pictures = files
    .map(({ label, ...file }) => ({ ...file, label: position.get(label) as number }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { source, title, classes, pictures, others: [...others].sort() };
}

/** @throws AppError DATASET_INVALID if it names no picture */
export function requirePictures({ title, pictures, others }: Dataset): void {
  if (pictures.length > 0) return;
  throw new AppError('DATASET_INVALID', {
    source: title,
    expected: 'pictures of two classes or more',
    found: others.length > 0 ? `none in the folder of a class (but ${others.length} other files)` : 'none',
    remedy: 'Put the pictures of each class into a folder of its own',
  });
}

async function readSource(source: string): Promise<LabelledFiles> {
  const status = await stat(source).catch((error: Error) => {
    throw new AppError('FILE_UNREADABLE', { path: source, reason: error.message });
  });
  if (status.isDirectory()) return readClassFolders(source);
  if (isList(source)) return readList(source);
  throw new AppError('DATASET_INVALID', {
    source,
    expected: 'a folder with a folder of pictures for each class, or a list (.csv or .jsonl)',
    found: 'another file',
    remedy: 'Name the folder, or a list with a path and a label on each line',
  });
}

function requireUsable(label: string, title: string): void {
  const found =
    label.trim() === '' ? 'one without a name' : [...label].length > LONGEST_LABEL ? `"${label.slice(0, 40)}…"` : '';
  if (found === '') return;
  throw new AppError('DATASET_INVALID', {
    source: title,
    expected: `labels of 1 to ${LONGEST_LABEL} characters`,
    found,
    remedy: 'Rename this class',
  });
}
