import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { readChosenModel } from '#kaiyan/chosen-model.js';
import { createClassifier } from '#kaiyan/classification/classifier.js';
import { type Settings, settingsWith } from '#kaiyan/config.js';
import { createCorrections } from '#kaiyan/corrections/store.js';
import { readDataset } from '#kaiyan/dataset/read-dataset.js';
import type { ComparedEvaluations } from '#kaiyan/evaluation/evaluation.js';
import { modelFile } from '#kaiyan/models/bundle.js';
import { createRegistry } from '#kaiyan/models/registry.js';
import { type ImproveOptions, improve } from '#kaiyan/training/improve.js';
import { train } from '#kaiyan/training/train.js';
import { TRAINING_DEFAULTS, type TrainingEvent } from '#kaiyan/training/training.js';
import { partsOf, said } from '../../support/corrections.js';
import { rejectsWith } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { examples } from '../../support/paths.js';
import { shared, withoutShared } from '../../support/requirements.js';

async function homeFor(t: TestContext) {
  const home = await temporaryFolder(t);
  const corrections = createCorrections({ home, correctionBytes: 1e9 });
  const settings: Settings = settingsWith({ home, workers: 1, precision: 'fp32' });
  const context = { settings, signal: new AbortController().signal, onEvent: () => undefined };
  return {
    ...{ home, corrections, settings, context, registry: createRegistry(home) },
    correct: async (label: string, pictures: readonly Buffer[]) => {
      for (const picture of pictures) await corrections.keep(picture, said(label));
    },
    improve: (options: ImproveOptions = {}) => improve({ augment: 1, int8: 'never', ...options }, context),
    /** The label that a model answers with for each picture. */
    answersOf: async (model: string, pictures: readonly Buffer[]) => {
      const classifier = await createClassifier({ ...settings, model });
      try {
        const labels: (string | undefined)[] = [];
        for (const picture of pictures)
          labels.push((await classifier.classify(picture, { top: 1 })).predictions[0]?.label);
        return labels;
      } finally {
        await classifier.close();
      }
    },
  };
}

const example = (name: string) => readFile(path.join(examples, name));

describe('a candidate from corrections', () => {
  test('answers what was corrected, in other pictures too, and says of others what was said before', async (t) => {
    const { home, correct, improve, answersOf, registry } = await homeFor(t);
    await correct('Minka', await partsOf('chelsea.png', 4));
    await correct('我的杯子', await partsOf('coffee.png', 4));
    const result = await improve();
    assert.deepEqual(
      [result.model, result.pictures, result.classes, result.stopped],
      ['efficientnet-lite0-corrected@1', 8, 1002, false],
    );
    const [unseenCat = Buffer.of()] = await partsOf('chelsea.png', 1, 4);
    const [unseenCup = Buffer.of()] = await partsOf('coffee.png', 1, 4);
    assert.deepEqual(await answersOf(result.model, [unseenCat, unseenCup]), ['Minka', '我的杯子']);
    const { labels, manifest } = await registry.open(result.model);
    assert.deepEqual(manifest.labels, {
      base: 'imagenet-1k',
      more: ['Minka', '我的杯子'].map((label) => ({ en: label, zh: label })),
    });
    assert.ok(
      labels.categories.some(({ key }) => key === 'cat'),
      'categories of the other classes stay',
    );
    const others = await Promise.all(['alps.jpg', 'crab.jpg', 'red-panda.jpg', 'rocket.jpg'].map(example));
    assert.deepEqual(await answersOf(result.model, others), await answersOf('efficientnet-lite0', others));

    const { present, candidate, pictures, onlyPresentRight, onlyCandidateRight, p } = result.comparison;
    assert.deepEqual([present.model, present.top1, onlyPresentRight], ['efficientnet-lite0@1', 0, 0]);
    assert.deepEqual([candidate.model, pictures], [result.model, 8]);
    assert.equal(candidate.top1, onlyCandidateRight / 8);
    const none = Math.min(1, 2 * 0.5 ** onlyCandidateRight);
    assert.ok(Math.abs(p - none) < 1e-9, 'of so many coins none shows the other side');
    assert.equal(readChosenModel(home), undefined, 'it does not answer by itself');

    const report = JSON.parse(await readFile(path.join(result.folder, 'report.json'), 'utf8')) as ComparedEvaluations;
    assert.deepEqual(
      report.evaluations.map(({ model, top1, data }) => [
        `${model.name}@${model.version}`,
        ...[model.classes, top1.value, data.pictures, data.isTrainingData],
      ]),
      [
        ['efficientnet-lite0@1', 1000, 0, 8, false],
        ['efficientnet-lite0-corrected@1', 1002, candidate.top1, 8, false],
      ],
    );
    assert.deepEqual(
      [report.paired?.onlyFirstRight, report.paired?.onlySecondRight, report.paired?.p],
      [0, onlyCandidateRight, p],
    );
    for (const [name, heading] of [
      ['report.html', 'Is one of them better?'],
      ['report.zh.html', '哪一个更好'],
    ] as const)
      assert.ok((await readFile(path.join(result.folder, name), 'utf8')).includes(heading), name);

    const again = await improve({ model: 'efficientnet-lite0' });
    assert.equal(again.model, 'efficientnet-lite0-corrected@2');
    const files = await Promise.all([result, again].map(({ model }) => registry.open(model)));
    const [first, second] = files.map((bundle) => modelFile(bundle, 'fp32').sha256);
    assert.equal(first, second, 'the same corrections make the same model');
  });

  test('keeps the categories of the classes where none is new, and its name where it was corrected before', async (t) => {
    const { correct, improve, registry } = await homeFor(t);
    await correct('埃及猫', await partsOf('chelsea.png', 2));
    const first = await improve();
    const bundle = await registry.open(first.model);
    assert.deepEqual([bundle.manifest.labels, bundle.labels.categories.length > 0], ['imagenet-1k', true]);
    assert.equal((await improve({ model: first.model })).model, 'efficientnet-lite0-corrected@2');
  });

  /** A model of cats and cups, trained with four parts of a picture each. */
  async function trainMine({ home, context }: Awaited<ReturnType<typeof homeFor>>): Promise<void> {
    const folder = path.join(home, 'data');
    for (const [label, picture] of [
      ['cat', 'chelsea.png'],
      ['cup', 'coffee.png'],
    ] as const) {
      await mkdir(path.join(folder, label), { recursive: true });
      for (const [i, part] of (await partsOf(picture, 4)).entries())
        await writeFile(path.join(folder, label, `${i}.jpg`), part);
    }
    const options = { ...TRAINING_DEFAULTS, output: 'mine', augment: 1, int8: 'never' } as const;
    await train(await readDataset(folder), options, context);
  }

  test('takes along what its model was trained with here', async (t) => {
    const mine = await homeFor(t);
    const { correct, improve, answersOf } = mine;
    await trainMine(mine);
    await correct('crab', await partsOf('crab.jpg', 3));
    const { model, pictures, classes } = await improve({ model: 'mine' });
    assert.deepEqual([model, pictures, classes], ['mine-corrected@1', 11, 3]);
    const asked = [await example('chelsea.png'), await example('coffee.png'), await example('crab.jpg')];
    assert.deepEqual(await answersOf(model, asked), ['cat', 'cup', 'crab']);
  });

  test('takes a picture that its model was trained with as people say now, and as that alone', async (t) => {
    const mine = await homeFor(t);
    await trainMine(mine);
    await mine.correct('dog', await partsOf('chelsea.png', 2));
    const { pictures, comparison } = await mine.improve({ model: 'mine' });
    assert.deepEqual([pictures, comparison.pictures], [8, 2]);
  });

  test('is said to be measured too well where a class was corrected with copies of one picture alone', async (t) => {
    const { correct, context } = await homeFor(t);
    const [part = Buffer.of()] = await partsOf('chelsea.png', 1);
    await correct('Minka', [part, await sharp(part).jpeg({ quality: 70 }).toBuffer()]);
    await correct('cup', await partsOf('coffee.png', 2));
    const told: string[] = [];
    const onEvent = (event: TrainingEvent) => {
      if (event.kind === 'finding') told.push(`${event.finding.kind}: ${event.finding.message}`);
    };
    const { folder } = await improve({ augment: 0, int8: 'never' }, { ...context, onEvent });
    assert.equal(told.length, 1, told.join());
    assert.match(told[0] ?? '', /^only-copies: .*Minka \(2\)\..* too good/);
    assert.match(
      await readFile(path.join(folder, 'report.html'), 'utf8'),
      /Minka \(2\)\. What is measured of it is too good/,
    );
    assert.match(await readFile(path.join(folder, 'report.zh.html'), 'utf8'), /Minka \(2\)。/);
  });

  test('is not made from too few pictures, nor by a training that is ended', async (t) => {
    const { home, correct, improve: make, context, registry } = await homeFor(t);
    await rejectsWith(make(), 'CORRECTIONS_TOO_FEW');
    await correct('Minka', await partsOf('chelsea.png', 1));
    await rejectsWith(make(), 'CORRECTIONS_TOO_FEW');
    await correct('Minka', await partsOf('chelsea.png', 1, 1));
    await rejectsWith(improve({}, { ...context, signal: AbortSignal.abort() }), 'ABORTED');
    await rejectsWith(make({ model: 'efficientnet-lite2' }), 'PRECISION_UNAVAILABLE');
    assert.deepEqual(await registry.names(), ['efficientnet-lite0', 'efficientnet-lite2']);
    assert.ok(!(await readdir(home)).includes('promotions.jsonl'));
  });

  test('is not installed where its report cannot be written', async (t) => {
    const { home, correct, context, registry } = await homeFor(t);
    await correct('Minka', await partsOf('chelsea.png', 2));
    const folder = path.join(home, 'run');
    const onEvent = (event: TrainingEvent) => {
      const isInstalling = event.kind === 'progress' && event.phase === 'installing';
      if (isInstalling) mkdirSync(path.join(folder, 'report.json'), { recursive: true });
    };
    await rejectsWith(improve({ augment: 0, int8: 'never' }, { ...context, folder, onEvent }), 'DATA_UNWRITABLE');
    assert.deepEqual(await registry.names(), ['efficientnet-lite0', 'efficientnet-lite2']);
  });

  test('learns a class from five photographs and forgets nothing', { skip: withoutShared() }, async (t) => {
    const { correct, improve, answersOf } = await homeFor(t);
    const read = async (folder: string, from: number, to: number) => {
      const names = (await readdir(path.join(shared, folder))).filter((name) => /\.jpe?g$/i.test(name)).sort();
      return Promise.all(names.slice(from, to).map((name) => readFile(path.join(shared, folder, name))));
    };
    await correct('my ant', await read('transfer/hymenoptera/ants', 0, 5));
    await correct('bee', await read('transfer/hymenoptera/bees', 0, 5));
    const { model } = await improve({ augment: 4 });
    const ants = await answersOf(model, await read('transfer/hymenoptera/ants', 5, 25));
    const named = ants.filter((label) => label === 'my ant').length;
    assert.ok(named >= 14, `${named} of ${ants.length}`);
    const others = await read('calibration', 0, 40);
    const [now, before] = [await answersOf(model, others), await answersOf('efficientnet-lite0', others)];
    const changed = now.filter((label, i) => label !== before[i]).length;
    assert.ok(changed <= 2, `${changed} of ${others.length}`);
  });
});
