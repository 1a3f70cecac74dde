/** A folder with a folder for each class, as it lies on the disk. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../errors.js';
import { isFolder } from '../folders.js';
import { PICTURE_NAME } from './labelled-pictures.js';
import type { LabelledFile, LabelledFiles } from './read-dataset.js';

/** What systems leave in folders; hidden files are left alone as well. */
const BY_SYSTEMS = new Set(['Thumbs.db', 'desktop.ini', '__MACOSX']);
const isHidden = (name: string) => name.startsWith('.') || BY_SYSTEMS.has(name);

/**
 * All below a class's folder is of that class. The folder of a class may be a symbolic link, and so may a picture; a link to
 * a folder further down is left out, so that nothing is taken twice.
 * @throws AppError FILE_UNREADABLE
 */
export async function readClassFolders(source: string): Promise<LabelledFiles> {
  const labels: string[] = [];
  const files: LabelledFile[] = [];
  const others: string[] = [];
  for (const { name, kind } of await entriesOf(source)) {
    const below = path.join(source, name);
    if (kind !== 'folder' && !(kind === 'link' && (await isFolder(below)))) others.push(name);
    else {
      labels.push(name);
      for await (const file of filesBelow(below, name)) {
        if (file.isPicture) files.push({ path: file.path, name: file.name, label: name });
        else others.push(file.name);
      }
    }
  }
  return { labels, files, others };
}

interface Found {
  readonly path: string;
  readonly name: string;
  readonly isPicture: boolean;
}

async function* filesBelow(folder: string, name: string): AsyncGenerator<Found> {
  for (const entry of await entriesOf(folder)) {
    const file = { path: path.join(folder, entry.name), name: `${name}/${entry.name}` };
    if (entry.kind === 'folder') yield* filesBelow(file.path, file.name);
    else {
      // A link that leads nowhere is a picture that is missing, and is reported as one.
      const isOne = entry.kind === 'file' || (entry.kind === 'link' && !(await isFolder(file.path)));
      yield { ...file, isPicture: isOne && PICTURE_NAME.test(entry.name) };
    }
  }
}

interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

async function entriesOf(folder: string): Promise<Entry[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: Error) => {
    throw new AppError('FILE_UNREADABLE', { path: folder, reason: error.message });
  });
  return entries
    .filter(({ name }) => !isHidden(name))
    .map((entry) => ({
      name: entry.name,
      kind: entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'other',
    }));
}
