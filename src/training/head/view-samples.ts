/** What a head is fitted to: all views of some pictures. */
import type { Embeddings } from '../embeddings/embeddings.js';
import { classWeights } from './class-weights.js';
import type { Samples } from './linear-head.js';

/** The vectors are not copied: pictures that are not among those that are `kept` count nothing. */
export function viewSamples(
  { vectors, views }: Pick<Embeddings, 'vectors' | 'views'>,
  labels: Int32Array,
  classes: number,
  kept: readonly number[],
): Samples & { readonly weights: Float32Array } {
  const counts = classWeights(
    Int32Array.from(kept, (picture) => labels[picture] as number),
    classes,
  );
  const weights = new Float32Array(labels.length * views);
  for (const [i, picture] of kept.entries()) weights.fill(counts[i] as number, picture * views, (picture + 1) * views);
  return { vectors, labels: Int32Array.from(weights, (_, row) => labels[Math.floor(row / views)] as number), weights };
}
