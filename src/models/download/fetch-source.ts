/** The verified file of a catalogue entry: one that is there already, one that the operator names, or the official one, downloaded. */
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Surroundings } from '../../config.js';
import { AppError } from '../../errors.js';
import { diskFull, freeBytes, isFolder, makeFolder, NO_ROOM } from '../../folders.js';
import { sha256OfFile } from '../../hashes.js';
import { type CatalogueEntry, fileNameOf } from '../catalogue.js';
import { withLock } from './lock.js';
import { partOf, readPart, removeNote, removePart } from './part.js';
import type { Patience, TransferProgress } from './transfer.js';

export interface FetchOptions {
  /** The data directory; downloads are in `downloads/`. */
  readonly home: string;
  /** A file, a folder with the official file name in it, or an address, instead of the official one. */
  readonly from?: string | undefined;
  readonly surroundings: Surroundings;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: TransferProgress) => void;
  /** Sentences for people: what is waited for, tried again or passed over. */
  readonly onNotice?: (notice: string) => void;
  readonly patience?: Patience;
}

export interface FetchedSource {
  readonly path: string;
  /** It is in `downloads/`, and nobody needs it any more once it is installed. */
  readonly downloaded: boolean;
}

const PATIENCE: Patience = { stallMs: 30_000, attempts: 5, pauseMs: 1_000 };

/**
 * Nothing is downloaded if the operator names a file or a folder, or if the right file is there: from an earlier call, or
 * in PyTorch's own cache. Whatever its origin, the file has the entry's hash.
 * @throws AppError DOWNLOAD_FAILED, DOWNLOAD_REFUSED, MODEL_SOURCE_MISMATCH, DISK_FULL, DATA_UNWRITABLE, FILE_UNREADABLE;
 * when the signal is aborted, what it says, and what has come is kept
 */
export async function fetchSource(entry: CatalogueEntry, options: FetchOptions): Promise<FetchedSource> {
  const { home, from, surroundings, onNotice = () => undefined } = options;
  if (from !== undefined && !isAddress(from)) return { path: await givenFile(entry, from), downloaded: false };
  const target = path.join(home, 'downloads', fileNameOf(entry));
  if (from === undefined) {
    const cached = path.join(surroundings.torchCheckpoints, fileNameOf(entry));
    const found = await sha256OfFile(cached).catch(() => undefined);
    if (found === entry.sha256) return { path: cached, downloaded: false };
    if (found !== undefined) onNotice(`${cached} is passed over: it has the SHA-256 ${found}, not ${entry.sha256}.`);
  }
  await writing(target, entry, async () => {
    await makeFolder(path.dirname(target));
    const onWait = (holder: number) => onNotice(`Process ${holder} is downloading the same file; waiting for it.`);
    await withLock(`${target}.lock`, { signal: options.signal, onWait }, () => ensure(entry, target, options));
  });
  return { path: target, downloaded: true };
}

/** Anything with `://`, so that an address of another kind is not taken for a file. */
const isAddress = (from: string): boolean => /^[a-z][a-z\d+.-]*:\/\//i.test(from);

/** @throws AppError FILE_UNREADABLE, MODEL_SOURCE_MISMATCH */
async function givenFile(entry: CatalogueEntry, from: string): Promise<string> {
  const file = (await isFolder(from)) ? path.join(from, fileNameOf(entry)) : from;
  const found = await sha256OfFile(file).catch((error: Error) => {
    throw new AppError('FILE_UNREADABLE', { path: file, reason: error.message });
  });
  if (found !== entry.sha256) throw mismatch(entry, file, found, `Take the file from ${entry.url}`);
  return file;
}

async function ensure(entry: CatalogueEntry, target: string, options: FetchOptions): Promise<void> {
  if ((await sha256OfFile(target).catch(() => undefined)) === entry.sha256) return;
  const { from, surroundings, signal, patience = PATIENCE } = options;
  const { onProgress = () => undefined, onNotice = () => undefined } = options;
  const { createConnection, mirrorTerritory, officialTerritory } = await import('./connection.js');
  const { transferFile } = await import('./transfer.js');
  const url = from === undefined ? new URL(entry.url) : addressOf(entry, from);
  const territory = from === undefined ? officialTerritory(entry.hosts) : mirrorTerritory(url);
  const { stallMs } = patience;
  const connect = () => createConnection({ territory, proxies: surroundings, stallMs, signal });
  const transfer = { url, target, expectedBytes: entry.bytes, patience, signal, onProgress, onNotice };
  // What an earlier call left may be damaged, after a power cut for one: then all of it is fetched, once.
  for (let old = (await readPart(target, url.href)).bytes > 0; ; old = false) {
    await transferFile(transfer, connect);
    const found = await sha256OfFile(partOf(target));
    if (found === entry.sha256) break;
    await removePart(target);
    const remedy = 'What came was removed; try again later, or name another source with --from';
    if (!old) throw mismatch(entry, url.href, found, remedy);
    onNotice(`${url.href}: what was there of it from before did not fit; fetching all of it.`);
  }
  await rename(partOf(target), target);
  await removeNote(target);
}

/** An address that ends in "/" is a folder with the official file name in it. @throws AppError USAGE */
function addressOf(entry: CatalogueEntry, from: string): URL {
  if (!URL.canParse(from))
    throw new AppError('USAGE', { problem: `Expected an address, but got "${from}". Correct it.` });
  const url = new URL(from);
  if (url.pathname.endsWith('/')) url.pathname += fileNameOf(entry);
  return url;
}

const mismatch = ({ sha256 }: CatalogueEntry, file: string, found: string, remedy: string): AppError =>
  new AppError('MODEL_SOURCE_MISMATCH', { path: file, expected: sha256, found, remedy });

const UNWRITABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT', 'EEXIST', 'EISDIR', 'EIO', 'ENAMETOOLONG'];

/** Says it if the data directory cannot take the file. What has come is removed from a full disk: others need the room. */
async function writing(target: string, { bytes }: CatalogueEntry, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (error instanceof AppError || !(NO_ROOM.includes(code) || UNWRITABLE.includes(code))) throw error;
    if (UNWRITABLE.includes(code))
      throw new AppError('DATA_UNWRITABLE', { path: path.dirname(target), reason: message }, { cause: error });
    const free = await freeBytes(path.dirname(target));
    await removePart(target);
    throw diskFull(path.dirname(target), bytes, free);
  }
}

/** Forgets a download that has been installed. */
export async function removeDownload({ path: file, downloaded }: FetchedSource): Promise<void> {
  if (downloaded) await rm(file, { force: true });
}
