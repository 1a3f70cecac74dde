import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRandom } from '#kaiyan/random.js';
import { bestOfEach, fitTemperature, measure, toProbabilities } from '#kaiyan/training/head/temperature.js';

/** Logits of two classes, and labels that come as often as their probabilities say. */
function calibrated(count: number) {
  const random = createRandom('calibrated');
  const logits = new Float32Array(count * 2);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const logit = (random.next() - 0.5) * 6;
    logits[i * 2 + 1] = logit;
    labels[i] = random.next() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  }
  return { logits, labels };
}

describe('the temperature', () => {
  const { logits, labels } = calibrated(4000);

  test('is 1 where probabilities mean what they say', async () => {
    assert.ok(Math.abs((await fitTemperature(logits, labels, 2)) - 1) < 0.1);
  });

  test('undoes what makes a model too sure', async () => {
    const tooSure = logits.map((logit) => logit * 3);
    assert.ok(Math.abs((await fitTemperature(tooSure, labels, 2)) - 3) < 0.3);
  });

  test('stays within bounds where all answers are right, or there are none', async () => {
    const right = Float32Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 5 : 0));
    const temperature = await fitTemperature(right, new Int32Array(20), 2);
    assert.ok(temperature >= 0.05 && temperature <= 1, `${temperature}`);
    assert.equal(await fitTemperature(new Float32Array(), new Int32Array(), 2), 1);
  });
});

test('accuracy, loss and probabilities are those of the logits', () => {
  const logits = Float32Array.of(2, 0, 0, 0, 1, 0);
  const labels = Int32Array.of(0, 0);
  const { accuracy, loss } = measure(logits, labels, 3);
  const sums = [Math.exp(2) + 2, Math.exp(1) + 2];
  assert.equal(accuracy, 0.5);
  assert.ok(Math.abs(loss - (Math.log(sums[0] as number) - 2 + Math.log(sums[1] as number)) / 2) < 1e-6);
  assert.deepEqual(bestOfEach(logits, 3), [0, 1]);
  toProbabilities(logits, 3);
  assert.ok(Math.abs((logits[0] as number) - Math.exp(2) / (sums[0] as number)) < 1e-6);
});
