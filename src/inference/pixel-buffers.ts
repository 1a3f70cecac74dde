/** Memory in which pixels go to a worker and come back with the result, to serve again for the next picture. */

const BLOCK = 1 << 20;
/** The memory of larger pictures is left to the next garbage collection. */
const MOST_KEPT_BYTES = 8 * BLOCK;

export interface PixelBuffers {
  /** Room for `bytes` bytes, on memory that can be transferred. */
  readonly take: (bytes: number) => Uint8Array<ArrayBuffer>;
  readonly giveBack: (buffer: ArrayBuffer) => void;
}

export function createPixelBuffers(mostKept: number): PixelBuffers {
  const kept: ArrayBuffer[] = [];

  function take(bytes: number): Uint8Array<ArrayBuffer> {
    const place = kept.findIndex(({ byteLength }) => byteLength >= bytes);
    const [buffer] = place >= 0 ? kept.splice(place, 1) : [new ArrayBuffer(Math.ceil(bytes / BLOCK) * BLOCK)];
    return new Uint8Array(buffer as ArrayBuffer, 0, bytes);
  }

  function giveBack(buffer: ArrayBuffer): void {
    if (buffer.byteLength <= MOST_KEPT_BYTES && kept.length < mostKept) kept.push(buffer);
  }

  return { take, giveBack };
}
