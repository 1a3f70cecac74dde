/** Which paths were seen, in about 16 bytes each, whatever their length. */
import { hash, randomBytes } from 'node:crypto';

export interface PathSet {
  /** False if it was there. */
  readonly add: (path: string) => boolean;
  readonly has: (path: string) => boolean;
}

const FIRST_SLOTS = 1 << 12;
const MOST_FULL = 0.6;

/**
 * It keeps 64 bits of a hash in an open table: among a million paths, two are the same with a probability of 3 in 100
 * million. The key is drawn anew, so that nobody can choose names that are.
 */
export function createPathSet(): PathSet {
  const key = randomBytes(16).toString('hex');
  let table = new Uint32Array(2 * FIRST_SLOTS);
  let size = 0;

  /** Where the hash is or would be, in a table whose free slots are two zeros. */
  function slotOf(high: number, low: number): number {
    const mask = table.length / 2 - 1;
    let slot = low & mask;
    while (!isFree(slot) && !(table[2 * slot] === high && table[2 * slot + 1] === low)) slot = (slot + 1) & mask;
    return slot;
  }

  const isFree = (slot: number) => table[2 * slot] === 0 && table[2 * slot + 1] === 0;

  function put(slot: number, high: number, low: number): void {
    table[2 * slot] = high;
    table[2 * slot + 1] = low;
  }

  function grow(): void {
    const before = table;
    table = new Uint32Array(2 * before.length);
    for (let i = 0; i < before.length; i += 2) {
      const [high, low] = [before[i] as number, before[i + 1] as number];
      if (high !== 0 || low !== 0) put(slotOf(high, low), high, low);
    }
  }

  function hashOf(path: string): readonly [number, number] {
    const digest = hash('sha256', key + path, 'buffer');
    // Two zeros are a free slot.
    return [digest.readUInt32LE(0), digest.readUInt32LE(4) || 1];
  }

  function add(path: string): boolean {
    if (size > MOST_FULL * (table.length / 2)) grow();
    const [high, low] = hashOf(path);
    const slot = slotOf(high, low);
    if (!isFree(slot)) return false;
    put(slot, high, low);
    size += 1;
    return true;
  }

  return { add, has: (path) => !isFree(slotOf(...hashOf(path))) };
}
