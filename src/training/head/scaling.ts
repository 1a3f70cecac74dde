/** Vectors have another size in each network; here they are centred and of the same size, without being written anew. */
import type { LinearHead } from './linear-head.js';

export interface Scaling {
  readonly mean: Float64Array;
  /** What each dimension is multiplied with, once its mean is taken off. */
  readonly scale: Float64Array;
}

/** Of the mean deviation: what hardly ever changes is not blown up. */
const LEAST_DEVIATION = 0.1;

/** Of the vectors that count. */
export function scalingOf(vectors: Float32Array, dimensions: number, weights: Float32Array): Scaling {
  const mean = new Float64Array(dimensions);
  const squares = new Float64Array(dimensions);
  let total = 0;
  for (const [row, weight] of weights.entries()) {
    if (weight === 0) continue;
    total += weight;
    for (let i = 0; i < dimensions; i++)
      mean[i] = (mean[i] as number) + weight * (vectors[row * dimensions + i] as number);
  }
  for (let i = 0; i < dimensions; i++) mean[i] = (mean[i] as number) / total;
  for (const [row, weight] of weights.entries()) {
    if (weight === 0) continue;
    for (let i = 0; i < dimensions; i++) {
      const off = (vectors[row * dimensions + i] as number) - (mean[i] as number);
      squares[i] = (squares[i] as number) + weight * off * off;
    }
  }
  const deviations = squares.map((sum) => Math.sqrt(sum / total));
  const usual = Math.sqrt(deviations.reduce((sum, deviation) => sum + deviation ** 2, 0) / dimensions) || 1;
  return { mean, scale: deviations.map((deviation) => 1 / Math.max(deviation, LEAST_DEVIATION * usual)) };
}

/** `classes × dimensions` weights and a bias for each class, in one list. */
export type Parameters = Float64Array;

/** From a layer on scaled vectors to the same layer on vectors as they are. */
export function unscaled(parameters: Parameters, { mean, scale }: Scaling, into: LinearHead): LinearHead {
  const { classes, dimensions, weights, bias } = into;
  for (let c = 0; c < classes; c++) {
    let shift = 0;
    for (let i = 0; i < dimensions; i++) {
      const weight = (parameters[c * dimensions + i] as number) * (scale[i] as number);
      weights[c * dimensions + i] = weight;
      shift += weight * (mean[i] as number);
    }
    bias[c] = (parameters[classes * dimensions + c] as number) - shift;
  }
  return into;
}

/** The other way. */
export function scaled({ classes, dimensions, weights, bias }: LinearHead, { mean, scale }: Scaling): Parameters {
  const parameters = new Float64Array(classes * (dimensions + 1));
  for (let c = 0; c < classes; c++) {
    let shift = 0;
    for (let i = 0; i < dimensions; i++) {
      const weight = weights[c * dimensions + i] as number;
      parameters[c * dimensions + i] = weight / (scale[i] as number);
      shift += weight * (mean[i] as number);
    }
    parameters[classes * dimensions + c] = (bias[c] as number) + shift;
  }
  return parameters;
}
