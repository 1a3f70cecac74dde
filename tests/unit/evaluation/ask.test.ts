import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { settingsWith } from '#kaiyan/config.js';
import { type AskedPicture, askModels } from '#kaiyan/evaluation/ask.js';
import { openBundle } from '#kaiyan/models/bundle.js';
import type { Precision } from '#kaiyan/models/manifest.js';
import { embedded } from '../../support/bundles.js';
import { draw, encode } from '../../support/drawings.js';
import { temporaryFolder } from '../../support/folders.js';
import { examples } from '../../support/paths.js';

test('precisions that are asked together answer as each does alone, also where pictures are reduced', async (t) => {
  const folder = await temporaryFolder(t);
  const large = draw(1400, 1100, (x, y) => [(x * 7) % 256, (y * 5) % 256, (x * y) % 256]);
  await writeFile(path.join(folder, 'large.jpg'), await encode(large, 'JPEG'));
  await writeFile(path.join(folder, 'broken.jpg'), 'no picture');
  const files = [
    ...['large.jpg', 'broken.jpg', 'gone.jpg'].map((name) => path.join(folder, name)),
    ...['crab.jpg', 'coffee.png'].map((name) => path.join(examples, name)),
  ];
  const pictures = files.map((file, truth) => ({ path: file, name: path.basename(file), truth }));
  const bundle = await openBundle(embedded('efficientnet-lite0'));
  const { signal } = new AbortController();

  for (const [shrinkOnLoad, workers] of [
    [false, 2],
    [false, 1],
    [true, 2],
  ] as const) {
    const settings = settingsWith({ shrinkOnLoad, workers, threads: 1 });
    const ask = async (precisions: readonly Precision[]) => {
      let steps = 0;
      const contestants = precisions.map((precision) => ({ bundle, precision, pictures }));
      const onStep = () => {
        steps += 1;
      };
      const asked = await askModels(contestants, { settings, signal, onStep });
      assert.equal(steps, precisions.length * pictures.length);
      return asked.map((answers) => answers.map(described));
    };
    const [fp32, int8] = await ask(['fp32', 'int8']);
    assert.deepEqual([[fp32], [int8]], [await ask(['fp32']), await ask(['int8'])]);
    assert.deepEqual(fp32?.slice(1, 3), ['broken.jpg: IMAGE_UNSUPPORTED', 'gone.jpg: FILE_UNREADABLE']);
    assert.notDeepEqual(fp32, int8);
  }
});

test('precisions that are asked together share the workers of one, and take turns where there is but one', async (t) => {
  const together: number[] = [];
  let running = 0;
  const count = (worker: Worker) => {
    together.push(++running);
    worker.once('exit', () => {
      running -= 1;
    });
  };
  process.on('worker', count);
  t.after(() => process.off('worker', count));
  const bundle = await openBundle(embedded('efficientnet-lite0'));
  const pictures = [{ path: path.join(examples, 'crab.jpg'), name: 'crab.jpg', truth: 0 }];
  const contestants = (['fp32', 'int8'] as const).map((precision) => ({ bundle, precision, pictures }));
  const { signal } = new AbortController();
  for (const [workers, expected] of [
    [4, [1, 2, 3, 4]],
    [1, [1, 1]],
  ] as const) {
    together.length = 0;
    const settings = settingsWith({ workers, threads: 1, shrinkOnLoad: true });
    await askModels(contestants, { settings, signal, onStep: () => undefined });
    assert.deepEqual(together, expected);
  }
});

const described = ({ picture: { name }, answer }: AskedPicture) =>
  'code' in answer ? `${name}: ${answer.code}` : { name, ...answer };
