import assert from 'node:assert/strict';
import os from 'node:os';
import { describe, test } from 'node:test';
import { describeCpu, usableCores } from '#kaiyan/inference/machine.js';

describe('the machine', () => {
  test('has at least one usable core, and no more than the process may use', () => {
    assert.ok(Number.isInteger(usableCores()));
    assert.ok(usableCores() >= 1 && usableCores() <= os.availableParallelism());
  });

  test('is described by its CPU', () => {
    const { model, architecture, fastInt8 } = describeCpu();
    assert.ok(model.length > 0);
    assert.equal(architecture, process.arch);
    assert.ok([true, false, undefined].includes(fastInt8));
  });
});
