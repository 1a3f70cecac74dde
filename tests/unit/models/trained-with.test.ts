import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, truncate } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { openBundle } from '#kaiyan/models/bundle.js';
import type { TrainingRecord } from '#kaiyan/models/manifest.js';
import { copyTrainedWith, countTrainedWith, writeTrainedWith } from '#kaiyan/models/trained-with.js';
import { embedded } from '../../support/bundles.js';
import { temporaryFolder } from '../../support/folders.js';

const hashes = Array.from({ length: 9 }, (_, i) => createHash('sha256').update(`${i}`).digest('hex'));

describe('the list of pictures that a model has learned from', () => {
  test('knows them again, with those of the model before it, in eight bytes each and in no telling order', async (t) => {
    const [first, second] = [await temporaryFolder(t), await temporaryFolder(t)];
    const base = await openBundle(embedded('efficientnet-lite0'));
    assert.equal(await countTrainedWith(base, hashes), null, 'nothing tells');
    await writeTrainedWith(first, [...hashes.slice(0, 4), hashes[0] as string], base);
    assert.equal(await countTrainedWith({ folder: first }, hashes), 4);
    assert.equal(await countTrainedWith({ folder: first }, hashes.slice(4)), 0);
    const trained = { ...base.manifest, training: {} as TrainingRecord };
    await writeTrainedWith(second, hashes.slice(3, 6), { manifest: trained, folder: first });
    assert.equal(
      await countTrainedWith({ folder: second }, [...hashes, hashes[5] as string]),
      7,
      'each picture counts',
    );
    const digits = (await readFile(path.join(second, 'trained-with.bin'))).toString('hex');
    const expected = hashes.slice(0, 6).map((hash) => hash.slice(0, 16));
    assert.equal(digits, expected.sort().join(''));
  });

  test('goes with the model, and says nothing where it is damaged or missing', async (t) => {
    const [from, to] = [await temporaryFolder(t), await temporaryFolder(t)];
    const base = await openBundle(embedded('efficientnet-lite0'));
    await copyTrainedWith(from, to);
    assert.equal(await countTrainedWith({ folder: to }, hashes), null);
    await writeTrainedWith(from, hashes, base);
    await copyTrainedWith(from, to);
    assert.equal(await countTrainedWith({ folder: to }, hashes), 9);
    await truncate(path.join(to, 'trained-with.bin'), 11);
    assert.equal(await countTrainedWith({ folder: to }, hashes), null);
    const trained = { ...base.manifest, training: {} as TrainingRecord };
    const next = await temporaryFolder(t);
    await writeTrainedWith(next, hashes, { manifest: trained, folder: to });
    assert.equal(await countTrainedWith({ folder: next }, hashes), null, 'what came before is not known');
    await mkdir(path.join(to, 'other/trained-with.bin'), { recursive: true });
    assert.equal(await countTrainedWith({ folder: path.join(to, 'other') }, hashes), null);
  });
});
