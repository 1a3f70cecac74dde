/** AdamW: each weight moves as far as its own gradients agree (Loshchilov and Hutter, 2019). */

export interface Trained {
  readonly data: Float32Array;
  /** Whether it is drawn towards 0; biases are not. */
  readonly decays: boolean;
}

export interface Optimiser {
  /** Changes the data in place. `rate` is the learning rate. */
  readonly step: (gradients: readonly Float32Array[], rate: number) => void;
  /** What has to be kept to go on later. */
  readonly moments: readonly { readonly mean: Float32Array; readonly square: Float32Array }[];
}

const MEAN_DECAY = 0.9;
const SQUARE_DECAY = 0.999;
const EPSILON = 1e-8;

/** Goes on from so many steps that were `done`, with the moments that they have left. */
export function createAdamW(
  trained: readonly Trained[],
  weightDecay: number,
  done?: { readonly steps: number; readonly moments: Optimiser['moments'] },
): Optimiser {
  let count = done?.steps ?? 0;
  const moments =
    done?.moments ??
    trained.map(({ data }) => ({ mean: new Float32Array(data.length), square: new Float32Array(data.length) }));
  return {
    moments,
    step: (gradients, rate) => {
      count += 1;
      const meanScale = 1 / (1 - MEAN_DECAY ** count);
      const squareScale = 1 / (1 - SQUARE_DECAY ** count);
      for (const [k, { data, decays }] of trained.entries()) {
        const gradient = gradients[k] as Float32Array;
        const { mean, square } = moments[k] as Optimiser['moments'][number];
        const kept = decays ? 1 - rate * weightDecay : 1;
        for (let i = 0; i < data.length; i++) {
          const g = gradient[i] as number;
          const m = MEAN_DECAY * (mean[i] as number) + (1 - MEAN_DECAY) * g;
          const s = SQUARE_DECAY * (square[i] as number) + (1 - SQUARE_DECAY) * g * g;
          mean[i] = m;
          square[i] = s;
          data[i] = (data[i] as number) * kept - (rate * m * meanScale) / (Math.sqrt(s * squareScale) + EPSILON);
        }
      }
    },
  };
}

/** The learning rate of a step, from 0: a short way up, then down along half a cosine. */
export function rateAt(step: number, steps: number, highest: number, warmUp: number): number {
  const rising = Math.max(1, Math.round(steps * warmUp));
  if (step < rising) return (highest * (step + 1)) / rising;
  return (highest * (1 + Math.cos((Math.PI * (step - rising)) / Math.max(1, steps - rising)))) / 2;
}
