/** Files that appear in a folder or change there, each once it is complete. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../errors.js';
import { isFolder } from '../../folders.js';
import { entriesOf } from '../inputs.js';
import { createPathSet } from '../results/path-set.js';
import { createCandidates, type Settled, versionIn } from './candidates.js';
import { createFolderEvents } from './folder-events.js';
import { createTurns } from './turns.js';

export interface NewFilesOptions {
  readonly recursive: boolean;
  /** Also those that are there at the beginning. */
  readonly existing: boolean;
  /** A file to leave out: the one that is written to. */
  readonly except: string | undefined;
  /** Called once everything that appears from now on is found. */
  readonly onReady: () => void;
  readonly signal: AbortSignal;
}

export interface NewFiles {
  /** Ends with the signal. @throws AppError FILE_UNREADABLE when the folder is no more */
  readonly files: AsyncIterable<Settled>;
  /** Gives the file again once it has changed; with `patient` also unchanged, after it was left alone for long. */
  readonly again: (file: string, options: { readonly patient: boolean }) => void;
}

const TICK_MS = 200;

/**
 * The system's events say at once what may be new; looking through the whole folder now and then finds what they missed,
 * in folders for which there are none too.
 */
export function watchForFiles(folder: string, options: NewFilesOptions): NewFiles {
  const { recursive, existing, except, onReady, signal } = options;
  const begunAt = Date.now();
  /** Names with versions: of what was given or left out, and those of them that the present look has found again. */
  let [seen, found] = [createPathSet(), createPathSet()];
  let [isFirstLook, foundAll] = [true, true];

  const candidates = createCandidates(async (file) => {
    if (recursive && (await isFolder(file))) for await (const _step of look(file));
  });
  const events = createFolderEvents((inside, name) => consider(path.join(inside, name)));
  const lookOn = createTurns({
    start: () => look(folder),
    isHeldUp: () => signal.aborted || candidates.isFull(),
    onEnd: endLook,
  });

  function consider(file: string, fromBeginning = false): void {
    if (!isLeftOut(file)) candidates.add(file, { existing: fromBeginning });
  }

  /** Names that begin with a dot are those of half-written files, as rsync and browsers make them. */
  function isLeftOut(file: string): boolean {
    return path.basename(file).startsWith('.') || (except !== undefined && path.resolve(file) === path.resolve(except));
  }

  /** A step for each entry. */
  async function* look(inside: string): AsyncGenerator<void> {
    await events.listenTo(inside);
    try {
      for await (const { name, kind } of entriesOf(inside)) {
        const file = path.join(inside, name);
        if (kind === 'file' || kind === 'link') await meet(file);
        else if (kind === 'folder' && recursive && !isLeftOut(file)) yield* look(file);
        yield;
      }
    } catch (error) {
      if (inside === folder) throw noFolder(folder, (error as Error).message);
      foundAll = false;
    }
  }

  async function meet(file: string): Promise<void> {
    const status = await stat(file).catch(() => undefined);
    if (!status?.isFile()) return;
    const key = keyOf(file, versionIn(status));
    const wasThere = isFirstLook && status.ctimeMs < begunAt && !candidates.has(file);
    if (seen.has(key)) found.add(key);
    else if (wasThere && !existing) remember(key);
    else consider(file, wasThere);
  }

  function remember(key: string): boolean {
    found.add(key);
    return seen.add(key);
  }

  /** What was not found again is forgotten, so that memory follows what is there. */
  function endLook(): void {
    if (foundAll) seen = found;
    found = createPathSet();
    foundAll = true;
    if (isFirstLook && !existing) onReady();
    isFirstLook = false;
  }

  async function* newOnes(): AsyncGenerator<Settled> {
    for await (const settled of candidates.settled()) {
      const isNew = remember(keyOf(settled.file, settled.version));
      if (isNew || settled.patient) yield settled;
    }
  }

  async function* files(): AsyncGenerator<Settled> {
    try {
      if (existing) onReady();
      while (!signal.aborted) {
        if (!(await isFolder(folder))) throw noFolder(folder, 'there is no folder any more');
        const isBusy = await lookOn();
        yield* newOnes();
        await sleep(isBusy ? 0 : TICK_MS, undefined, { signal }).catch(() => undefined);
      }
    } finally {
      events.close();
    }
  }

  return { files: files(), again: candidates.add };
}

const noFolder = (folder: string, reason: string) => new AppError('FILE_UNREADABLE', { path: folder, reason });

const keyOf = (file: string, version: string) => `${version}\0${file}`;
