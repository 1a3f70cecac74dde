/** Some rows of a table of numbers. */

/** The rows of these positions alone, each of `width` numbers; the same memory where that is all of them. */
export function rowsOf(values: Float32Array, positions: readonly number[], width: number): Float32Array {
  if (positions.length * width === values.length) return values;
  const rows = new Float32Array(positions.length * width);
  for (const [row, position] of positions.entries())
    rows.set(values.subarray(position * width, (position + 1) * width), row * width);
  return rows;
}
