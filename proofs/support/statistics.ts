/** Figures of many measurements. */

/** The value that such a share of the others does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Least squares: how much `y` grows with one of `x`, and the standard error of that slope. */
export function fitLine(points: readonly Point[]): { readonly slope: number; readonly error: number } {
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const spread = points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
  const slope = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0) / spread;
  const residuals = points.map((point) => (point.y - y - slope * (point.x - x)) ** 2);
  return { slope, error: Math.sqrt((mean(residuals) * points.length) / (points.length - 2) / spread) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
