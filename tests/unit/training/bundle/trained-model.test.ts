import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { startClassifier } from '#kaiyan/classification/classifier.js';
import { settingsWith } from '#kaiyan/config.js';
import { explain } from '#kaiyan/explanation/explain.js';
import { type Bundle, openBundle, verifyBundle } from '#kaiyan/models/bundle.js';
import type { Precision, TrainingRecord } from '#kaiyan/models/manifest.js';
import { createRegistry } from '#kaiyan/models/registry.js';
import { countTrainedWith } from '#kaiyan/models/trained-with.js';
import { createRandom } from '#kaiyan/random.js';
import { draftModel, installDraft, type TrainedModel, withoutInt8 } from '#kaiyan/training/bundle/trained-model.js';
import { embedded } from '../../../support/bundles.js';
import { rejectsWith } from '../../../support/errors.js';
import { temporaryFolder } from '../../../support/folders.js';
import { examples } from '../../../support/paths.js';

const base = await openBundle(embedded('efficientnet-lite0'));
const picture = await readFile(path.join(examples, 'coffee.png'));
const labels = ['蚂蚁', '🐝', 'a/b'];
const random = createRandom('head');

const record: TrainingRecord = {
  recipe: { unfreeze: 0, epochs: 1, augment: 0, seed: 0, validation: 0.2, regularisation: 0.1, bestEpoch: 0 },
  data: { sha256: '0'.repeat(64), pictures: [1, 2, 3], validation: 1 },
  crossValidated: { accuracy: 1, loss: 0 },
  validation: null,
};

const trained: TrainedModel = {
  ...{ name: 'mine', version: '1', temperature: 1.5, record },
  classes: labels.map((label) => ({ label, zh: label })),
  learned: ['a'.repeat(64), 'b'.repeat(64)],
  head: {
    ...{ classes: 3, dimensions: 1280 },
    weights: Float32Array.from({ length: 3 * 1280 }, () => (random.next() - 0.5) / 4),
    bias: Float32Array.of(0.1, -0.2, 0.3),
  },
};

async function inspect(bundle: Bundle, precision: Precision, t: { after: (work: () => Promise<void>) => void }) {
  const classifier = await startClassifier(bundle, { settings: settingsWith({}), precision });
  t.after(classifier.close);
  const seen = await classifier.inspect(
    picture,
    { outputs: ['embedding'] },
    async ({ logits, outputs, classification }) => ({
      logits: [...logits],
      embedding: [...(outputs.get('embedding')?.data ?? [])],
      classification,
    }),
  );
  return { ...seen, classifier };
}

describe('a model with a new last layer', () => {
  for (const precision of ['fp32', 'int8'] as const) {
    test(`answers in ${precision} what the layer makes of the embedding, and can be explained exactly`, async (t) => {
      const draft = await draftModel(base, trained, path.join(await temporaryFolder(t), 'draft'));
      const { logits, embedding, classification, classifier } = await inspect(draft, precision, t);
      const { weights, bias } = trained.head;
      for (const [c, logit] of logits.entries()) {
        const product = embedding.reduce(
          (sum, value, i) => sum + value * (weights[c * 1280 + i] as number),
          bias[c] as number,
        );
        assert.ok(Math.abs(product - logit) < 1e-3, `${logit} instead of ${product}`);
      }
      assert.deepEqual(classification.predictions.map(({ label }) => label).sort(), [...labels].sort());
      const explanation = await explain(classifier, picture, { class: '🐝' });
      assert.equal(explanation.method, 'class-activation-map');
      assert.equal(explanation.exact, true);
    });
  }

  test('is given weights that were trained too, and then has no INT8', async (t) => {
    const folder = path.join(await temporaryFolder(t), 'draft');
    const before = await draftModel(base, trained, folder);
    const changed = new Map([['head.bias', new Float32Array(1280).fill(0.5)]]);
    const one = await inspect(before, 'fp32', t);
    const draft = await draftModel(base, { ...trained, weights: changed }, `${folder}-2`);
    assert.deepEqual(
      draft.manifest.files.map(({ precision }) => precision),
      ['fp32'],
    );
    const other = await inspect(draft, 'fp32', t);
    assert.notDeepEqual(other.embedding, one.embedding);
    const unknown = new Map([['no such thing', new Float32Array(1)]]);
    await rejectsWith(draftModel(base, { ...trained, weights: unknown }, folder), 'MODEL_INVALID');
  });

  test('is installed whole, says what it comes from, and keeps its licence', async (t) => {
    const home = await temporaryFolder(t);
    const draft = await withoutInt8(await draftModel(base, trained, path.join(home, 'draft')));
    const metrics = [{ precision: 'fp32' as const, top1: 90, on: 'pictures', source: 'measured' as const }];
    const registry = createRegistry(home);
    await installDraft(registry, draft, { metrics, training: record });
    const { manifest, folder } = await registry.open('mine');
    assert.ok((await verifyBundle({ manifest, folder })).every(({ ok }) => ok));
    assert.equal(manifest.source.model, 'efficientnet-lite0@1');
    assert.deepEqual(manifest.training, record);
    assert.equal(manifest.license, base.manifest.license);
    assert.equal(await countTrainedWith({ folder }, [...trained.learned, 'f'.repeat(64)]), 2);
    assert.equal(manifest.parameters, 4652008 - 1000 * 1281 + 3 * 1281);
    assert.deepEqual(await readFile(path.join(folder, 'LICENSE')), await readFile(path.join(base.folder, 'LICENSE')));
    await rejectsWith(installDraft(registry, draft, { metrics, training: record }), 'MODEL_EXISTS');
  });
});
