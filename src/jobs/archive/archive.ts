/**
 * The pictures in a zip or tar archive, one after the other, as it arrives. Nothing in it is trusted: its names are only names,
 * what it unpacks to is counted as it comes, and what looks like a trick refuses all of it.
 */
import type { FileHandle } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { diskErrorInWords, openUnnamed } from '../../folders.js';
import { type Budget, createBudget } from './budget.js';
import { type ByteReader, createByteReader } from './byte-reader.js';
import type { ArchiveLimits, Unpacking } from './entry.js';
import { CHUNK, inflated } from './inflate.js';
import { invalid } from './invalid.js';
import { readTar } from './tar.js';
import { readZip } from './zip.js';

export interface ArchiveOptions {
  readonly limits: ArchiveLimits;
  /** Where a zip lies while it is read: its directory is at its end. What lies there has no name, and ends with the process. */
  readonly folder: string;
  /** Looked at between chunks; the source has to end with it. */
  readonly signal: AbortSignal;
}

/**
 * Called for each file, in the order of the archive. `content` throws what is wrong with this one alone, an AppError
 * IMAGE_TOO_LARGE or ARCHIVE_INVALID (damaged, for one by its checksum): who catches that goes on with the next one. What is
 * wrong with the archive ends it all the same. Content that is not read to its end is passed over.
 */
export type ArchiveSink = (name: string, content: AsyncIterable<Uint8Array>) => Promise<void>;

/**
 * Folders, links, devices and what systems add (dot files, `__MACOSX`, `Thumbs.db`) are passed over.
 * @throws AppError ARCHIVE_INVALID, REQUEST_TOO_LARGE (entries, bytes), DISK_FULL, DATA_UNWRITABLE; what the source, the sink and
 * the signal throw
 */
export async function readArchive(
  source: AsyncIterable<Uint8Array>,
  sink: ArchiveSink,
  { limits, folder, signal }: ArchiveOptions,
): Promise<void> {
  const budget = createBudget(limits);
  const reader = createByteReader(counted(source, budget, signal));
  const unpacking: Unpacking = { limits, budget, sink, signal };
  const first = (await reader.peek(LONGEST_SIGNATURE)).toString('latin1');
  const begins = (signature: string) => first.startsWith(signature);
  if (ZIP.some(begins)) return readSpooled(reader, folder, unpacking);
  const other = OTHERS.find(([signature]) => begins(signature));
  if (other) throw invalid(`it is ${other[1]}`);
  return begins(GZIP) ? readGzipped(reader, unpacking) : readTar(reader, unpacking);
}

const LONGEST_SIGNATURE = 6;
const GZIP = '\x1f\x8b';
/** With a file in it, without one, and of several parts, which is refused later. */
const ZIP = ['PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08'];
const OTHERS = [
  ['Rar!', 'a RAR archive'],
  ['7z\xbc\xaf', 'a 7-Zip archive'],
  ['\xfd7zXZ', 'compressed with xz'],
  ['BZh', 'compressed with bzip2'],
  ['\x28\xb5\x2f\xfd', 'compressed with zstd'],
] as const;

async function* counted(source: AsyncIterable<Uint8Array>, budget: Budget, signal: AbortSignal) {
  for await (const chunk of source) {
    signal.throwIfAborted();
    budget.arrived(chunk.length);
    yield chunk;
  }
}

async function readGzipped(reader: ByteReader, unpacking: Unpacking): Promise<void> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  try {
    const chunks = inflated(reader.section(Number.POSITIVE_INFINITY).chunks(), gunzip);
    await readTar(createByteReader(unpacked(chunks, unpacking.budget)), unpacking);
  } finally {
    gunzip.destroy();
  }
}

async function* unpacked(chunks: AsyncIterable<Uint8Array>, budget: Budget) {
  for await (const chunk of chunks) {
    budget.unpacked(chunk.length);
    yield chunk;
  }
}

async function readSpooled(reader: ByteReader, folder: string, unpacking: Unpacking): Promise<void> {
  const file = await spool(reader, folder);
  try {
    await readZip(file, unpacking);
  } finally {
    await file.close();
  }
}

async function spool(reader: ByteReader, folder: string): Promise<FileHandle> {
  let bytes = 0;
  const onDisk = <Result>(work: Promise<Result>) =>
    work.catch(async (error) => {
      throw await diskErrorInWords(folder, error, bytes);
    });
  const file = await onDisk(openUnnamed(folder));
  try {
    for await (const chunk of reader.section(Number.POSITIVE_INFINITY).chunks()) {
      bytes += chunk.length;
      await onDisk(file.writeFile(chunk));
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
