import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTally, haveSameClasses, type ModelAnswer } from '#kaiyan/evaluation/tally.js';
import { createLabelSet, type LabelSet } from '#kaiyan/labels/label-set.js';
import { fewLabels } from '../../support/labels.js';

const [tabby, siamese, wolf, poodle, car, truck] = [0, 1, 2, 3, 4, 5];
const answer = (ranked: readonly number[], truth?: number, ms = 1): ModelAnswer => ({ ranked, truth, ms });
const figuresOf = (labels: readonly LabelSet[], ...pictures: readonly (readonly ModelAnswer[])[]) => {
  const tally = createTally(labels);
  for (const picture of pictures) tally.add(picture);
  return tally.figures();
};

describe('agreement', () => {
  test('is the share of pictures for which two models name the same class', () => {
    const tally = createTally([fewLabels, fewLabels, fewLabels]);
    assert.equal(tally.add([answer([tabby, wolf]), answer([tabby, car]), answer([tabby, truck])]), true);
    assert.equal(tally.add([answer([tabby, siamese]), answer([siamese, tabby]), answer([tabby])]), false);
    assert.equal(tally.add([answer([car]), answer([car]), answer([truck])]), false);
    assert.equal(tally.add([answer([wolf]), answer([poodle]), answer([truck])]), false);
    const { pictures, disagreements, agreement } = tally.figures();
    assert.deepEqual([pictures, disagreements], [4, 3]);
    assert.deepEqual(agreement, [
      [1, 0.5, 0.5],
      [0.5, 1, 0.25],
      [0.5, 0.25, 1],
    ]);
  });

  test('goes by the position where two classes of one model have the same name', () => {
    const cranes = createLabelSet('cranes', [
      ['n1', 'crane', '鹤'],
      ['n2', 'crane', '起重机'],
    ]);
    const again = createLabelSet('again', cranes.classes);
    assert.deepEqual(figuresOf([cranes, again], [answer([0]), answer([1])]).agreement[0], [1, 0]);
    assert.deepEqual(figuresOf([cranes, again], [answer([1]), answer([1])]).agreement[0], [1, 1]);
  });

  test('goes by the English name where the models have different classes', () => {
    const own = createLabelSet('own', [
      [null, 'Boat', '船只'],
      [null, 'wolf', '狼'],
    ]);
    assert.equal(haveSameClasses(own, fewLabels), false);
    const tally = createTally([fewLabels, own]);
    assert.equal(tally.add([answer([wolf]), answer([1])]), true);
    assert.equal(tally.add([answer([6]), answer([0])]), true, 'whatever the case');
    assert.equal(tally.add([answer([0]), answer([0])]), false, 'the same position means nothing');
  });
});

describe('accuracy', () => {
  test('is judged by each model for itself, on the pictures whose class it knows', () => {
    const { models } = figuresOf(
      [fewLabels, fewLabels],
      [answer([wolf, poodle], wolf), answer([poodle, wolf], wolf)],
      [answer([0, 1, 2, 3, 4], car), answer([0, 1, 2, 3, 5, 4], car)],
      [answer([truck, car], truck), answer([truck, car])],
      [answer([tabby]), answer([tabby])],
    );
    assert.deepEqual(
      models.map(({ labelled, top1, top5 }) => ({ labelled, top1, top5 })),
      [
        { labelled: 3, top1: 0.666667, top5: 1 },
        { labelled: 2, top1: 0, top5: 0.5 },
      ],
    );
  });

  test('and times are null where there is nothing to judge', () => {
    const { models, agreement } = figuresOf([fewLabels, fewLabels]);
    assert.deepEqual(agreement, [
      [null, null],
      [null, null],
    ]);
    for (const model of models)
      assert.deepEqual(model, { medianMs: null, p95Ms: null, labelled: 0, top1: null, top5: null });
  });
});

describe('times', () => {
  test('are the median and the 95th percentile, in any order', () => {
    const times = Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) + 1);
    const { models } = figuresOf(
      [fewLabels, fewLabels],
      ...times.map((ms) => [answer([0], undefined, ms), answer([0], undefined, ms * 2)]),
    );
    assert.deepEqual(
      models.map(({ medianMs, p95Ms }) => [medianMs, p95Ms]),
      [
        [50, 95],
        [100, 190],
      ],
    );
  });

  test('of a single picture are its own', () => {
    const { models } = figuresOf([fewLabels], [answer([0], undefined, 7)]);
    assert.deepEqual([models[0]?.medianMs, models[0]?.p95Ms], [7, 7]);
  });
});
