/** The entries of a zip file in memory. What they claim is checked before anything is inflated. */
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { AppError } from '../../errors.js';
import { FREE_INFLATION, MOST_INFLATION } from './limits.js';
import { inBytes, type Reading, shown } from './refusals.js';

export interface Archive {
  readonly names: readonly string[];
  /**
   * The bytes of an entry: a part of the file itself, unless they are deflated. Undefined if there is no such entry.
   * @throws AppError CHECKPOINT_INVALID
   */
  readonly read: (name: string) => Promise<Buffer | undefined>;
  /** The size that an entry claims; undefined if there is no such entry. */
  readonly sizeOf: (name: string) => number | undefined;
}

interface Located {
  readonly name: string;
  readonly entry: Entry;
  /** Where its header and its data begin, and its data ends, in the file. */
  readonly header: number;
  readonly start: number;
  readonly end: number;
}

const inflate = promisify(inflateRaw);
const STORED = 0;
const DEFLATED = 8;

/** @throws AppError CHECKPOINT_INVALID, CHECKPOINT_TOO_LARGE */
export async function openArchive(bytes: Buffer, reading: Reading): Promise<Archive> {
  const { refuse } = reading;
  const entries = await asRefusal(reading, () => locateEntries(bytes, reading));
  requireApart([...entries.values()], reading);

  async function read(name: string): Promise<Buffer | undefined> {
    const located = entries.get(name);
    if (!located) return undefined;
    const content = await contentOf(bytes, located, reading);
    const { crc32: expected } = located.entry;
    // PyTorch can be told to write 0 in place of the sum.
    if (expected !== 0 && crc32(content) !== expected)
      throw refuse.invalid(`its entry ${shown(name)} is damaged (another checksum than the zip file says)`);
    return content;
  }

  return { names: [...entries.keys()], read, sizeOf: (name) => entries.get(name)?.entry.uncompressedSize };
}

async function locateEntries(bytes: Buffer, reading: Reading): Promise<Map<string, Located>> {
  const { limits, refuse } = reading;
  const entries = new Map<string, Located>();
  const zip = await fromBufferPromise(bytes, { decodeStrings: false });
  const count = `${zip.entryCount} entries in its zip file`;
  if (zip.entryCount > limits.entries) throw refuse.tooLarge(count, `${limits.entries} entries`);
  const most = Math.min(limits.fileBytes, FREE_INFLATION + MOST_INFLATION * bytes.length);
  let claimed = 0;
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileNameRaw.toString('utf8');
    if (entries.has(name)) throw refuse.invalid(`its zip file has two entries named ${shown(name)}`);
    claimed += entry.uncompressedSize;
    if (claimed > most)
      throw refuse.tooLarge(`${inBytes(claimed)} once inflated`, `${inBytes(most)} in a zip file of its size`);
    entries.set(name, await locate(zip, entry, name));
  }
  return entries;
}

async function locate(zip: ZipFile, entry: Entry, name: string): Promise<Located> {
  const { fileDataStart: start } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const header = entry.relativeOffsetOfLocalHeader;
  return { name, entry, header, start, end: start + entry.compressedSize };
}

/** Entries that share bytes are how a small file claims a lot. */
function requireApart(entries: readonly Located[], { refuse }: Reading): void {
  let free = 0;
  for (const { name, header, end } of entries.toSorted((a, b) => a.header - b.header)) {
    if (header < free) throw refuse.invalid(`its entry ${shown(name)} shares bytes with another one`);
    free = end;
  }
}

async function contentOf(bytes: Buffer, { name, entry, start, end }: Located, reading: Reading): Promise<Buffer> {
  const { refuse } = reading;
  const raw = bytes.subarray(start, end);
  if (entry.isEncrypted()) throw refuse.invalid(`its entry ${shown(name)} is encrypted`);
  if (entry.compressionMethod === STORED) return raw;
  if (entry.compressionMethod !== DEFLATED)
    throw refuse.invalid(`its entry ${shown(name)} is compressed in another way than deflate`);
  const content = await asRefusal(reading, () =>
    inflate(raw, { maxOutputLength: Math.max(1, entry.uncompressedSize) }),
  );
  if (content.length === entry.uncompressedSize) return content;
  throw refuse.invalid(`its entry ${shown(name)} has ${content.length} bytes, not ${entry.uncompressedSize}`);
}

/** What yauzl and zlib say about a file becomes the reason why it is refused. */
async function asRefusal<T>({ refuse }: Reading, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const [reason = ''] = (error as Error).message.split('. ');
    throw refuse.invalid(`its zip file is damaged or cut off (${shown(reason)})`);
  }
}
