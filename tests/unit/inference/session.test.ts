import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { openSession } from '#kaiyan/inference/session.js';
import { poolOptions } from '../../support/bundles.js';
import { appError } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { fixtures } from '../../support/paths.js';

describe('a session', () => {
  test('runs a model with one and with two threads alike', async () => {
    const { file } = await poolOptions('fp32');
    const tensor = new Float32Array(3 * 224 * 224).map((_, i) => Math.sin(i));
    const results: Float32Array[] = [];
    for (const threads of [1, 2]) {
      const session = await openSession(file, threads);
      results.push(Float32Array.from(await session.logits(tensor)));
      await session.release();
    }
    const [one, two] = results as [Float32Array, Float32Array];
    assert.equal(one.length, 1000);
    assert.ok(one.every((logit, i) => Math.abs(logit - (two[i] as number)) < 1e-3));
  });

  test('sees what its tensor holds now, also when the same memory is filled again', async () => {
    const { file } = await poolOptions();
    const session = await openSession(file, 1);
    const tensor = new Float32Array(3 * 224 * 224);
    const before = Float32Array.from(await session.logits(tensor));
    const other = Float32Array.from(await session.logits(new Float32Array(tensor.length).fill(1)));
    tensor.fill(1);
    const after = Float32Array.from(await session.logits(tensor));
    assert.deepEqual(after, other);
    assert.notDeepEqual(after, before);
    await session.release();
  });

  test('refuses a file with another hash and names both', async () => {
    const { file } = await poolOptions();
    const expected = '0'.repeat(64);
    await assert.rejects(
      openSession({ ...file, sha256: expected }, 1),
      appError('MODEL_DAMAGED', expected, file.sha256),
    );
  });

  test('refuses what the runtime cannot load', async (t) => {
    const { file } = await poolOptions();
    const fake = path.join(await temporaryFolder(t), 'model.onnx');
    await writeFile(fake, 'no model');
    const sha256 = createHash('sha256').update('no model').digest('hex');
    await assert.rejects(openSession({ ...file, path: fake, sha256 }, 1), appError('MODEL_INVALID', fake));
  });

  test('refuses a model that keeps its weights in another file, even if that file is in the working directory', async (t) => {
    const file = path.join(fixtures, 'onnx/external-data.onnx');
    const sha256 = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    const tiny = { path: file, sha256, input: 'input', logits: 'logits', shape: [3, 1, 1], classes: 2 } as const;
    const before = process.cwd();
    t.after(() => process.chdir(before));
    process.chdir(path.dirname(file));
    await assert.rejects(openSession(tiny, 1), appError('MODEL_INVALID', 'External data'));
  });
});
