/** What `classify` was given, as pictures to read one after another. */
import type { Dirent } from 'node:fs';
import { open, opendir, stat } from 'node:fs/promises';
import path from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { isCalledPicture } from '../dataset/read-picture.js';
import { AppError } from '../errors.js';
import { isFolder } from '../folders.js';
import { detectFormat, SIGNATURE_BYTES } from '../image/format.js';
import { tooManyBytes } from '../image/limits.js';

export interface Input {
  /** The path as given; for a folder, that folder joined with the path inside it. `-` is standard input. */
  readonly file: string;
  /** Found in a folder, not named by the user: no error if neither its bytes nor its name say that it is a picture. */
  readonly found: boolean;
  /** Why nobody knows what is in this folder. */
  readonly unreadable?: AppError;
}

/**
 * Files and folders in the order given; a folder's files in the order of their names. A folder is searched when its turn
 * comes, and none after Ctrl-C.
 */
export const findInputs = (given: readonly string[], recursive: boolean, signal: AbortSignal): AsyncGenerator<Input> =>
  inputsOf(given, { recursive, signal, entriesOf: sortedEntriesOf });

/** The same, but a folder's files as they come: then no folder is held in memory. */
export const findUnsorted = (
  given: readonly string[],
  recursive: boolean,
  signal: AbortSignal,
): AsyncGenerator<Input> => inputsOf(given, { recursive, signal, entriesOf });

interface Search {
  readonly recursive: boolean;
  readonly signal: AbortSignal;
  readonly entriesOf: (folder: string) => AsyncIterable<Entry>;
}

interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

async function* inputsOf(given: readonly string[], search: Search): AsyncGenerator<Input> {
  for (const file of given) {
    if (search.signal.aborted) return;
    if (file !== '-' && (await isFolder(file))) yield* filesIn(file, search);
    else yield { file, found: false };
  }
}

/** Links to folders are not followed, so that no folder is taken twice. */
async function* filesIn(folder: string, search: Search): AsyncGenerator<Input> {
  try {
    for await (const { name, kind } of search.entriesOf(folder)) {
      if (search.signal.aborted) return;
      const file = path.join(folder, name);
      if (kind === 'folder') {
        if (search.recursive) yield* filesIn(file, search);
      } else if (kind === 'file' || (kind === 'link' && (await leadsToPicture(file)))) {
        yield { file, found: true };
      }
    }
  } catch (error) {
    const unreadable = new AppError('FILE_UNREADABLE', { path: folder, reason: (error as Error).message });
    yield { file: folder, found: false, unreadable };
  }
}

/** Also a link that leads nowhere, if it is called as pictures are: it is reported. */
async function leadsToPicture(link: string): Promise<boolean> {
  const status = await stat(link).catch(() => undefined);
  return status?.isFile() ?? isCalledPicture(link);
}

/** Entries that are read from the disk at once. */
const ENTRIES_AT_ONCE = 1_000;

/** What is in a folder, as it comes. */
export async function* entriesOf(folder: string): AsyncGenerator<Entry> {
  for await (const entry of await opendir(folder, { bufferSize: ENTRIES_AT_ONCE })) {
    yield { name: entry.name, kind: kindOf(entry) };
  }
}

/** Holds no more than the names: of a million files about 50 MB. */
async function* sortedEntriesOf(folder: string): AsyncGenerator<Entry> {
  const names: string[] = [];
  const others = new Map<string, Entry['kind']>();
  for await (const { name, kind } of entriesOf(folder)) {
    names.push(name);
    if (kind !== 'file') others.set(name, kind);
  }
  for (const name of names.sort()) yield { name, kind: others.get(name) ?? 'file' };
}

function kindOf(entry: Dirent): Entry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

/** The same inputs, and whether there are none, one, or at least two of them. */
export async function lookAhead(
  inputs: AsyncGenerator<Input>,
): Promise<{ readonly pictures: AsyncIterable<Input>; readonly atLeast: number }> {
  const first: Input[] = [];
  while (first.length < 2) {
    const next = await inputs.next();
    if (next.done) break;
    first.push(next.value);
  }
  async function* all(): AsyncGenerator<Input> {
    yield* first;
    yield* inputs;
  }
  return { pictures: all(), atLeast: first.length };
}

/**
 * The bytes of a picture. A file over the limit is not read, only its beginning, to tell whether it is a picture at all.
 * @throws AppError FILE_UNREADABLE, IMAGE_TOO_LARGE, IMAGE_UNSUPPORTED, IMAGE_EMPTY
 */
export async function readInput(
  { file, unreadable }: Input,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (unreadable) throw unreadable;
  if (file === '-') return readStream(process.stdin, 'standard input', maxBytes, signal);
  const handle = await open(file).catch((error: Error) => {
    throw new AppError('FILE_UNREADABLE', { path: file, reason: error.message });
  });
  try {
    const status = await handle.stat();
    // A pipe or a device does not say how much is to come.
    if (!status.isFile()) return await readStream(handle.createReadStream(), file, maxBytes, signal);
    if (status.size <= maxBytes) return await handle.readFile();
    const head = await handle.read(Buffer.alloc(SIGNATURE_BYTES), 0, SIGNATURE_BYTES, 0);
    detectFormat(head.buffer);
    throw tooManyBytes(status.size, maxBytes);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('FILE_UNREADABLE', { path: file, reason: (error as Error).message });
  } finally {
    await handle.close();
  }
}

/** Reads no more than a picture may have, and stops at Ctrl-C. */
async function readStream(stream: Readable, name: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const blocks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const block of addAbortSignal(signal, stream)) {
      blocks.push(block);
      size += block.length;
      if (size > maxBytes) throw tooManyBytes(size, maxBytes);
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (signal.aborted) throw new AppError('ABORTED', {});
    throw new AppError('FILE_UNREADABLE', { path: name, reason: (error as Error).message });
  } finally {
    stream.destroy();
  }
  return Buffer.concat(blocks);
}
