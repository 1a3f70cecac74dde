import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Interpretation, interpret } from '#kaiyan/classification/classification.js';
import { createFlagRaiser } from '#kaiyan/classification/rules.js';
import { fewLabels } from '../../support/labels.js';

const interpretation: Interpretation = {
  labels: fewLabels,
  temperature: 1,
  threshold: 0.7,
  flags: createFlagRaiser([{ name: 'cats', group: 'cat', minProbability: 0.5 }], fewLabels),
};
/** Logits whose softmax at temperature 1 is this. */
const logitsOf = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log);
const sure = logitsOf(0.8, 0.1, 0.02, 0.02, 0.02, 0.02, 0.02);
const feline = logitsOf(0.5, 0.4, 0.02, 0.02, 0.02, 0.02, 0.02);
const lost = logitsOf(0.2, 0.1, 0.1, 0.1, 0.2, 0.1, 0.2);

describe('an interpretation', () => {
  test('names the classes, best first, in the language wanted', () => {
    const { predictions } = interpret(feline, interpretation, 2, 'en');
    assert.deepEqual(predictions, [
      { index: 0, wnid: 'n0', label: 'tabby', probability: 0.5 },
      { index: 1, wnid: 'n1', label: 'Siamese', probability: 0.4 },
    ]);
    assert.deepEqual(
      interpret(feline, interpretation, 2, 'zh').predictions.map(({ label }) => label),
      ['虎斑猫', '暹罗猫'],
    );
  });

  test('has at most as many predictions as classes; a class of your own has no WordNet id', () => {
    const { predictions } = interpret(lost, interpretation, 5000, 'en');
    assert.equal(predictions.length, 7);
    assert.deepEqual(
      predictions.map(({ index, wnid }) => [index, wnid]).find(([index]) => index === 6),
      [6, null],
    );
  });

  test('sets wnid for a class', () => {
    assert.deepEqual(interpret(sure, interpretation, 1, 'en').answer, {
      level: 'class',
      label: 'tabby',
      wnid: 'n0',
      group: null,
      probability: 0.8,
    });
  });

  test('sets group for a group', () => {
    assert.deepEqual(interpret(feline, interpretation, 1, 'zh').answer, {
      level: 'group',
      label: '猫',
      wnid: null,
      group: 'cat',
      probability: 0.9,
    });
  });

  test('has no label when unsure', () => {
    assert.deepEqual(interpret(lost, interpretation, 1, 'en').answer, {
      level: 'unsure',
      label: null,
      wnid: null,
      group: null,
      probability: 0.2,
    });
  });

  test('gives the categories with their probabilities, most probable first, without the improbable ones', () => {
    const { categories } = interpret(feline, interpretation, 1, 'zh');
    assert.deepEqual(categories, [
      { name: 'pet', label: '宠物', probability: 0.92 },
      { name: 'vehicle', label: '车辆', probability: 0.04 },
      { name: 'nothing-likely', label: '船', probability: 0.02 },
    ]);
    const certain = interpret(Float32Array.of(50, 0, 0, 0, 0, 0, 0), interpretation, 1, 'en').categories;
    assert.deepEqual(
      certain.map(({ name }) => name),
      ['pet'],
    );
  });

  test('raises the flags', () => {
    assert.deepEqual(interpret(feline, interpretation, 1, 'en').flags, [{ name: 'cats', probability: 0.9 }]);
    assert.deepEqual(interpret(lost, interpretation, 1, 'en').flags, []);
  });

  test('uses the temperature of the manifest', () => {
    const cold = interpret(lost, { ...interpretation, temperature: 0.1 }, 1, 'en').predictions[0]?.probability;
    assert.ok((cold as number) > 0.33 && (cold as number) < 0.34, `three equal ones remain: ${cold}`);
  });
});
