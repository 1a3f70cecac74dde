/** What unpacking a zip and a tar archive have in common. */
import { tooManyBytes } from '../../image/limits.js';
import type { ArchiveSink } from './archive.js';
import type { Budget } from './budget.js';

export interface ArchiveLimits {
  /** Files that are not passed over. Of entries, also folders and what systems add, there may be a few times as many. */
  readonly pictures: number;
  readonly pictureBytes: number;
  /** Of all that comes, and of all that it unpacks to. */
  readonly bytes: number;
}

export interface Unpacking {
  readonly limits: ArchiveLimits;
  readonly budget: Budget;
  readonly sink: ArchiveSink;
  readonly signal: AbortSignal;
}

/** Hands a file to the sink. What is too large by its own word is not unpacked. */
export async function deliver(
  { limits: { pictureBytes }, budget, sink, signal }: Unpacking,
  name: string,
  { claimed, chunks }: { readonly claimed: number; readonly chunks: () => AsyncIterable<Uint8Array> },
): Promise<void> {
  async function* content() {
    if (claimed > pictureBytes) throw tooManyBytes(claimed, pictureBytes);
    let bytes = 0;
    for await (const chunk of chunks()) {
      signal.throwIfAborted();
      bytes += chunk.length;
      if (bytes > pictureBytes) throw tooManyBytes(bytes, pictureBytes);
      yield chunk;
    }
  }

  signal.throwIfAborted();
  await sink(name, content());
  signal.throwIfAborted();
  budget.verify();
}
