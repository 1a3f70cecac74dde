/** Zip archives. All of the directory is looked at before anything is unpacked. */
import type { FileHandle } from 'node:fs/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { type Entry, fromFdPromise, getFileNameLowLevel, type ZipFile } from 'yauzl';
import { chunksOf } from '../../folders.js';
import { deliver, type Unpacking } from './entry.js';
import { CHUNK, inflated } from './inflate.js';
import { asInvalid, invalid } from './invalid.js';
import { checkedName, decodeName, isBeside } from './names.js';

interface Located {
  readonly position: number;
  readonly name: string;
  /** Where its header and its data begin, and its data ends, in the file. */
  readonly header: number;
  readonly start: number;
  readonly end: number;
  readonly bytes: number;
  readonly crc32: number;
  readonly deflated: boolean;
}

const STORED = 0;
const DEFLATED = 8;
const SAYS_UTF8 = 0x800;
const UNIX = 3;
const MACOS = 19;
const FILE_TYPE = 0o170000;
const REGULAR_FILE = 0o100000;

/** Leaves the file open. */
export async function readZip(file: FileHandle, unpacking: Unpacking): Promise<void> {
  const entries = await readDirectory(file, unpacking);
  requireApart(entries);
  for (const entry of entries)
    await deliver(unpacking, entry.name, { claimed: entry.bytes, chunks: () => contentOf(file, entry, unpacking) });
}

async function readDirectory(file: FileHandle, unpacking: Unpacking): Promise<Located[]> {
  try {
    const zip = await fromFdPromise(file.fd, { decodeStrings: false, autoClose: false });
    unpacking.budget.entries(zip.entryCount);
    return await locateEntries(zip, unpacking);
  } catch (error) {
    unpacking.signal.throwIfAborted();
    throw asInvalid(error);
  }
}

async function locateEntries(zip: ZipFile, { budget, signal }: Unpacking): Promise<Located[]> {
  const entries: Located[] = [];
  let position = 0;
  for await (const entry of zip.eachEntry()) {
    signal.throwIfAborted();
    position += 1;
    const name = checkedName(nameOf(entry), position);
    if (name === '' || name.endsWith('/') || isBeside(name) || !isFile(entry)) continue;
    budget.picture();
    requireReadable(entry, position);
    const { fileDataStart: start } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    entries.push({
      position,
      name,
      header: entry.relativeOffsetOfLocalHeader,
      start,
      end: start + entry.compressedSize,
      bytes: entry.uncompressedSize,
      crc32: entry.crc32,
      deflated: entry.compressionMethod === DEFLATED,
    });
  }
  return entries;
}

/** yauzl knows the field that has a name in UTF-8 beside another one, and the old encoding of DOS. */
function nameOf({ generalPurposeBitFlag, fileNameRaw, extraFields }: Entry): string {
  const told = () => getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true);
  const says = (generalPurposeBitFlag & SAYS_UTF8) !== 0 || extraFields.some(({ id }) => id === 0x7075);
  return says ? told() : decodeName(fileNameRaw, told);
}

/** Not a link or a device, as far as systems write that down. */
function isFile({ versionMadeBy, externalFileAttributes }: Entry): boolean {
  const system = versionMadeBy >> 8;
  const type = (externalFileAttributes >>> 16) & FILE_TYPE;
  return (system !== UNIX && system !== MACOS) || type === REGULAR_FILE || type === 0;
}

function requireReadable(entry: Entry, position: number): void {
  if (entry.isEncrypted()) throw invalid(`its entry ${position} is encrypted`);
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED)
    throw invalid(
      `its entry ${position} is compressed in another way than deflate (method ${entry.compressionMethod})`,
    );
}

/** Entries that share bytes are how a small file becomes a large one. */
function requireApart(entries: readonly Located[]): void {
  let free = 0;
  for (const { position, header, end } of entries.toSorted((a, b) => a.header - b.header)) {
    if (header < free) throw invalid(`its entry ${position} shares bytes with another one`);
    free = end;
  }
}

/** yauzl 3.4.0 could open it, too, in pieces of 16 KB; its promise of that opens something else. */
async function* contentOf(file: FileHandle, entry: Located, { budget }: Unpacking): AsyncGenerator<Uint8Array> {
  const damaged = (how: string) => invalid(`its entry ${entry.position} is damaged (${how})`);
  const packed = chunksOf(file, entry.start, entry.end);
  let bytes = 0;
  let sum = 0;
  for await (const chunk of entry.deflated ? inflated(packed, createInflateRaw({ chunkSize: CHUNK })) : packed) {
    budget.unpacked(chunk.length);
    bytes += chunk.length;
    if (bytes > entry.bytes) throw damaged('it has more bytes than it says');
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (bytes < entry.bytes) throw damaged('it has fewer bytes than it says');
  if (sum !== entry.crc32) throw damaged('its checksum is another one');
}
