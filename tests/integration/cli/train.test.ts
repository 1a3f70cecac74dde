import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyBundle } from '#kaiyan/models/bundle.js';
import { createRegistry } from '#kaiyan/models/registry.js';
import { drawOwnPicture, drawOwnPictures } from '../../support/own-pictures.js';
import { jsonLines, kaiyan, startKaiyan } from '../../support/run-command.js';

const home = mkdtempSync(path.join(os.tmpdir(), 'kaiyan-train-'));
after(() => rm(home, { recursive: true, force: true, maxRetries: 10 }));
const data = await drawOwnPictures(path.join(home, 'Own Pictures'), { 蚂蚁: 10, '🐝 bees': 10, "it's c": 8 });
await mkdir(path.join(data, 'nothing yet'));

const train = (...args: string[]) => kaiyan(['train', '--data-path', data, '--augment', '1', '--home', home, ...args]);

interface Result {
  readonly model: string;
  readonly crossValidated: number;
  readonly validation: { readonly pictures: number; readonly top1: number; readonly loss: number };
  readonly folder: string;
}

const resultOf = (stdout: string) => JSON.parse(stdout) as Result;

interface Report {
  readonly curve: readonly unknown[];
  readonly evaluations: readonly { readonly model: { readonly name: string; readonly version: string } }[];
}

/** What came of it, without what says which run it was. */
const figuresOf = ({ crossValidated, validation }: Result) => ({ crossValidated, validation });

describe('kaiyan train', () => {
  test('makes a model of folders of pictures, which answers with the names of the folders', async () => {
    const { status, stdout, stderr } = await train('--num-classes', '3');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^Trained own-pictures@1 from efficientnet-lite0/);
    assert.match(stdout, /kaiyan promote own-pictures@1/);
    assert.match(stderr, /Note: .*nothing yet/);
    const reports = [/^report +(.+)$/m, /^in Chinese +(.+)$/m].map((line) => line.exec(stdout)?.[1] ?? '');
    const languages = await Promise.all(
      reports.map(async (file) => /lang="(.+?)"/.exec(await readFile(file, 'utf8'))?.[1]),
    );
    assert.deepEqual(languages, ['en', 'zh-Hans']);
    const pictures = [
      ['🐝 bees', 1],
      ['蚂蚁', 0],
    ] as const;
    for (const [label, kind] of pictures) {
      const picture = path.join(home, `${kind}.png`);
      await writeFile(picture, await drawOwnPicture(kind, 1000));
      const answer = await kaiyan(['classify', picture, '--json', '--model', 'own-pictures', '--home', home]);
      const [{ predictions } = { predictions: [] }] = jsonLines(answer.stdout);
      assert.equal((predictions as { label: string }[])[0]?.label, label, answer.stdout);
    }
    const { manifest } = await createRegistry(home).open('own-pictures');
    assert.deepEqual(manifest.training?.data.pictures, [8, 10, 10]);
    assert.doesNotMatch(JSON.stringify(manifest), /\.png|kaiyan-train/, 'a bundle does not tell of files');
    const learned = 28 - (manifest.training?.data.validation ?? 0);
    const asked = await kaiyan(['evaluate', data, '--model', 'own-pictures', '--home', home]);
    assert.ok(asked.stdout.includes(`trained with ${learned} of these 28 pictures`), asked.stdout);
  });

  test('gives the same result again, with Chinese names where there are some; and one process at a time', async () => {
    const labels = path.join(home, 'labels.tsv');
    await writeFile(labels, "it's c\t丙\n蚂蚁\t蚂蚁\n");
    const { stdout } = await train('--json', '--labels', labels);
    const again = resultOf((await train('--json', '--labels', labels)).stdout);
    const first = resultOf(stdout);
    assert.deepEqual(figuresOf(again), figuresOf(first));
    const manifests = [first, again].map(async ({ model }) => (await createRegistry(home).open(model)).manifest);
    const [one, other] = await Promise.all(manifests);
    // FP32: whether INT8 is faster, the machine may see otherwise the next time.
    assert.deepEqual(other?.files[0], one?.files[0]);
    assert.ok(Array.isArray(other?.labels));
    assert.deepEqual(other.labels[0], { en: "it's c", zh: '丙' });
    assert.match(await readFile(path.join(again.folder, 'report.html'), 'utf8'), /own-pictures@/);

    await writeFile(path.join(again.folder, 'lock'), `${process.pid}`);
    const { status, stderr } = await train('--labels', labels, '--resume');
    assert.equal(status, 1);
    assert.match(stderr, /\[TRAINING_BUSY\]/);
    await rm(path.join(again.folder, 'lock'));
  });

  test('takes a list, with labels that no folder could have, and exits with 1 where not all of it can be read', async () => {
    const list = path.join(home, 'list.csv');
    const lines = ['path,label'];
    for (const [folder, label] of Object.entries({ 蚂蚁: 'a/b', '🐝 bees': '../c' }))
      for (let i = 0; i < 6; i++) lines.push(`${path.join(data, folder, `${i}.png`)},${label}`);
    // One picture of a class: it is trained with, and nobody can be asked about it.
    lines.push(`${path.join(data, "it's c", '0.png')},单`, 'gone.png,单');
    await writeFile(list, lines.join('\n'));
    const { status, stdout, stderr } = await kaiyan([
      'train',
      '--data-path',
      list,
      '--augment',
      '0',
      '--home',
      home,
      '--json',
    ]);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /gone\.png: .*\[FILE_UNREADABLE\]/);
    const { manifest } = await createRegistry(home).open(resultOf(stdout).model);
    assert.deepEqual(
      (manifest.labels as { en: string }[]).map(({ en }) => en),
      ['../c', 'a/b', '单'],
    );
  });

  test('says what is wrong before it begins', async () => {
    const counted = await train('--num-classes', '10');
    assert.equal(counted.status, 2);
    assert.match(counted.stderr, /10 classes.*3 with pictures \(and 1 without\).*\[USAGE\]/);
    const one = await drawOwnPictures(path.join(home, 'one'), { alone: 3 });
    const single = await kaiyan(['train', '--data-path', one, '--home', home]);
    assert.equal(single.status, 1);
    assert.match(single.stderr, /two classes.*\[DATASET_INVALID\]/);
    for (const [args, expected] of [
      [['--output', 'Not A Name'], /\[USAGE\]/],
      [['--output', 'efficientnet-lite0'], /\[MODEL_EXISTS\]/],
      [
        ['--model', 'efficientnet-lite2'],
        /with an FP32 file, .*lite2 has int8 alone.*: efficientnet-lite0.*\[PRECISION_UNAVAILABLE\]/,
      ],
      [['--model', 'nobody'], /\[MODEL_NOT_FOUND\]/],
      [['--epochs', '0'], /at least 1/],
      [['--epochs', '5'], /--epochs needs --unfreeze/],
      [['--augment', '1000'], /from 0 to 64/],
      [['--unfreeze', '1', '--validation', '0'], /to hold out.*\[DATASET_INVALID\]/],
      [['--unfreeze', '9'], /has 5 stages, and 9 .*\[TRAINING_UNSUPPORTED\]/],
    ] as const) {
      const { status, stderr } = await train(...args);
      assert.notEqual(status, 0);
      assert.match(stderr, expected);
    }
  });

  test('installs nothing if it is interrupted before there is something', async () => {
    const { child, result } = startKaiyan([
      'train',
      '--data-path',
      data,
      '--output',
      'early',
      '--home',
      home,
      '--seed',
      '9',
    ]);
    const trainings = path.join(home, 'trainings');
    const before = (await readdir(trainings)).length;
    // Its folder is there once the pictures are read; then they are embedded in views that nobody has seen yet.
    while ((await readdir(trainings)).length === before) await sleep(20);
    child.kill('SIGINT');
    const { status, stderr } = await result;
    assert.equal(status, 130);
    assert.match(stderr, /Nothing was installed/);
    await assert.rejects(createRegistry(home).open('early'));
  });

  test('comes to the same when it is killed and resumed, and never leaves half a model', async () => {
    const elsewhere = path.join(home, 'elsewhere');
    const args = ['train', '--data-path', data, '--augment', '1', '--home', elsewhere, '--json', '--output', 'mine@7'];
    const registry = createRegistry(elsewhere);
    for (const seconds of [1, 2, 3.5]) {
      const { child, result } = startKaiyan([...args, '--resume']);
      const exit = once(child, 'exit');
      const enough = new AbortController();
      await Promise.race([exit, sleep(seconds * 1000 * (1 + Math.random() / 4), undefined, { signal: enough.signal })]);
      enough.abort();
      child.kill('SIGKILL');
      await result;
      // Whole or not there.
      for (const { name, reference, folder } of await registry.list())
        if (name === 'mine')
          assert.ok(
            (await verifyBundle(await registry.open(reference))).every(({ ok }) => ok),
            folder,
          );
    }
    const { status, stdout, stderr } = await kaiyan([...args, '--resume']);
    assert.equal(status, 0, stderr);
    const undisturbed = resultOf((await train('--json')).stdout);
    assert.deepEqual(figuresOf(resultOf(stdout)), figuresOf(undisturbed));
    assert.equal(resultOf(stdout).model, 'mine@7');
    const versions = (await registry.list()).filter(({ name }) => name === 'mine');
    assert.equal(versions.length, 1, 'what was installed before it was killed is not installed again');
  });

  test('trains stages to the same weights when it is killed between epochs and resumed', async () => {
    const few = await drawOwnPictures(path.join(home, 'few'), { one: 8, two: 8 });
    const options = ['--unfreeze', '1', '--epochs', '2', '--augment', '0', '--int8', 'never'];
    const args = (output: string) => [
      ...['train', '--data-path', few, '--home', home, '--json', '--output', output],
      ...options,
    ];
    const whole = await kaiyan(args('whole'));
    assert.equal(whole.status, 0, whole.stderr);
    const registry = createRegistry(home);
    const { child, result } = startKaiyan([...args('parts'), '--resume']);
    const exit = once(child, 'exit');
    // The state after the first epoch is kept by then, that after the second one perhaps.
    child.stderr.on('data', (text: string) => text.includes('epoch 2/2') && child.kill('SIGKILL'));
    assert.deepEqual(await exit, [null, 'SIGKILL'], (await result).stderr);
    assert.ok(!(await registry.names()).includes('parts'), 'nothing is installed');
    const parts = await kaiyan([...args('parts'), '--resume']);
    assert.equal(parts.status, 0, parts.stderr);
    const [one, other] = [resultOf(whole.stdout), resultOf(parts.stdout)];
    assert.deepEqual(figuresOf(other), figuresOf(one));
    const curves = await Promise.all(
      [one, other].map(({ folder }) => readFile(path.join(folder, 'report.json'), 'utf8')),
    );
    const [first, second] = curves.map((text) => (JSON.parse(text) as Report).curve);
    assert.equal(first?.length, 3);
    assert.deepEqual(second, first);
    const bundles = await Promise.all([one, other].map(({ model }) => registry.open(model)));
    const [ours, theirs] = bundles.map(({ manifest }) => manifest.files[0]?.sha256);
    assert.equal(theirs, ours);
    const state = path.join(other.folder, 'checkpoints', 'fine-tuning.state');
    const { mtimeMs } = await stat(state);
    const again = await kaiyan([...args('parts'), '--resume']);
    assert.equal(again.status, 0, again.stderr);
    assert.equal(resultOf(again.stdout).model, other.model);
    assert.equal((await stat(state)).mtimeMs, mtimeMs, 'no epoch is trained again');
    const report = JSON.parse(await readFile(path.join(other.folder, 'report.json'), 'utf8')) as Report;
    assert.deepEqual(
      report.evaluations.map(({ model: { name, version } }) => `${name}@${version}`),
      [other.model],
      'its report is that of the model that is there',
    );
    for (const bundle of bundles) assert.ok((await verifyBundle(bundle)).every(({ ok }) => ok));
  });
});
