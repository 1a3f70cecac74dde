import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findDuplicate, parseModelChoices } from '#kaiyan/evaluation/model-choice.js';
import { appError } from '../../support/errors.js';

describe('models to compare', () => {
  test('are named with or without a version and a precision', () => {
    assert.deepEqual(parseModelChoices('resnet18, resnet18@2,mine@1.0-b+c:int8,mine:fp32'), [
      { reference: 'resnet18', precision: undefined },
      { reference: 'resnet18@2', precision: undefined },
      { reference: 'mine@1.0-b+c', precision: 'int8' },
      { reference: 'mine', precision: 'fp32' },
    ]);
  });

  for (const [text, says] of [
    ['a', 'got 1'],
    ['a,b,c,d,e,f,g,h,i', 'got 9'],
    ['a,', 'got ""'],
    ['a,B', 'got "B"'],
    ['a,b:int4', 'got "b:int4"'],
    ['a,b@', 'got "b@"'],
    ['a,../b', 'got "../b"'],
    ['a,b:int8:fp32', 'got "b:int8:fp32"'],
  ] as const) {
    test(`cannot be "${text}"`, () => {
      assert.throws(() => parseModelChoices(text), appError('USAGE', says));
    });
  }

  test('are the same if name, version and precision are', () => {
    const one = { name: 'a', version: '1', precision: 'int8' } as const;
    assert.equal(findDuplicate([one, { ...one, version: '2' }, { ...one, precision: 'fp32' }]), undefined);
    assert.equal(findDuplicate([one, { ...one, name: 'b' }, one]), 'a@1 in int8');
  });
});
