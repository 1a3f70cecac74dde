/** Arithmetic of 8-bit numbers: from ranges to scales, and from weights to integers. */
import type { Range } from './histogram.js';

/** `real = (integer - zeroPoint) * scale`, with integers from 0 to 255. */
export interface ActivationScale {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Zero is a number of its own, so that padding and ReLU stay exact. */
export function activationScale({ min, max }: Range): ActivationScale {
  const [low, high] = [Math.min(min, 0), Math.max(max, 0)];
  const scale = Math.fround((high - low) / 255) || 1;
  return { scale, zeroPoint: Math.max(0, Math.min(255, Math.round(-low / scale))) };
}

export interface QuantizedWeights {
  readonly values: Int8Array;
  /** One for each output channel; the zero point is 0. */
  readonly scales: Float32Array;
}

/**
 * Weights whose first dimension is the output channel, to integers of `bits` bits with a sign, symmetric about 0; on no
 * finer a scale than `least` has for the channel.
 */
export function quantizeWeights(
  weights: Float32Array,
  channels: number,
  bits: 7 | 8,
  least?: Float32Array,
): QuantizedWeights {
  const most = 2 ** (bits - 1) - 1;
  const size = weights.length / channels;
  const values = new Int8Array(weights.length);
  const scales = new Float32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const own = weights.subarray(channel * size, (channel + 1) * size);
    const largest = own.reduce((so, weight) => Math.max(so, Math.abs(weight)), 0);
    const scale = Math.fround(Math.max(largest / most, least?.[channel] ?? 0)) || 1;
    scales[channel] = scale;
    for (let i = 0; i < size; i++) values[channel * size + i] = Math.round((own[i] as number) / scale);
  }
  return { values, scales };
}

const INT32 = 2 ** 31 - 1;

/** The finest scale of a channel's weights with which its bias is still a 32-bit number of steps: weights may be as good as zero. */
export const leastWeightScale = (bias: number, inputScale: number): number =>
  (2 * Math.abs(bias)) / (INT32 * inputScale);

/** A bias as the sum of products has it: in units of the input's scale times that of the channel's weights. */
export function quantizeBias(bias: Float32Array, scales: Float32Array): Int32Array {
  return Int32Array.from(bias, (value, i) => {
    const steps = Math.round(value / (scales[i] as number));
    return Math.max(-INT32, Math.min(INT32, steps));
  });
}
