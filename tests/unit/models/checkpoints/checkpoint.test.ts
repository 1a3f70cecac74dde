import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { readCheckpoint } from '#kaiyan/models/checkpoints/checkpoint.js';
import type { Tensor } from '#kaiyan/models/checkpoints/tensor.js';
import { checkpointFixture, expectedCheckpoints } from '../../../support/checkpoints.js';
import { appError } from '../../../support/errors.js';
import { sha256 } from '../../../support/goldens.js';
import { shared, withoutShared } from '../../../support/requirements.js';

const formats: Readonly<Record<string, string>> = {
  'golden/legacy.pth': 'pytorch-legacy',
  'own/legacy-protocol4.pth': 'pytorch-legacy',
  'own/legacy-python2.pth': 'pytorch-legacy',
  'own/legacy-views.pth': 'pytorch-legacy',
  'own/many.pth': 'pytorch-legacy',
};

/** As expected.json has them: a -0 is told from a 0 there, and JSON has no infinities. */
const valuesOf = (tensor: Tensor) =>
  Array.from(tensor.float32(), (value) => (Number.isFinite(value) ? value : String(value).replace('Infinity', 'inf')));

describe('a checkpoint', () => {
  test('that PyTorch or safetensors wrote has exactly the tensors that they say', async (t) => {
    for (const [file, expected] of await expectedCheckpoints()) {
      await t.test(file, async () => {
        const { format, tensors } = await readCheckpoint(checkpointFixture(file));
        assert.equal(format, formats[file] ?? (file.endsWith('.safetensors') ? 'safetensors' : 'pytorch'));
        assert.deepEqual([...tensors.keys()].sort(), Object.keys(expected).sort());
        for (const [name, { shape, values }] of Object.entries(expected)) {
          const tensor = tensors.get(name) as Tensor;
          assert.deepEqual(tensor.shape, shape, name);
          assert.deepStrictEqual(valuesOf(tensor), values, name);
        }
      });
    }
  });

  test('keeps the order of its tensors, and their types', async () => {
    const { tensors } = await readCheckpoint(checkpointFixture('own/types.pth'));
    for (const [name, { dtype }] of tensors) assert.equal(dtype, name);
    assert.deepEqual(
      [...tensors.keys()],
      ['float64', 'float32', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'],
    );
  });

  test('is named by the hash of its file', async () => {
    const file = checkpointFixture('golden/plain.pth');
    assert.equal((await readCheckpoint(file)).sha256, sha256(await readFile(file)));
  });

  test('gives a fresh array each time, also of tensors that share their elements', async () => {
    const { tensors } = await readCheckpoint(checkpointFixture('own/views.pth'));
    const first = tensors.get('tied.a')?.float32() as Float32Array;
    const original = Float32Array.from(first);
    first.fill(0);
    assert.deepEqual(tensors.get('tied.a')?.float32(), original);
    assert.deepEqual(tensors.get('tied.b')?.float32(), original);
  });

  test('is not read on once its caller has given up', async () => {
    const signal = AbortSignal.abort();
    await assert.rejects(readCheckpoint(checkpointFixture('golden/plain.pth'), { signal }), appError('ABORTED'));
  });

  // Counted and hashed in PyTorch 2.13: for each name in order, the name and its elements as float32.
  for (const [file, count, elements, hash] of [
    [
      'efficientnet-lite0-57934424.pth',
      296,
      4_694_073,
      '02c835c4dbc686ce1e8d1f42f97140bbcffae14a6c74478f98a5169bc3ae7116',
    ],
    ['resnet18-standin.pth', 122, 11_699_132, '12760db58275eee1ab06c516965de14cc24508d0c78cb70af2cb50372dc32744'],
  ] as const) {
    test(`of real size has the elements that PyTorch reads: ${file}`, { skip: withoutShared() }, async () => {
      const { tensors } = await readCheckpoint(path.join(shared, 'models', file));
      const sum = createHash('sha256');
      let total = 0;
      for (const name of [...tensors.keys()].sort()) {
        const values = tensors.get(name)?.float32() as Float32Array;
        total += values.length;
        sum.update(name).update(values);
      }
      assert.deepEqual([tensors.size, total, sum.digest('hex')], [count, elements, hash]);
    });
  }
});
