/**
 * Tar archives as POSIX (ustar, pax) and GNU tar write them. Read by our own code: node-tar inflates on the main thread, keeps
 * all that follows the end of an archive in memory, and damages names that are not ASCII where a chunk ends in one.
 */
import type { ByteReader } from './byte-reader.js';
import { deliver, type Unpacking } from './entry.js';
import { invalid } from './invalid.js';
import { checkedName, decodeName, isBeside } from './names.js';
import { type Described, parseHeader, parsePax, type TarHeader, upToZero } from './tar-header.js';

const BLOCK = 512;
/** Of names and attributes beside a file. Bytes. */
const MOST_BESIDE = 1_000_000;

export async function readTar(reader: ByteReader, unpacking: Unpacking): Promise<void> {
  let described: Described = {};
  for (let position = 1; ; ) {
    unpacking.signal.throwIfAborted();
    const block = await reader.take(BLOCK);
    if (!block) throw invalid(position === 1 ? 'it is empty' : 'it is cut off (its end is missing)');
    if (block.every((byte) => byte === 0)) break;
    const header = parseHeader(block, position);
    if (header.kind === 'file' || header.kind === 'other') {
      await readEntry(reader, { ...header, ...described }, position, unpacking);
      described = {};
      position += 1;
    } else described = { ...described, ...(await readBeside(reader, header, position)) };
  }
  // Whoever sends it is not interrupted, and what it is packed in has a checksum at its end.
  await reader.section(Number.POSITIVE_INFINITY).skip();
}

async function readEntry(
  reader: ByteReader,
  { kind, name: raw, bytes }: TarHeader,
  position: number,
  unpacking: Unpacking,
): Promise<void> {
  unpacking.budget.entries(1);
  const name = checkedName(
    decodeName(raw, () => raw.toString()),
    position,
  );
  const file = reader.section(bytes);
  if (kind === 'file' && name !== '' && !name.endsWith('/') && !isBeside(name)) {
    unpacking.budget.picture();
    await deliver(unpacking, name, { claimed: bytes, chunks: file.chunks });
  }
  await file.skip();
  await reader.take(padding(bytes));
}

/** What is said of the next entry. */
async function readBeside(reader: ByteReader, { kind, bytes }: TarHeader, position: number): Promise<Described> {
  if (bytes > MOST_BESIDE) throw invalid(`the attributes of its entry ${position} are too long`);
  const text = (await reader.take(bytes)) ?? Buffer.alloc(0);
  await reader.take(padding(bytes));
  if (kind === 'name') return { name: upToZero(text) };
  return kind === 'attributes' ? parsePax(text) : {};
}

const padding = (bytes: number) => (BLOCK - (bytes % BLOCK)) % BLOCK;
