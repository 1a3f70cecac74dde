/** Reads a stream of chunks by numbers of bytes. */
import { invalid } from './invalid.js';

interface Section {
  readonly chunks: () => AsyncIterable<Uint8Array>;
  /** Passes over what was not read of it. @throws AppError ARCHIVE_INVALID */
  readonly skip: () => Promise<void>;
}

export interface ByteReader {
  /** The next so many bytes, which are still to come afterwards; fewer at the end. */
  readonly peek: (bytes: number) => Promise<Buffer>;
  /** Exactly so many bytes; undefined if there are no more at all. @throws AppError ARCHIVE_INVALID if it is cut off */
  readonly take: (bytes: number) => Promise<Buffer | undefined>;
  /** The next so many bytes, as they come; all that come for infinity. @throws AppError ARCHIVE_INVALID if it is cut off */
  readonly section: (bytes: number) => Section;
}

export function createByteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = source[Symbol.asyncIterator]();
  const held: Buffer[] = [];
  let heldBytes = 0;
  let failure: { readonly thrown: unknown } | undefined;

  /** False at the end. An error is thrown again each time: whoever received it may have gone on. */
  async function pull(): Promise<boolean> {
    if (failure) throw failure.thrown;
    try {
      for (;;) {
        const { done, value } = await iterator.next();
        if (done) return false;
        if (value.length === 0) continue;
        held.push(Buffer.from(value.buffer, value.byteOffset, value.length));
        heldBytes += value.length;
        return true;
      }
    } catch (thrown) {
      failure = { thrown };
      throw thrown;
    }
  }

  async function peek(bytes: number): Promise<Buffer> {
    while (heldBytes < bytes && (await pull()));
    if (held.length > 1) held.splice(0, held.length, Buffer.concat(held));
    return held[0]?.subarray(0, bytes) ?? Buffer.alloc(0);
  }

  function advance(bytes: number): void {
    for (let left = bytes; left > 0; ) {
      const [first] = held as [Buffer];
      if (first.length > left) held[0] = first.subarray(left);
      else held.shift();
      left -= first.length;
    }
    heldBytes -= bytes;
  }

  async function take(bytes: number): Promise<Buffer | undefined> {
    const taken = await peek(bytes);
    if (taken.length === 0) return undefined;
    if (taken.length < bytes) throw cutOff();
    advance(bytes);
    return taken;
  }

  /** What is there, or comes next, at most so many bytes. */
  async function piece(most: number): Promise<Buffer | undefined> {
    if (heldBytes === 0 && !(await pull())) return undefined;
    const taken = held[0]?.subarray(0, most);
    advance(taken?.length ?? 0);
    return taken;
  }

  function section(bytes: number): Section {
    let left = bytes;

    async function* chunks() {
      while (left > 0) {
        const next = await piece(left);
        if (next) {
          left -= next.length;
          yield next;
        } else if (left < Number.POSITIVE_INFINITY) throw cutOff();
        else return;
      }
    }

    async function skip(): Promise<void> {
      for await (const _ of chunks());
    }

    return { chunks, skip };
  }

  return { peek, take, section };
}

const cutOff = () => invalid('it is cut off');
