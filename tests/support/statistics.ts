/** How numbers differ. */

export function standardDeviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** The largest difference between what was expected and what was found in its place; NaN if something is missing. */
export const largestDifference = (expected: Float32Array, found: Float32Array): number =>
  expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (found[i] ?? Number.NaN))), 0);
