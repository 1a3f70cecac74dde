/** Loads the WebAssembly kernel that `assembly/kernel.ts` is compiled to; see there for what each function does. */
import { readFile } from 'node:fs/promises';

export interface Kernel {
  readonly memory: WebAssembly.Memory;
  /** The first byte that is free for data. */
  readonly base: number;
  /** Makes the memory at least `bytes` long; views of it are to be taken afterwards. */
  readonly reserve: (bytes: number) => void;
  readonly flattenRgba: (source: number, target: number, pixels: number) => void;
  readonly cmykToRgb: (source: number, target: number, pixels: number) => void;
  readonly resampleRow: (
    source: number,
    target: number,
    width: number,
    windows: number,
    coefficients: number,
    pairs: number,
  ) => void;
  readonly resampleColumn: (
    ring: number,
    stride: number,
    rows: number,
    first: number,
    count: number,
    coefficients: number,
    target: number,
    bytes: number,
  ) => void;
  readonly normalize: (source: number, target: number, pixels: number, statistics: number) => void;
}

const PAGE = 65_536;
/** The kernel keeps no data of its own; address 0 is left out so that no pointer is null. */
const BASE = 64;

/** A kernel with a memory of its own. */
export async function loadKernel(): Promise<Kernel> {
  const code = await readFile(new URL('./kernel.wasm', import.meta.url));
  const { instance } = await WebAssembly.instantiate(code, {});
  const exports = instance.exports as unknown as Omit<Kernel, 'base' | 'reserve'>;
  const { memory } = exports;
  function reserve(bytes: number): void {
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  }
  return { ...exports, base: BASE, reserve };
}
