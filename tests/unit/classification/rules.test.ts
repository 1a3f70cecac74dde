import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFlagRaiser, type Rule } from '#kaiyan/classification/rules.js';
import { imagenet1k } from '#kaiyan/labels/imagenet-1k/index.js';
import { appError } from '../../support/errors.js';
import { fewLabels } from '../../support/labels.js';

const probabilities = Float64Array.of(0.1, 0.2, 0.3, 0.05, 0.2, 0.1, 0.05);
const flags = (...rules: Rule[]) =>
  createFlagRaiser(
    rules,
    fewLabels,
  )(probabilities).map(({ name, probability }) => [name, Math.round(probability * 1e6) / 1e6]);

describe('a rule', () => {
  test('is raised by its category, group or classes, with their probability together', () => {
    assert.deepEqual(flags({ name: 'pets', category: 'pet', minProbability: 0.3 }), [['pets', 0.35]]);
    assert.deepEqual(flags({ name: 'cats', group: 'cat', minProbability: 0.3 }), [['cats', 0.3]]);
    assert.deepEqual(flags({ name: 'wolf', classes: ['wolf'], minProbability: 0.3 }), [['wolf', 0.3]]);
  });

  test('is not raised below its minimum', () => {
    assert.deepEqual(flags({ name: 'pets', category: 'pet', minProbability: 0.36 }), []);
  });

  test('knows classes by WordNet id or by English name, of any case', () => {
    assert.deepEqual(flags({ name: 'x', classes: ['n1', 'POODLE'], minProbability: 0 }), [['x', 0.25]]);
  });

  test('counts a class once that is named several times', () => {
    assert.deepEqual(flags({ name: 'x', category: 'pet', group: 'cat', classes: ['tabby'], minProbability: 0.1 }), [
      ['x', 0.35],
    ]);
  });

  test('raises a flag of its own beside others', () => {
    const raised = flags(
      { name: 'a', group: 'cat', minProbability: 0.1 },
      { name: 'b', category: 'vehicle', minProbability: 0.1 },
    );
    assert.deepEqual(raised, [
      ['a', 0.3],
      ['b', 0.3],
    ]);
  });

  for (const [what, rule] of [
    ['category', { name: 'broken', category: 'weapons', minProbability: 0.1 }],
    ['group', { name: 'broken', group: 'weapons', minProbability: 0.1 }],
    ['class', { name: 'broken', classes: ['tabby', 'weapons'], minProbability: 0.1 }],
  ] as const) {
    test(`with an unknown ${what} is an error that names the rule, the word and where to look`, () => {
      assert.throws(() => flags(rule), appError('SETTING_INVALID', 'broken', 'weapons', what, 'kaiyan labels'));
    });
  }

  test("like the documentation's, for weapons, holds for the real labels", () => {
    const raise = createFlagRaiser([{ name: 'weapon', category: 'weapon', minProbability: 0.3 }], imagenet1k);
    const picture = new Float64Array(1000);
    picture[imagenet1k.classes.findIndex(([, en]) => en === 'revolver')] = 0.2;
    picture[imagenet1k.classes.findIndex(([wnid]) => wnid === 'n02749479')] = 0.15;
    assert.deepEqual(
      raise(picture).map(({ name }) => name),
      ['weapon'],
    );
    assert.deepEqual(raise(new Float64Array(1000)), []);
  });
});
