/** What unpacking a zip and a tar archive have in common. */
import { tooManyBytes } from '../../image/limits.js';
import type { ArchiveSink } from './archive.js';
import type { Budget } from './budget.js';

export interface ArchiveLimits {
  /** Also folders, links and whatever else is passed over. */
  readonly entries: number;
  /** Of one picture. */
  readonly entryBytes: number;
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
  { limits: { entryBytes }, budget, sink, signal }: Unpacking,
  name: string,
  { claimed, chunks }: { readonly claimed: number; readonly chunks: () => AsyncIterable<Uint8Array> },
): Promise<void> {
  async function* content() {
    if (claimed > entryBytes) throw tooManyBytes(claimed, entryBytes);
    let bytes = 0;
    for await (const chunk of chunks()) {
      signal.throwIfAborted();
      bytes += chunk.length;
      if (bytes > entryBytes) throw tooManyBytes(bytes, entryBytes);
      yield chunk;
    }
  }

  signal.throwIfAborted();
  await sink(name, content());
  signal.throwIfAborted();
  budget.verify();
}
