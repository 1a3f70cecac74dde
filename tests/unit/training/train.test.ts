import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { settingsWith } from '#kaiyan/config.js';
import { readDataset } from '#kaiyan/dataset/read-dataset.js';
import type { Finding } from '#kaiyan/training/check/finding.js';
import { train } from '#kaiyan/training/train.js';
import { TRAINING_DEFAULTS, type TrainingEvent, type TrainingOptions } from '#kaiyan/training/training.js';
import { rejectsWith } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { drawOwnPictures } from '../../support/own-pictures.js';
import { examples } from '../../support/paths.js';

test('where few pictures are held out, others help to tell whether INT8 agrees', async (t) => {
  const home = await temporaryFolder(t);
  const dataset = await readDataset(await drawOwnPictures(path.join(home, 'own'), { one: 8, two: 8 }));
  const events: TrainingEvent[] = [];
  const warnings: Error[] = [];
  const warned = (warning: Error) => void warnings.push(warning);
  process.on('warning', warned);
  t.after(() => process.off('warning', warned));
  const result = await train(
    dataset,
    { ...TRAINING_DEFAULTS, output: 'own', augment: 0, int8: 'always' },
    {
      settings: settingsWith({ home, workers: 4 }),
      signal: new AbortController().signal,
      onEvent: (event) => void events.push(event),
    },
  );
  assert.ok(result.validation.pictures < 8);
  const asked = events.flatMap((event) =>
    event.kind === 'progress' && event.phase === 'evaluating' ? [event.total] : [],
  );
  assert.equal(Math.max(...asked), 2 * 16);
  assert.deepEqual(warnings, [], 'of Node');
});

test('more stages than the network has are refused before any picture is read', async (t) => {
  const home = await temporaryFolder(t);
  const dataset = await readDataset(await drawOwnPictures(path.join(home, 'own'), { one: 2, two: 2 }));
  const events: TrainingEvent[] = [];
  await rejectsWith(
    train(
      dataset,
      { ...TRAINING_DEFAULTS, output: 'own', unfreeze: 6 },
      {
        settings: settingsWith({ home }),
        signal: new AbortController().signal,
        onEvent: (event) => void events.push(event),
      },
    ),
    'TRAINING_UNSUPPORTED',
  );
  assert.deepEqual(events, []);
  assert.deepEqual(await readdir(home), ['own'], 'nothing is left of it');
});

test('a picture that vanishes before stages are trained is left out there, and the report says so', async (t) => {
  const home = await temporaryFolder(t);
  const source = await drawOwnPictures(path.join(home, 'own'), { one: 6, two: 6 });
  const findings: unknown[] = [];
  const result = await train(
    await readDataset(source),
    { ...TRAINING_DEFAULTS, output: 'own', augment: 0, int8: 'never', unfreeze: 1, epochs: 1 },
    {
      settings: settingsWith({ home, workers: 1 }),
      signal: new AbortController().signal,
      onEvent: (event) => {
        if (event.kind === 'progress' && event.phase === 'fitting')
          rmSync(path.join(source, 'one/3.png'), { force: true });
        if (event.kind === 'finding' && event.finding.kind === 'unreadable') findings.push(event.finding);
      },
    },
  );
  const report = JSON.parse(await readFile(path.join(result.folder, 'report.json'), 'utf8'));
  assert.deepEqual(
    findings.map((finding) => (finding as { pictures: string[] }).pictures),
    [['one/3.png']],
  );
  assert.match(JSON.stringify(report.findings), /1 picture could not be read at some point/);
});

test('of two bursts that a class consists of one is held out, and it is said that the other one is asked about itself', async (t) => {
  const home = await temporaryFolder(t);
  const source = await drawOwnPictures(path.join(home, 'own'), { one: 8 });
  await mkdir(path.join(source, 'two'));
  for (const example of ['crab.jpg', 'red-panda.jpg'])
    for (let i = 0; i < 4; i++) {
      const jpeg = sharp(path.join(examples, example)).jpeg({ quality: 60 + 10 * i });
      await jpeg.toFile(path.join(source, 'two', `${i}-${example}`));
    }
  const found: Finding[] = [];
  await train(
    await readDataset(source),
    { ...TRAINING_DEFAULTS, output: 'own', augment: 0, int8: 'never' },
    {
      settings: settingsWith({ home, workers: 1 }),
      signal: new AbortController().signal,
      onEvent: (event) => {
        if (event.kind === 'finding') found.push(event.finding);
      },
    },
  );
  const copies = found.filter(({ kind }) => kind === 'only-copies');
  assert.deepEqual(
    copies.map(({ classes, pictures }) => [classes, pictures.length]),
    [[['two'], 4]],
  );
  assert.match(copies[0]?.message ?? '', /apart from those that are held out: two \(4\)/);
});

test('resumed once its model is there, it names that one, also behind others; and makes another version where it is told to', async (t) => {
  const home = await temporaryFolder(t);
  const dataset = await readDataset(await drawOwnPictures(path.join(home, 'own'), { one: 4, two: 4 }));
  const make = async (changes: Partial<TrainingOptions>) => {
    const options = { ...TRAINING_DEFAULTS, output: 'own', augment: 0, int8: 'never', ...changes } as const;
    const context = { settings: settingsWith({ home, workers: 1 }), signal: new AbortController().signal };
    const { model, folder } = await train(dataset, options, { ...context, onEvent: () => undefined });
    const report = JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8'));
    const { name, version } = report.evaluations[0].model;
    return [model, `${name}@${version}`];
  };
  assert.deepEqual(await make({ resume: true }), ['own@1', 'own@1']);
  assert.deepEqual(await make({ resume: true, seed: 1 }), ['own@2', 'own@2']);
  assert.deepEqual(await make({ resume: true }), ['own@1', 'own@1']);
  assert.deepEqual(await make({ resume: true, output: 'own@7' }), ['own@7', 'own@7']);
});
