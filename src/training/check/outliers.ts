/** Pictures that are far from all others in what the network makes of them: often no photographs of the matter at all. */
import { setImmediate as turnOfOthers } from 'node:timers/promises';
import { AppError } from '../../errors.js';
import { createRandom } from '../../random.js';
import type { Embeddings } from '../embeddings/embeddings.js';
import type { Finding } from './finding.js';
import { counted } from './words.js';

/** The distance of a picture is the mean of those to so many that are nearest. */
const NEIGHBOURS = 5;
/** Robust standard deviations above the median. */
const FAR = 5;
/** With fewer pictures nobody can say what is usual. */
const LEAST_PICTURES = 20;
/** Multiplications, some 20 s: with many pictures the neighbours are looked for among a sample of them. */
const WORK = 2e10;
const LEAST_SAMPLE = 256;
/** Of a normal distribution, to the median of the absolute deviations (Rousseeuw and Croux, 1993). */
const MAD_TO_DEVIATION = 1.4826;

/**
 * Positions of pictures, the farthest first; distances are 1 - cosine. Copies (pictures of the same group) are no neighbours,
 * so that what is far from everything else is found although it is there twice.
 * @throws AppError ABORTED
 */
export async function findOutliers(
  embeddings: Pick<Embeddings, 'pictures' | 'dimensions' | 'vector'>,
  groups: Int32Array,
  signal: AbortSignal,
): Promise<number[]> {
  const count = embeddings.pictures.length;
  if (count < LEAST_PICTURES) return [];
  const size = Math.max(LEAST_SAMPLE, Math.floor(WORK / count / embeddings.dimensions));
  const all = Array.from({ length: count }, (_, i) => i);
  const sample = size >= count ? all : createRandom('outliers', count).shuffled(all).slice(0, size);
  const others = sample.map((i) => ({ vector: ofLengthOne(embeddings.vector(i, 0)), group: groups[i] as number }));

  const distances = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    if (i % 16 === 0) await turnOfOthers();
    if (signal.aborted) throw new AppError('ABORTED', {});
    distances[i] = distanceToNearest(ofLengthOne(embeddings.vector(i, 0)), groups[i] as number, others);
  }
  const usual = median(distances);
  const deviation = MAD_TO_DEVIATION * median(distances.map((distance) => Math.abs(distance - usual)));
  return all
    .filter((i) => (distances[i] as number) - usual > FAR * deviation && deviation > 0)
    .sort((a, b) => (distances[b] as number) - (distances[a] as number));
}

interface Neighbour {
  readonly vector: Float32Array;
  readonly group: number;
}

function distanceToNearest(vector: Float32Array, group: number, others: readonly Neighbour[]): number {
  const nearest = new Float64Array(NEIGHBOURS).fill(-1);
  for (const other of others) {
    if (other.group === group) continue;
    const cosine = product(vector, other.vector);
    if (cosine <= (nearest[0] as number)) continue;
    nearest[0] = cosine;
    nearest.sort();
  }
  return 1 - nearest.reduce((sum, cosine) => sum + cosine, 0) / NEIGHBOURS;
}

function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function ofLengthOne(vector: Float32Array): Float32Array {
  const length = Math.sqrt(product(vector, vector)) || 1;
  return vector.map((value) => value / length);
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2;
}

export function outlierFindings(pictures: readonly string[]): Finding[] {
  if (pictures.length === 0) return [];
  const [are, they, them] = pictures.length === 1 ? ['is', 'it shows', 'it'] : ['are', 'they show', 'them'];
  return [
    {
      kind: 'outlier',
      pictures,
      classes: [],
      message: `${counted(pictures.length, 'picture')} ${are} far from all others. Look whether ${they} what the class is about, and remove ${them} if not.`,
      messageZh: `有 ${pictures.length} 张图片与其他所有图片差别很大。请查看它们是否属于所在类别，如果不是请删除。`,
    },
  ];
}
