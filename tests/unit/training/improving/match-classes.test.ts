import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { matchClasses } from '#kaiyan/training/improving/match-classes.js';
import { fewLabels } from '../../../support/labels.js';

const positionsOf = (...labels: string[]) =>
  matchClasses(
    fewLabels,
    labels.map((label) => ({ label, zh: label })),
  );

describe('what corrections are about', () => {
  test('is a class of the model by its name in either language, whatever its capitals', () => {
    const { classes, positions } = positionsOf('Siamese', 'siamese', '狼', 'TABBY');
    assert.deepEqual(positions, [1, 1, 2, 0]);
    assert.equal(classes.length, 7);
    assert.deepEqual(classes[2], { label: 'wolf', zh: '狼' });
  });

  test('is a new class by any other name, once, after those of the model', () => {
    const { classes, positions } = positionsOf('Minka', '我的/猫 🐈', 'minka', 'boat');
    assert.deepEqual(positions, [7, 8, 7, 6]);
    assert.deepEqual(classes.slice(7), [
      { label: 'Minka', zh: 'Minka' },
      { label: '我的/猫 🐈', zh: '我的/猫 🐈' },
    ]);
  });
});
