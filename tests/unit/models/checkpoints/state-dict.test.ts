import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { refusalsFor } from '#kaiyan/models/checkpoints/refusals.js';
import { cleanNames } from '#kaiyan/models/checkpoints/state-dict.js';
import { appError } from '../../../support/errors.js';

const refuse = refusalsFor('weights.pth');
const cleaned = (...names: string[]) => [...cleanNames(new Map(names.map((name) => [name, name])), refuse).keys()];

describe('the names of tensors', () => {
  test('lose what DataParallel puts before all of them, however often', () => {
    assert.deepEqual(cleaned('module.conv.weight', 'module.fc.bias'), ['conv.weight', 'fc.bias']);
    assert.deepEqual(cleaned('module.module.conv.weight', 'module.module.fc.bias'), ['conv.weight', 'fc.bias']);
  });

  test('keep a part named "module" that not all of them begin with', () => {
    assert.deepEqual(cleaned('module.weight', 'fc.bias'), ['module.weight', 'fc.bias']);
  });

  test('lose what torch.compile puts anywhere', () => {
    assert.deepEqual(cleaned('_orig_mod.conv.weight', '_orig_mod.fc.bias'), ['conv.weight', 'fc.bias']);
    assert.deepEqual(cleaned('module.body._orig_mod.conv.weight'), ['body.conv.weight']);
    assert.deepEqual(cleaned('my_orig_mod.weight'), ['my_orig_mod.weight']);
  });

  test('are not made the same', () => {
    assert.throws(() => cleaned('a.weight', '_orig_mod.a.weight'), appError('CHECKPOINT_INVALID', 'the same name'));
  });
});
