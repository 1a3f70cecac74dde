/** Pictures with what people say they really show: nowhere else does Kaiyan keep a picture for longer than it needs it. */
import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '../config.js';
import { AppError } from '../errors.js';
import { diskErrorInWords, isFile, makeFolder, syncFolder, writeDurably } from '../folders.js';
import { sha256InBackground } from '../hashes.js';
import { detectFormat } from '../image/format.js';
import type { Correction, Said } from './correction.js';
import { correctionsFolder, type Kept, pictureName, readKept, recordName, sweep } from './files.js';

export interface Corrections {
  /**
   * On the disk once this resolves. The same picture again replaces what was said of it.
   * @throws AppError CORRECTIONS_FULL, DISK_FULL, DATA_UNWRITABLE, IMAGE_UNSUPPORTED
   */
  readonly keep: (picture: Uint8Array, said: Said) => Promise<Correction>;
  /** The newest first. */
  readonly list: () => Promise<readonly Correction[]>;
  /** @throws AppError CORRECTION_NOT_FOUND, DISK_FULL, DATA_UNWRITABLE */
  readonly relabel: (id: string, label: string) => Promise<Correction>;
  /** @throws AppError CORRECTION_NOT_FOUND */
  readonly picture: (id: string) => Promise<Uint8Array>;
  /** @throws AppError CORRECTION_NOT_FOUND, DATA_UNWRITABLE */
  readonly remove: (id: string) => Promise<void>;
  /** Removes all. @throws AppError DATA_UNWRITABLE */
  readonly clear: () => Promise<void>;
}

/** However small they are: each is a file that is read for a list. */
const MOST = 10_000;
/** A folder that has not changed for so long is not read again; a change within one tick of its clock would go unseen. */
const SETTLED_MS = 1_000;

export function createCorrections(
  { home, correctionBytes }: Pick<Settings, 'home' | 'correctionBytes'>,
  most = MOST,
): Corrections {
  const folder = correctionsFolder(home);
  let remembered: { readonly modified: number; readonly kept: readonly Kept[] } | undefined;
  /**
   * What they come to, as this process has left the folder: nothing has to be read for the next one. What another process did in
   * the same moment is noticed with the change after it.
   */
  let counted: { readonly modified: number | undefined; readonly held: Held } | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** One change after the other, so that each sees what is there. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  }

  const modifiedAt = async () => (await stat(folder).catch(() => undefined))?.mtimeMs;

  /** Other processes may have changed it. */
  async function all(): Promise<readonly Kept[]> {
    const modified = await modifiedAt();
    if (remembered && remembered.modified === modified) return remembered.kept;
    const settled = modified !== undefined && Date.now() - modified > SETTLED_MS;
    const kept = await readKept(folder);
    remembered = settled ? { modified, kept } : undefined;
    return kept;
  }

  async function find(id: string): Promise<Kept> {
    const found = (await all()).find(({ correction }) => correction.id === id);
    if (!found) throw new AppError('CORRECTION_NOT_FOUND', { id });
    return found;
  }

  async function write(needed: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      await syncFolder(folder);
    } catch (error) {
      throw await diskErrorInWords(folder, error, needed);
    }
  }

  function writeRecord({ id, ...record }: Correction): Promise<void> {
    return writeDurably(path.join(folder, recordName(id)), `${JSON.stringify(record)}\n`);
  }

  async function keep(picture: Uint8Array, said: Said): Promise<Correction> {
    const id = await sha256InBackground(picture);
    const name = pictureName(id, detectFormat(picture));
    const bytes = picture.length;
    return inTurn(async () => {
      const held = await count();
      const isKnown = (await isFile(path.join(folder, name))) && (await isFile(path.join(folder, recordName(id))));
      if (!isKnown) requireRoom(held, bytes);
      const correction = { id, ...said, bytes, created: new Date().toISOString() };
      await write(bytes, async () => {
        await makeFolder(folder);
        await sweep(folder);
        if (!isKnown) await writeDurably(path.join(folder, name), picture);
        await writeRecord(correction);
      });
      const now = isKnown ? held : { bytes: held.bytes + bytes, pictures: held.pictures + 1 };
      counted = { modified: await modifiedAt(), held: now };
      return correction;
    });
  }

  async function count(): Promise<Held> {
    if (counted && counted.modified === (await modifiedAt())) return counted.held;
    const kept = await all();
    return { bytes: kept.reduce((sum, { correction }) => sum + correction.bytes, 0), pictures: kept.length };
  }

  function requireRoom(held: Held, bytes: number): void {
    if (held.pictures >= most) {
      const remedy = 'Train from them and delete some';
      throw new AppError('CORRECTIONS_FULL', { held: `${held.pictures} pictures`, limit: String(most), remedy });
    }
    if (held.bytes + bytes <= correctionBytes) return;
    const remedy = 'Train from them and delete some, or raise the setting correctionBytes';
    const [taken, limit] = [megabytes(held.bytes), megabytes(correctionBytes)];
    throw new AppError('CORRECTIONS_FULL', { held: taken, limit, remedy });
  }

  function relabel(id: string, label: string): Promise<Correction> {
    return inTurn(async () => {
      const correction = { ...(await find(id)).correction, label };
      await write(0, () => writeRecord(correction));
      return correction;
    });
  }

  /** The picture goes first: what was said of it is nothing without it. */
  async function erase({ correction, path: file }: Kept): Promise<void> {
    await rm(file, { force: true });
    await rm(path.join(folder, recordName(correction.id)), { force: true });
  }

  return {
    keep,
    list: async () => (await all()).map(({ correction }) => correction),
    relabel,
    picture: async (id) => {
      const { path: file } = await find(id);
      return readFile(file).catch(() => {
        throw new AppError('CORRECTION_NOT_FOUND', { id });
      });
    },
    remove: (id) =>
      inTurn(async () => {
        const kept = await find(id);
        await write(0, () => erase(kept));
      }),
    clear: () =>
      inTurn(() =>
        write(0, async () => {
          for (const kept of await all()) await erase(kept);
        }),
      ),
  };
}

interface Held {
  readonly bytes: number;
  readonly pictures: number;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
