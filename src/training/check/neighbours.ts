/** Which pictures are nearest to each other in what the network makes of them. */
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import { AppError } from '../../errors.js';
import { createRandom } from '../../random.js';
import type { Embeddings } from '../embeddings/embeddings.js';

/** That are looked for. */
export const NEIGHBOURS = 5;
/** Multiplications, some 20 s: with many pictures the neighbours are looked for among a sample of them. */
const WORK = 2e10;
const LEAST_SAMPLE = 256;
/** Of a neighbour that there is none of. */
export const NOBODY = -1;

export interface Neighbours {
  /** Positions of the nearest, `NEIGHBOURS` of each picture; `NOBODY` where there are fewer. */
  readonly positions: Int32Array;
  /** Of each picture the mean distance to them, as 1 - cosine. */
  readonly distances: readonly number[];
  /** Positions of those among which they were looked for. */
  readonly sample: readonly number[];
}

/**
 * Copies (pictures of the same group) are no neighbours: what is far from everything else, or has a wrong label, may be there twice.
 * @throws AppError ABORTED
 */
export async function findNeighbours(
  embeddings: Pick<Embeddings, 'pictures' | 'dimensions' | 'vector'>,
  groups: Int32Array,
  signal: AbortSignal,
): Promise<Neighbours> {
  const count = embeddings.pictures.length;
  const size = Math.max(LEAST_SAMPLE, Math.floor(WORK / count / embeddings.dimensions));
  const all = Array.from({ length: count }, (_, i) => i);
  const sample = size >= count ? all : createRandom('outliers', count).shuffled(all).slice(0, size);
  const others = sample.map((i) => {
    return { position: i, vector: ofLengthOne(embeddings.vector(i, 0)), group: groups[i] as number };
  });

  const positions = new Int32Array(count * NEIGHBOURS);
  const distances: number[] = [];
  for (let i = 0; i < count; i++) {
    if (i % 16 === 0) await turnOfOthers();
    if (signal.aborted) throw new AppError('ABORTED', {});
    const own = positions.subarray(i * NEIGHBOURS, (i + 1) * NEIGHBOURS);
    distances.push(nearest(ofLengthOne(embeddings.vector(i, 0)), groups[i] as number, others, own));
  }
  return { positions, distances, sample };
}

interface Other {
  readonly position: number;
  readonly vector: Float32Array;
  readonly group: number;
}

/** Puts the positions of the nearest into `found`, and gives their mean distance. */
function nearest(vector: Float32Array, group: number, others: readonly Other[], found: Int32Array): number {
  found.fill(NOBODY);
  // From the farthest to the nearest.
  const cosines = new Float64Array(NEIGHBOURS).fill(-1);
  for (const other of others) {
    if (other.group === group) continue;
    const cosine = product(vector, other.vector);
    if (cosine <= (cosines[0] as number)) continue;
    let at = 0;
    for (; at + 1 < NEIGHBOURS && (cosines[at + 1] as number) < cosine; at++) {
      cosines[at] = cosines[at + 1] as number;
      found[at] = found[at + 1] as number;
    }
    cosines[at] = cosine;
    found[at] = other.position;
  }
  return 1 - cosines.reduce((sum, cosine) => sum + cosine, 0) / NEIGHBOURS;
}

/** In four sums at once, which do not wait for each other. */
function product(a: Float32Array, b: Float32Array): number {
  let [first, second, third, fourth] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < a.length; i += 4) {
    first += (a[i] as number) * (b[i] as number);
    second += (a[i + 1] as number) * (b[i + 1] as number);
    third += (a[i + 2] as number) * (b[i + 2] as number);
    fourth += (a[i + 3] as number) * (b[i + 3] as number);
  }
  for (; i < a.length; i++) first += (a[i] as number) * (b[i] as number);
  return first + second + third + fourth;
}

function ofLengthOne(vector: Float32Array): Float32Array {
  const length = Math.sqrt(product(vector, vector)) || 1;
  return vector.map((value) => value / length);
}
