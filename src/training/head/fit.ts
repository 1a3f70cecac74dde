/** Multinomial logistic regression: the linear layer that fits labelled vectors best, without growing large for it. */
import { emptyHead, type LinearHead, type Samples } from './linear-head.js';
import { minimise } from './minimise.js';
import { type Scaling, scaled, scalingOf, unscaled } from './scaling.js';
import { createSoftmaxLoss, type SoftmaxLoss, type WeightedSamples } from './softmax-loss.js';

export interface FitOptions {
  readonly classes: number;
  /** Times half the square of the weights, all on vectors of standard deviation 1. */
  readonly regularisation: number;
  /** Where to begin; it does not change what comes out, only how soon. */
  readonly start?: LinearHead | undefined;
  /** Ends where a step lowers the loss by less than this share of it. */
  readonly tolerance?: number | undefined;
  readonly signal: AbortSignal;
}

const ITERATIONS = 200;
const LEAST_ITERATIONS = 20;
/** Multiplications that a fit may take, a minute or two on two cores: many classes are fitted less closely. */
const WORK = 3e12;
/** Below it float32 no longer tells one loss from the next. */
const TOLERANCE = 1e-6;

/** @throws AppError ABORTED */
export async function fitHead({ vectors, labels, weights }: Samples, options: FitOptions): Promise<LinearHead> {
  const dimensions = vectors.length / labels.length;
  const loss = await createSoftmaxLoss(options.classes, dimensions, options.signal, labels.length);
  const samples = {
    vectors,
    labels: Float32Array.from(labels),
    weights: weights ?? new Float32Array(labels.length).fill(1),
  };
  try {
    return await fitWith(loss, samples, scalingOf(vectors, dimensions, samples.weights), options);
  } finally {
    await loss.release();
  }
}

/** The same with a loss and a scaling that are there already. */
export async function fitWith(
  loss: Pick<SoftmaxLoss, 'lossAndGradient'>,
  samples: WeightedSamples,
  scaling: Scaling,
  { classes, regularisation, start, tolerance = TOLERANCE }: Omit<FitOptions, 'signal'>,
): Promise<LinearHead> {
  const dimensions = scaling.mean.length;
  const size = classes * dimensions;
  const head = emptyHead(classes, dimensions);
  const parts = { weights: new Float64Array(size), bias: new Float64Array(classes) };

  async function objective(at: Float64Array, gradient: Float64Array): Promise<number> {
    let value = await loss.lossAndGradient(unscaled(at, scaling, head), samples, parts);
    for (let c = 0; c < classes; c++) {
      const shared = parts.bias[c] as number;
      gradient[size + c] = shared;
      for (let i = 0; i < dimensions; i++) {
        const k = c * dimensions + i;
        const raw = (parts.weights[k] as number) - shared * (scaling.mean[i] as number);
        const weight = at[k] as number;
        gradient[k] = raw * (scaling.scale[i] as number) + regularisation * weight;
        value += (regularisation / 2) * weight * weight;
      }
    }
    return value;
  }

  const first = start ? scaled(start, scaling) : new Float64Array(size + classes);
  const affordable = Math.floor(WORK / (samples.labels.length * size * 2));
  const iterations = Math.max(LEAST_ITERATIONS, Math.min(ITERATIONS, affordable));
  const { at } = await minimise(objective, first, { iterations, tolerance });
  return unscaled(at, scaling, head);
}
