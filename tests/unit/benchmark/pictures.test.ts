import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { samplePictures, summarize } from '#kaiyan/benchmark/pictures.js';
import { settingsWith } from '#kaiyan/config.js';
import { examples } from '../../support/paths.js';

describe('pictures to measure with', () => {
  const settings = settingsWith({});
  const { signal } = new AbortController();
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-sample-'));
    for (let i = 0; i < 6; i++) await cp(path.join(examples, 'chelsea.png'), path.join(folder, `${i}.png`));
    await writeFile(path.join(folder, 'notes.txt'), 'no picture');
  });
  after(() => rm(folder, { recursive: true }));

  test('are spread evenly over a folder that has more than are wanted', async () => {
    const { pictures } = await samplePictures(folder, 3, settings, signal);
    assert.deepEqual(
      pictures.map(({ file }) => path.basename(file)),
      ['0.png', '2.png', '4.png'],
    );
  });

  test('leave out what cannot be decoded', async () => {
    await writeFile(path.join(folder, '3.png'), 'no picture');
    const sample = await samplePictures(folder, 10, settings, signal);
    const summary = summarize(sample);
    assert.deepEqual({ ...summary, meanBytes: 0 }, { folder, count: 5, meanBytes: 0, meanPixels: 451 * 300 });
    assert.ok(summary.meanBytes > 200_000);
  });

  test('stop when nobody wants them any more', async () => {
    await assert.rejects(samplePictures(folder, 3, settings, AbortSignal.abort(new Error('enough'))), /enough/);
  });
});
