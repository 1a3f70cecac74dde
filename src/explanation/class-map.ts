/** Exact maps: what each place of the last feature map adds to the logit of a class. */
import type { Grid } from '../image/heat.js';
import type { Values } from '../inference/session.js';
import type { Head } from './head.js';

/**
 * For a feature map of the shape 1×channels×rows×columns. The mean of the grid is the logit less the bias, or the logit where
 * the class maps have the bias in them (`limits`).
 * Zhou et al., Learning Deep Features for Discriminative Localization, 2016 (arXiv:1512.04150); for the other: Lin et al.,
 * Network In Network, 2014 (arXiv:1312.4400).
 */
export function classMap({ weightsOf, biasOf, limits }: Head, { dims, data }: Values, index: number): Grid {
  const [, channels = 0, rows = 0, columns = 0] = dims;
  const weights = weightsOf(index);
  const places = rows * columns;
  const values = new Float64Array(places).fill(limits ? biasOf(index) : 0);
  for (let channel = 0; channel < channels; channel++) {
    const weight = weights[channel] as number;
    for (let place = 0; place < places; place++) {
      values[place] = (values[place] as number) + weight * (data[channel * places + place] as number);
    }
  }
  const { least, most } = limits ?? { least: -Infinity, most: Infinity };
  return { rows, columns, values: Array.from(values, (value) => Math.min(most, Math.max(least, value))) };
}

/** Whether the head is for such a feature map, of one picture. */
export const fits = ({ channels }: Head, { dims }: Values): boolean =>
  dims.length === 4 && dims[0] === 1 && dims[1] === channels;
