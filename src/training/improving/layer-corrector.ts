/**
 * A last layer that is changed as little as corrections allow. Logistic regression as in head/fit.ts, but what costs is how far the
 * layer is from the present one, its bias too; and only the rows of classes are free that the pictures are about. All others are
 * one more class, whose logit stays what it is: so five pictures change some rows of a layer of a thousand.
 */
import type { Embeddings } from '../embeddings/embeddings.js';
import type { LinearHead } from '../head/linear-head.js';
import { minimise } from '../head/minimise.js';
import { createSoftmaxLoss, logitsOf } from '../head/softmax-loss.js';

export interface CorrectorOptions {
  readonly embeddings: Embeddings;
  /** Of each picture: a class of the present layer, or a new one after them. */
  readonly labels: Int32Array;
  readonly present: LinearHead;
  /** What the model's logits are divided by: what is fitted are its probabilities. */
  readonly temperature: number;
  readonly signal: AbortSignal;
}

/** Rows of a layer, each in the place of the present one. */
export interface CorrectedRows {
  /** By the class. */
  readonly rows: ReadonlyMap<number, { readonly weights: Float32Array; readonly bias: number }>;
  /** To begin with for less `strength`. */
  readonly change: Float64Array;
}

export interface LayerCorrector {
  /** The present logits of each picture as it is, divided by the temperature. */
  readonly presentLogits: Float32Array;
  /**
   * Fitted to the pictures but for those that are left out. `strength` is what it costs to leave the present layer, as many
   * pictures would say it.
   */
  readonly fit: (strength: number, leftOut: ReadonlySet<number>, start?: CorrectedRows) => Promise<CorrectedRows>;
  readonly release: () => Promise<void>;
}

/** So many of the classes that a picture might show, as the present layer has it, may give way. */
const RIVALS = 5;
const ITERATIONS = 100;
const TOLERANCE = 1e-5;
/** The logit of classes that do not exist. */
const NEVER = -1e4;

/** @throws AppError ABORTED, also from `fit` */
export async function createLayerCorrector(options: CorrectorOptions): Promise<LayerCorrector> {
  const { embeddings, labels, present, temperature, signal } = options;
  const { vectors, views, dimensions, pictures } = embeddings;
  const samples = pictures.length * views;
  const logits = await logitsOf(present, vectors, signal);
  for (let i = 0; i < logits.length; i++) logits[i] = (logits[i] as number) / temperature;
  const row = (sample: number) => logits.subarray(sample * present.classes, (sample + 1) * present.classes);

  const free = concerned();
  const position = new Map(free.map((label, k) => [label, k]));
  const width = dimensions + 1;
  /** Vectors are of this size in the mean of their numbers, whatever the network. */
  const size = Math.sqrt(vectors.reduce((sum, value) => sum + value * value, 0) / vectors.length) || 1;
  const scaled = scaledVectors();
  const loss = await createSoftmaxLoss(free.length + 1, width, signal, samples);

  function concerned(): number[] {
    const found = new Set<number>(labels);
    for (let sample = 0; sample < samples; sample++) for (const label of best(row(sample), RIVALS)) found.add(label);
    return [...found].sort((a, b) => a - b);
  }

  /** Each vector and, beside it, what all other classes come to together. */
  function scaledVectors(): Float32Array {
    const all = new Float32Array(samples * width);
    for (let sample = 0; sample < samples; sample++) {
      const own = vectors.subarray(sample * dimensions, (sample + 1) * dimensions);
      for (const [i, value] of own.entries()) all[sample * width + i] = value / size;
      all[sample * width + dimensions] = togetherWithout(row(sample), position);
    }
    return all;
  }

  /** Where a new class begins: at what the present layer takes its pictures for. */
  function beginning(leftOut: ReadonlySet<number>): LinearHead {
    const weights = new Float32Array((free.length + 1) * width);
    const bias = new Float32Array(free.length + 1);
    for (const [k, label] of free.entries()) {
      const shares = label < present.classes ? new Map([[label, 1]]) : takenFor(label, leftOut);
      for (const [other, part] of shares) {
        for (let i = 0; i < dimensions; i++)
          (weights[k * width + i] as number) +=
            (part * size * (present.weights[other * dimensions + i] as number)) / temperature;
        (bias[k] as number) += (part * (present.bias[other] as number)) / temperature;
      }
      if (shares.size === 0) bias[k] = NEVER;
    }
    weights[free.length * width + dimensions] = 1;
    return { classes: free.length + 1, dimensions: width, weights, bias };
  }

  /** Classes with their mean probabilities, for the pictures of a class. */
  function takenFor(label: number, leftOut: ReadonlySet<number>): Map<number, number> {
    const own = [...labels.keys()].filter((picture) => labels[picture] === label && !leftOut.has(picture));
    const shares = new Map<number, number>();
    for (const picture of own) {
      const values = row(picture * views);
      const together = togetherWithout(values, new Map());
      for (const other of best(values, RIVALS)) {
        const part = Math.exp((values[other] as number) - together) / own.length;
        shares.set(other, (shares.get(other) ?? 0) + part);
      }
    }
    const sum = [...shares.values()].reduce((total, part) => total + part, 0);
    return new Map([...shares].map(([other, part]) => [other, part / sum]));
  }

  async function fit(strength: number, leftOut: ReadonlySet<number>, start?: CorrectedRows): Promise<CorrectedRows> {
    const centre = beginning(leftOut);
    const head: LinearHead = { ...centre, weights: centre.weights.slice(), bias: centre.bias.slice() };
    const gradients = { weights: new Float64Array(head.weights.length), bias: new Float64Array(head.bias.length) };
    const counts = Float32Array.from({ length: samples }, (_, sample) =>
      leftOut.has(Math.floor(sample / views)) ? 0 : 1 / views,
    );
    const total = pictures.length - leftOut.size;
    const truths = Float32Array.from({ length: samples }, (_, sample) => {
      const label = labels[Math.floor(sample / views)] as number;
      return position.get(label) as number;
    });

    function apply(change: Float64Array): void {
      for (let k = 0; k < free.length; k++) {
        for (let i = 0; i < dimensions; i++)
          head.weights[k * width + i] = (centre.weights[k * width + i] as number) + (change[k * width + i] as number);
        head.bias[k] = (centre.bias[k] as number) + (change[k * width + dimensions] as number);
      }
    }

    async function objective(change: Float64Array, gradient: Float64Array): Promise<number> {
      apply(change);
      const mean = await loss.lossAndGradient(head, { vectors: scaled, labels: truths, weights: counts }, gradients);
      let value = total * mean;
      for (let k = 0; k < free.length; k++) {
        for (let i = 0; i < width; i++) {
          const own = i < dimensions ? gradients.weights[k * width + i] : gradients.bias[k];
          const by = change[k * width + i] as number;
          gradient[k * width + i] = total * (own as number) + strength * by;
          value += (strength / 2) * by * by;
        }
      }
      return value;
    }

    const begin = start?.change ?? new Float64Array(free.length * width);
    const { at } = await minimise(objective, begin, { iterations: ITERATIONS, tolerance: TOLERANCE });
    apply(at);
    const rows = new Map(
      free.map((label, k) => {
        const own = head.weights.subarray(k * width, k * width + dimensions);
        const weights = own.map((value) => (value / size) * temperature);
        return [label, { weights, bias: (head.bias[k] as number) * temperature }] as const;
      }),
    );
    return { rows, change: at };
  }

  const asTheyAre = new Float32Array(pictures.length * present.classes);
  for (const picture of pictures.keys()) asTheyAre.set(row(picture * views), picture * present.classes);
  return { presentLogits: asTheyAre, fit, release: loss.release };
}

/** The present layer with these rows in it. */
export function withRows(present: LinearHead, { rows }: CorrectedRows, classes: number): LinearHead {
  const { dimensions } = present;
  const weights = new Float32Array(classes * dimensions);
  const bias = new Float32Array(classes);
  weights.set(present.weights);
  bias.set(present.bias);
  for (const [label, row] of rows) {
    weights.set(row.weights, label * dimensions);
    bias[label] = row.bias;
  }
  return { classes, dimensions, weights, bias };
}

/** The positions of the largest, the largest first. */
function best(values: Float32Array, most: number): number[] {
  const found: number[] = [];
  for (const [i, value] of values.entries()) {
    const before = found.findIndex((other) => value > (values[other] as number));
    if (before >= 0) found.splice(before, 0, i);
    else if (found.length < most) found.push(i);
    if (found.length > most) found.pop();
  }
  return found;
}

/** The logarithm of the sum of their exponentials, but for these. */
function togetherWithout(values: Float32Array, without: ReadonlyMap<number, unknown>): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const [i, value] of values.entries()) if (!without.has(i) && value > most) most = value;
  if (most === Number.NEGATIVE_INFINITY) return NEVER;
  let sum = 0;
  for (const [i, value] of values.entries()) if (!without.has(i)) sum += Math.exp(value - most);
  return most + Math.log(sum);
}
