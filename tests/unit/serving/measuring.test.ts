import assert from 'node:assert/strict';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { choosePrecision, readVerdict } from '#kaiyan/classification/precision.js';
import { settingsWith } from '#kaiyan/config.js';
import { type Bundle, openBundle } from '#kaiyan/models/bundle.js';
import type { Precision } from '#kaiyan/models/manifest.js';
import type { Variant } from '#kaiyan/serving/loaded-models.js';
import { createMeasuring } from '#kaiyan/serving/measuring.js';
import { createServing } from '#kaiyan/serving/serving.js';
import { embedded, embeddedManifest } from '../../support/bundles.js';
import { temporaryFolder } from '../../support/folders.js';
import { until } from '../../support/timing.js';

const LITE0 = 'efficientnet-lite0';

const variantOf = (bundle: Bundle): Variant => ({
  bundle,
  fingerprint: bundle.folder,
  precision: 'int8',
  provisional: true,
});

describe('measuring the precisions of loaded models', () => {
  test('stops for a pause, and begins anew after it', { timeout: 90_000 }, async (t) => {
    const home = await temporaryFolder(t);
    const bundle = await openBundle(embedded(LITE0));
    const verdicts: Precision[] = [];
    let asked = 0;
    const measuring = createMeasuring({
      home,
      isIdle: () => {
        asked += 1;
        return true;
      },
      onVerdict: (_model, precision) => verdicts.push(precision),
      onNotice: () => undefined,
    });
    t.after(measuring.close);
    t.mock.timers.enable({ apis: ['setInterval'] });
    measuring.add(variantOf(bundle));
    t.mock.timers.tick(10_000);
    assert.equal(asked, 2, 'it has begun');
    await sleep(300);
    await measuring.pause();
    assert.equal(await readVerdict(bundle, home), undefined);
    t.mock.timers.tick(60_000);
    assert.equal(asked, 2, 'nothing is looked at while it pauses');
    measuring.resume();
    t.mock.timers.tick(10_000);
    await until('there is a verdict', () => verdicts.length === 1, 60_000);
    assert.equal(asked, 4);
  });

  test('swaps a model that was chosen automatically for the better precision', { timeout: 90_000 }, async (t) => {
    const home = await temporaryFolder(t);
    await installExchanged(home);
    t.mock.timers.enable({ apis: ['setInterval'] });
    const notices: string[] = [];
    const settings = settingsWith({ home, model: 'exchanged', workers: 1, threads: 1, loadedModels: 1 });
    const serving = await createServing({ settings, onNotice: (notice) => notices.push(notice) });
    t.after(serving.close);
    const before = serving.active().precision;
    const bundle = await serving.registry.open('exchanged');
    t.mock.timers.tick(10_000);
    await until('it was measured', async () => (await readVerdict(bundle, home)) !== undefined, 60_000);
    const { precision } = await choosePrecision(bundle, 'auto', home);
    await until('the better one answers', () => serving.active().precision === precision, 30_000);
    if (before !== precision) await until('the operator is told', () => /Measured/.test(notices.join()));
    await until('the other one has gone', () => serving.loaded().length === 1);
  });
});

/** A model whose INT8 is FP32 and the other way round: on a CPU with VNNI the one that is chosen at first is the slower one. */
async function installExchanged(home: string): Promise<void> {
  const { files, ...manifest } = await embeddedManifest();
  const folder = path.join(home, 'models/exchanged');
  await mkdir(folder, { recursive: true });
  const exchanged = (files as { precision: string; path: string }[]).map((file) => ({
    ...file,
    precision: file.precision === 'int8' ? 'fp32' : 'int8',
  }));
  for (const name of ['model.int8.onnx', 'model.fp32.onnx', 'LICENSE'])
    await copyFile(path.join(embedded(LITE0), name), path.join(folder, name));
  await writeFile(
    path.join(folder, 'model.json'),
    JSON.stringify({ ...manifest, name: 'exchanged', files: exchanged }),
  );
}
