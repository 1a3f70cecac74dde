import assert from 'node:assert/strict';
import os from 'node:os';
import { test } from 'node:test';
import { usableMemory } from '#kaiyan/inference/machine.js';
import { estimateMemory, memoryLimit } from '#kaiyan/serving/memory.js';

test('models may take a quarter of the memory, or what is set', () => {
  assert.ok(usableMemory() > 100e6 && usableMemory() <= os.totalmem());
  assert.equal(memoryLimit({ modelMemory: 0 }), Math.floor(usableMemory() / 4));
  assert.equal(memoryLimit({ modelMemory: 300e6 }), 300e6);
});

test('a model is taken for what was measured, for each of its workers', () => {
  const megabytes = (file: number, workers: number) => estimateMemory(file * 1e6, workers) / 1e6;
  // Resident memory of sessions: EfficientNet-Lite0 in both precisions, and ResNet-18.
  for (const [file, measured] of [
    [5.1, 28],
    [18.5, 44],
    [46.7, 80],
  ] as const)
    assert.ok(Math.abs(megabytes(file, 1) - measured) < 5, `${megabytes(file, 1)} for ${file}`);
  assert.ok(Math.abs(megabytes(46.7, 4) - 4 * megabytes(46.7, 1)) < 1e-6);
});
