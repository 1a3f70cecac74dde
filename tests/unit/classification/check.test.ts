import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { checkAnswers, problemOf } from '#kaiyan/classification/check.js';
import { createIntake } from '#kaiyan/classification/intake.js';
import { settingsWith } from '#kaiyan/config.js';
import { createPool } from '#kaiyan/inference/pool.js';
import { type Bundle, openBundle } from '#kaiyan/models/bundle.js';
import { customBundle, embedded, type ManifestJson, poolOptions } from '../../support/bundles.js';
import { appError } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';

const workers = 2;

async function checking(t: TestContext, bundle: Bundle, script?: URL): Promise<void> {
  const intake = createIntake(settingsWith({ home: '/dev/null/kaiyan' }));
  const pool = createPool({ ...(await poolOptions()), workers, ...(script && { script }) });
  t.after(async () => {
    await pool.close();
    await intake.decoder.close();
  });
  await checkAnswers(bundle, { pool, workers, model: 'the model' }, intake.decoder);
}

const bundleWith = async (t: TestContext, changes: ManifestJson) =>
  openBundle(await customBundle(await temporaryFolder(t), 'mine', changes));

describe('a model that is checked', () => {
  test('knows the answer of its manifest in every worker', async (t) => {
    const bundle = await openBundle(embedded('efficientnet-lite0'));
    assert.equal(bundle.manifest.check?.class, 967);
    await checking(t, bundle);
  });

  test('and says something else is refused, with what and instead of what', async (t) => {
    const bundle = await bundleWith(t, { check: { picture: 'coffee.png', class: 1 } });
    await assert.rejects(checking(t, bundle), appError('MODEL_CHECK_FAILED', 'the model', 'espresso', 'goldfish'));
  });

  test('and is less sure than it should be is refused', async (t) => {
    const bundle = await bundleWith(t, {
      temperature: 10,
      check: { picture: 'coffee.png', class: 967, minProbability: 0.9 },
    });
    await assert.rejects(checking(t, bundle), appError('MODEL_CHECK_FAILED', '0.9'));
  });

  test('without a known answer has to give numbers', async (t) => {
    const { check: _, ...manifest } = (await openBundle(embedded('efficientnet-lite0'))).manifest;
    await checking(t, { ...(await openBundle(embedded('efficientnet-lite0'))), manifest });
  });

  test('is refused if one of its workers cannot start, though the other can', async (t) => {
    const bundle = await openBundle(embedded('efficientnet-lite0'));
    const script = new URL('../../support/workers/cannot-start.js', import.meta.url);
    await assert.rejects(checking(t, bundle, script), appError('WORKER_FAILED'));
  });
});

test('logits that no working model gives are told apart', async () => {
  const { labels, manifest } = await openBundle(embedded('efficientnet-lite0'));
  const { check: _, ...unknown } = manifest;
  const logits = (fill: (index: number) => number, count = 1000) =>
    Float32Array.from({ length: count }, (_, i) => fill(i));
  const problem = (values: Float32Array) => problemOf(values, { labels, manifest: unknown });
  assert.equal(problem(logits((i) => i / 1000)), undefined);
  assert.match(problem(logits((i) => i, 999)) ?? '', /999 logits for 1000 classes/);
  assert.match(problem(logits(() => 0)) ?? '', /all equal/);
  assert.match(problem(logits((i) => (i === 500 ? Number.NaN : i))) ?? '', /no finite numbers/);
  assert.match(problem(logits((i) => (i === 999 ? Number.POSITIVE_INFINITY : i))) ?? '', /no finite numbers/);
});
