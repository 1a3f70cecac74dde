/** From logits to probabilities and the most probable classes. */

/** Softmax of `logits / temperature`; sums to 1. The largest logit is subtracted first, so that nothing overflows. */
export function softmax(logits: Float32Array, temperature: number): Float64Array {
  const probabilities = new Float64Array(logits.length);
  let largest = -Infinity;
  for (const logit of logits) largest = Math.max(largest, logit);
  let total = 0;
  for (let i = 0; i < logits.length; i++) {
    const weight = Math.exp(((logits[i] as number) - largest) / temperature);
    probabilities[i] = weight;
    total += weight;
  }
  for (let i = 0; i < probabilities.length; i++) probabilities[i] = (probabilities[i] as number) / total;
  return probabilities;
}

/** Indices of the `k` largest values, largest first; equal ones in their order. At most as many as there are. */
export function topK(values: Float64Array, k: number): number[] {
  const best: number[] = [];
  const at = (index: number) => values[index] as number;
  values.forEach((value, index) => {
    if (best.length === k && value <= at(best[k - 1] as number)) return;
    let place = best.length;
    while (place > 0 && at(best[place - 1] as number) < value) place--;
    best.splice(place, 0, index);
    if (best.length > k) best.pop();
  });
  return best;
}

/** The probability that any of the members is right. */
export function probabilityOf(members: readonly number[], probabilities: Float64Array): number {
  let sum = 0;
  for (const index of members) sum += probabilities[index] ?? 0;
  return Math.min(1, sum);
}
