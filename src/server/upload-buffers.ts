/**
 * Memory that uploads are gathered in, and that serves again. Left to the garbage collector, the bytes of pictures that wait
 * in a long queue outlive its quick rounds, and half a gigabyte of them piles up before a thorough one.
 */

const LEAST_BYTES = 4_096;
/** Larger ones are rare, and not kept. */
const MOST_BYTES = 2 ** 20;
const MOST_KEPT_BYTES = 32_000_000;

export interface UploadBuffers {
  /** Room for `bytes` bytes or more. */
  readonly take: (bytes: number) => Buffer;
  /** Only for memory that nothing reads any more. */
  readonly giveBack: (buffer: Buffer) => void;
}

export function createUploadBuffers(): UploadBuffers {
  const kept = new Map<number, Buffer[]>();
  let keptBytes = 0;

  function take(bytes: number): Buffer {
    if (bytes > MOST_BYTES) return Buffer.allocUnsafeSlow(bytes);
    const size = Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(bytes)));
    const buffer = kept.get(size)?.pop();
    if (!buffer) return Buffer.allocUnsafeSlow(size);
    keptBytes -= size;
    return buffer;
  }

  function giveBack(buffer: Buffer): void {
    const size = buffer.length;
    if (size > MOST_BYTES || keptBytes + size > MOST_KEPT_BYTES) return;
    keptBytes += size;
    const list = kept.get(size);
    if (list) list.push(buffer);
    else kept.set(size, [buffer]);
  }

  return { take, giveBack };
}
