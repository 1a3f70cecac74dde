/** Where the data sets of a service lie, and their books as they are now. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../errors.js';
import { diskErrorInWords, makeFolder, syncFolder, writeDurably } from '../../folders.js';
import {
  appendPictures,
  type Books,
  CLASSES,
  idOf,
  PICTURES,
  type PictureLine,
  readBooks,
  stampOf,
  writeBooks,
  writtenClasses,
} from './books.js';
import { removeStrays } from './strays.js';

export interface Opened {
  /** Changes with its files. */
  readonly stamp: string;
  readonly modified: Date;
  readonly books: Books;
}

/** All but `inTurn` and `folderOf` are to be called in turn. Those with a name throw AppError DATASET_NOT_FOUND. */
export interface Shelf {
  readonly folder: string;
  readonly folderOf: (name: string) => string;
  /**
   * One after the other: what `work` reads is what is there, and nobody else writes meanwhile.
   * @throws AppError DISK_FULL, DATA_UNWRITABLE, and those that `work` throws
   */
  readonly inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly names: () => Promise<string[]>;
  readonly open: (name: string) => Promise<Opened>;
  /** Those that can be read: one that is broken does not hide the others. */
  readonly openAll: () => Promise<[name: string, opened: Opened][]>;
  readonly create: (name: string) => Promise<Opened>;
  /** Writes what has changed, all of it or nothing. */
  readonly rewrite: (name: string, changed: Partial<Books>) => Promise<void>;
  /** Adds pictures to the books, all or none. */
  readonly append: (name: string, lines: readonly PictureLine[]) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
}

const REMOVED = '.removed-';

/** `folder` has a folder for each data set. It is not touched before something is asked for. */
export function createShelf(folder: string): Shelf {
  const known = new Map<string, Opened>();
  const tidied = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();
  const folderOf = (name: string) => path.join(folder, name);

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = last.then(work).catch(async (error) => {
      throw await diskErrorInWords(folder, error, 0);
    });
    last = done.catch(() => undefined);
    return done;
  }

  async function names(): Promise<string[]> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort();
  }

  async function stampIn(name: string): Promise<Omit<Opened, 'books'>> {
    const found = await stampOf(folderOf(name));
    if (found) return found;
    throw new AppError('DATASET_NOT_FOUND', { name });
  }

  async function open(name: string): Promise<Opened> {
    const { stamp } = await stampIn(name);
    const before = known.get(name);
    // Another process may have written to it.
    if (before?.stamp === stamp) return before;
    const books = await readBooks(folderOf(name));
    if (!tidied.has(name)) await removeStrays(folderOf(name), books);
    tidied.add(name);
    return remember(name, books);
  }

  async function remember(name: string, books: Books): Promise<Opened> {
    const opened = { ...(await stampIn(name)), books };
    known.set(name, opened);
    return opened;
  }

  async function openAll(): Promise<[string, Opened][]> {
    const all: [string, Opened][] = [];
    for (const name of await names()) {
      const opened = await open(name).catch(() => undefined);
      if (opened) all.push([name, opened]);
    }
    return all;
  }

  async function create(name: string): Promise<Opened> {
    await makeFolder(folder);
    const draft = path.join(folder, `.new-${randomUUID()}`);
    try {
      await mkdir(draft);
      await writeDurably(path.join(draft, CLASSES), writtenClasses(new Map()));
      await writeDurably(path.join(draft, PICTURES), '');
      await syncFolder(draft);
      await rename(draft, folderOf(name));
    } catch (error) {
      await rm(draft, { recursive: true, force: true }).catch(() => undefined);
      throw error;
    }
    await syncFolder(folder);
    return open(name);
  }

  async function rewrite(name: string, changed: Partial<Books>): Promise<void> {
    const { books } = await open(name);
    known.delete(name);
    await writeBooks(folderOf(name), changed);
    await remember(name, { ...books, ...changed });
  }

  async function append(name: string, lines: readonly PictureLine[]): Promise<void> {
    const { books } = await open(name);
    known.delete(name);
    await appendPictures(folderOf(name), lines);
    const pictures = new Map([...books.pictures, ...lines.map((line) => [idOf(line), line] as const)]);
    await remember(name, { ...books, pictures });
  }

  async function remove(name: string): Promise<void> {
    await stampIn(name);
    await rename(folderOf(name), path.join(folder, REMOVED + randomUUID()));
    known.delete(name);
    await syncFolder(folder);
    // Also those whose removal a process did not survive.
    const gone = (await readdir(folder)).filter((entry) => entry.startsWith(REMOVED));
    // Each folder in a folder is tried again as often, and all wait for it.
    for (const entry of gone) await rm(path.join(folder, entry), { recursive: true, force: true, maxRetries: 2 });
  }

  return { folder, folderOf, inTurn, names, open, openAll, create, rewrite, append, remove };
}
