/** How much a sample counts, so that a class with few pictures is not passed over. */

/**
 * The root of what would make all classes count the same, 1 on average: a class with a hundredth of the pictures counts a tenth,
 * not nothing and not as much as the others, since how common it is says something too.
 */
export function classWeights(labels: Int32Array, classes: number): Float32Array {
  const counts = new Float64Array(classes);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  const weights = Float32Array.from(labels, (label) => 1 / Math.sqrt(counts[label] as number));
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return weights.map((weight) => weight / mean);
}
