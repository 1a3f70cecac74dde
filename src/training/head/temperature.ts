/** What logits are divided by before the softmax, so that probabilities mean what they say (Guo and others, 2017). */
import { setImmediate as turnOfOthers } from 'node:timers/promises';

const LEAST = 0.05;
const MOST = 20;

/**
 * The temperature with which `logits` (`n × classes`) are least surprised by `labels`, from 0.05 to 20. A prior of one half picture
 * keeps it near 1 where all are right, and any confidence would do.
 */
export async function fitTemperature(logits: Float32Array, labels: Int32Array, classes: number): Promise<number> {
  if (labels.length === 0) return 1;
  const costAt = async (logarithm: number) => {
    // With thousands of classes one look at all of them takes long.
    await turnOfOthers();
    const temperature = Math.exp(logarithm);
    let sum = 0;
    for (const [row, label] of labels.entries()) sum += lossOf(logits, row * classes, classes, label, temperature);
    return sum / labels.length + (logarithm ** 2 * PRIOR) / labels.length;
  };
  // The cost has one valley in the logarithm: golden sections find it.
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(LEAST), Math.log(MOST)];
  let [left, right] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [onLeft, onRight] = [await costAt(left), await costAt(right)];
  while (high - low > 1e-4) {
    if (onLeft < onRight) {
      [high, right, onRight] = [right, left, onLeft];
      left = high - ratio * (high - low);
      onLeft = await costAt(left);
    } else {
      [low, left, onLeft] = [left, right, onRight];
      right = low + ratio * (high - low);
      onRight = await costAt(right);
    }
  }
  return Math.exp((low + high) / 2);
}

const PRIOR = 0.5;

/** Cross-entropy in nats of the `classes` logits from `at` on. */
export function lossOf(logits: Float32Array, at: number, classes: number, label: number, temperature = 1): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) most = Math.max(most, logits[at + c] as number);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(((logits[at + c] as number) - most) / temperature);
  return Math.log(sum) - ((logits[at + label] as number) - most) / temperature;
}

/** Share of the rows whose largest logit is the right one, and mean cross-entropy in nats. */
export function measure(logits: Float32Array, labels: Int32Array, classes: number, temperature = 1) {
  let [right, loss] = [0, 0];
  for (const [row, label] of labels.entries()) {
    if (bestOf(logits, row * classes, classes) === label) right += 1;
    loss += lossOf(logits, row * classes, classes, label, temperature);
  }
  return { accuracy: right / labels.length, loss: loss / labels.length };
}

/** The class of each row. */
export const bestOfEach = (logits: Float32Array, classes: number): number[] =>
  Array.from({ length: logits.length / classes }, (_, row) => bestOf(logits, row * classes, classes));

function bestOf(logits: Float32Array, at: number, classes: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++) if ((logits[at + c] as number) > (logits[at + best] as number)) best = c;
  return best;
}

/** In place: each row of `classes` logits becomes probabilities. */
export function toProbabilities(logits: Float32Array, classes: number, temperature = 1): void {
  for (let at = 0; at < logits.length; at += classes) {
    let most = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) most = Math.max(most, logits[at + c] as number);
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const value = Math.exp(((logits[at + c] as number) - most) / temperature);
      logits[at + c] = value;
      sum += value;
    }
    for (let c = 0; c < classes; c++) logits[at + c] = (logits[at + c] as number) / sum;
  }
}
