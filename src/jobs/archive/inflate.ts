/** Inflates on zlib's threads, not on the main one. */
import { pipeline, Readable } from 'node:stream';
import type { Gunzip, InflateRaw } from 'node:zlib';
import { asInvalid } from './invalid.js';

/** What is written and read at once; smaller pieces cost more than they spare. Bytes. */
export const CHUNK = 65_536;

/** @throws AppError ARCHIVE_INVALID, and what `packed` throws */
export async function* inflated(
  packed: AsyncIterable<Uint8Array>,
  inflate: Gunzip | InflateRaw,
): AsyncGenerator<Buffer> {
  // Whatever ends it is thrown to whoever reads from it.
  pipeline(Readable.from(packed), inflate, () => undefined);
  try {
    for await (const chunk of inflate) yield chunk;
  } catch (error) {
    // Others are those of the source.
    const isOfZlib = (error as NodeJS.ErrnoException).code?.startsWith('Z_');
    throw isOfZlib ? asInvalid(error) : error;
  }
}
