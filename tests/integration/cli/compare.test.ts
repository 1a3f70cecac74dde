import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { imagenet1k } from '#kaiyan/labels/imagenet-1k/index.js';
import { customBundle, ownLabels } from '../../support/bundles.js';
import { temporaryFolder } from '../../support/folders.js';
import { examples } from '../../support/paths.js';
import { shared, withoutShared, withoutTerminals } from '../../support/requirements.js';
import { jsonLines, kaiyan, startKaiyan, startOnTerminal } from '../../support/run-command.js';
import { within } from '../../support/timing.js';

const [alps, cat, coffee] = ['alps.jpg', 'chelsea.png', 'coffee.png'].map((name) => path.join(examples, name)) as [
  string,
  string,
  string,
];

const BOTH = 'efficientnet-lite0:int8,efficientnet-lite2';
const compare = (...args: readonly string[]) => kaiyan(['compare', ...args]);

interface Prediction {
  readonly index: number;
  readonly label: string;
}

interface ComparedPicture {
  readonly file: string;
  readonly label: string | null;
  readonly agreed: boolean;
  readonly answers: readonly {
    readonly predictions: readonly Prediction[];
    readonly inferenceMs: number;
    readonly correct: boolean | null;
  }[];
}

interface Comparison {
  readonly models: readonly Record<string, unknown>[];
  readonly compared: number;
  readonly failed: number;
  readonly disagreements: number;
  readonly agreement: readonly (readonly number[])[];
  readonly pictures: readonly ComparedPicture[];
}

async function compared(...args: readonly string[]): Promise<Comparison> {
  const { status, stdout, stderr } = await compare('--json', ...args);
  assert.deepEqual([status, stderr], [0, '']);
  return JSON.parse(stdout) as Comparison;
}

/** Three pictures, two of them in a folder that is called after a class, one of which is wrong there. */
async function album(t: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await temporaryFolder(t);
  await mkdir(path.join(folder, 'more/espresso'), { recursive: true });
  await copyFile(coffee, path.join(folder, 'more/espresso/a.png'));
  await copyFile(alps, path.join(folder, 'more/espresso/b.jpg'));
  await copyFile(cat, path.join(folder, 'cat.png'));
  return folder;
}

interface Labelled {
  readonly file: string;
  readonly class: number;
}
const readJson = async <Json>(file: string) => JSON.parse(await readFile(path.join(shared, file), 'utf8')) as Json;

describe('kaiyan compare', () => {
  test('--json has each model and each picture, in the shape of the documentation', async (t) => {
    const folder = await album(t);
    const { models, pictures, ...rest } = await compared('--models', BOTH, folder);
    assert.deepEqual(rest, {
      ...{ compared: 3, failed: 0, disagreements: 1 },
      agreement: [
        [1, 0.666667],
        [0.666667, 1],
      ],
    });
    for (const [i, [name, bytes]] of [
      ['efficientnet-lite0', 5_065_707],
      ['efficientnet-lite2', 6_652_758],
    ].entries()) {
      const { digest, medianMs, p95Ms, ...model } = models[i] ?? {};
      assert.deepEqual(model, { name, version: '1', precision: 'int8', bytes, labelled: 2, top1: 0.5, top5: 0.5 });
      assert.match(String(digest), /^[0-9a-f]{12}$/);
      assert.ok(Number(medianMs) > 0 && Number(p95Ms) >= Number(medianMs));
    }
    assert.deepEqual(
      pictures.map(({ file, label, agreed, answers }) => [
        path.relative(folder, file),
        label,
        agreed,
        answers.map(({ correct }) => correct),
      ]),
      [
        ['cat.png', null, false, [null, null]],
        ['more/espresso/a.png', 'espresso', true, [true, true]],
        ['more/espresso/b.jpg', 'espresso', true, [false, false]],
      ],
    );
    for (const { answers } of pictures) {
      for (const answer of answers) {
        assert.deepEqual(Object.keys(answer), ['predictions', 'inferenceMs', 'correct']);
        assert.equal(answer.predictions.length, 3);
        assert.deepEqual(Object.keys(answer.predictions[0] ?? {}), ['index', 'wnid', 'label', 'probability']);
      }
    }
  });

  test('has the answers that kaiyan classify gives', async () => {
    const { models, pictures } = await compared('--models', BOTH, '--top', '7', '--lang', 'zh', examples);
    for (const [i, { name }] of models.entries()) {
      const args = ['classify', '--json', '--top', '7', '--lang', 'zh', '--precision', 'int8', '--model', `${name}`];
      const alone = jsonLines((await kaiyan([...args, examples])).stdout);
      assert.deepEqual(
        pictures.map(({ file, answers }) => [file, answers[i]?.predictions]),
        alone.map(({ file, predictions }) => [file, predictions]),
      );
    }
  });

  test('is as accurate as the reference answers of the same model are', { skip: withoutShared() }, async (t) => {
    const folder = await temporaryFolder(t);
    let [top1, top5, count] = [0, 0, 0];
    for (const set of ['val20', 'samples20']) {
      const labels = await readJson<Labelled[]>(`eval/${set}.json`);
      const golden = await readJson<{ top5: [number, number][] }[]>(`golden/pipeline/efficientnet-lite0.${set}.json`);
      for (const [i, { file, class: truth }] of labels.entries()) {
        const wnid = imagenet1k.classes[truth]?.[0];
        await symlink(path.join(shared, 'eval', set, file), path.join(folder, `${wnid}_${set}_${i}.jpg`));
        const classes = golden[i]?.top5.map(([index]) => index) ?? [];
        count += 1;
        top1 += Number(classes[0] === truth);
        top5 += Number(classes.includes(truth));
      }
    }
    const { models, agreement } = await compared('--models', `efficientnet-lite0:fp32,${BOTH}`, folder);
    const rounded = (share: number) => Math.round(share * 1e6) / 1e6;
    assert.deepEqual(
      [models[0]?.labelled, models[0]?.top1, models[0]?.top5],
      [count, rounded(top1 / count), rounded(top5 / count)],
    );
    assert.ok(Number(agreement[0]?.[1]) > Number(agreement[0]?.[2]), 'INT8 is closer to FP32 than another network');
  });

  test('shows a row for each model, and what they disagree on', async (t) => {
    const { status, stdout, stderr } = await compare('--models', BOTH, await album(t));
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^MODEL +PRECISION +SIZE +MS +P95 +TOP-1 +TOP-5 +LABELLED\n/);
    assert.match(stdout, /^efficientnet-lite0 +int8 +5\.1 MB +[\d.]+ +[\d.]+ +50\.0 % +50\.0 % +2\n/m);
    assert.match(stdout, /^efficientnet-lite2 +int8 +6\.7 MB/m);
    assert.match(stdout, /2 of 3 pictures \(66\.7 %\)/);
    assert.match(stdout, /^\S+cat\.png +tiger-striped cat 41\.\d % +Egyptian Mau 84\.\d %$/m);
    assert.doesNotMatch(stdout, /^AGREEMENT|a\.png/m, 'a matrix for two models, or what they agree on');
  });

  test('shows a matrix for more than two, and says where their classes differ', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'mine', { labels: ownLabels });
    const folder = await temporaryFolder(t);
    await copyFile(coffee, path.join(folder, 'coffee.png'));
    const { stdout } = await compare('--home', home, '--models', `${BOTH},mine@1:int8`, folder);
    assert.match(stdout, /^AGREEMENT +1 +2 +3\n1 efficientnet-lite0 int8 +- +100\.0 % +0\.0 %\n/m);
    assert.match(stdout, /different classes.*English name/);
    assert.doesNotMatch(stdout, /TOP-1/, 'nothing is labelled');
  });

  test('lists the first 20 disagreements, or all', async (t) => {
    const folder = await temporaryFolder(t);
    for (let i = 0; i < 23; i++) await symlink(cat, path.join(folder, `${i}.png`));
    const listed = (text: string) => text.match(/Egyptian Mau/g)?.length;
    const some = await compare('--models', BOTH, folder);
    assert.equal(listed(some.stdout), 20);
    assert.match(some.stdout, /and 3 more; --all lists them\n$/);
    const all = await compare('--models', BOTH, '--all', folder);
    assert.equal(listed(all.stdout), 23);
    assert.doesNotMatch(all.stdout, /--all/);
  });

  test('reports a bad picture, goes on with the rest, and exits with 1', async (t) => {
    const folder = await album(t);
    await writeFile(path.join(folder, 'a broken.jpg'), (await readFile(alps)).subarray(0, 9000));
    const { status, stdout, stderr } = await compare('--models', BOTH, folder);
    assert.equal(status, 1);
    assert.match(stderr, /^\S+a broken\.jpg: .*\[IMAGE_CORRUPT\]\n$/);
    assert.match(stdout, /2 of 3 pictures/);
    const json = await compare('--json', '--models', BOTH, folder);
    assert.deepEqual([json.status, json.stderr], [1, '']);
    const { compared: count, failed, pictures } = JSON.parse(json.stdout) as Comparison;
    assert.deepEqual([count, failed], [3, 1]);
    assert.deepEqual(Object.keys(pictures[0] ?? {}), ['file', 'error', 'code']);
  });

  test('says so if there is nothing that it could compare', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(path.join(folder, 'x.jpg'), 'x');
    const { status, stdout, stderr } = await compare('--models', BOTH, folder);
    assert.deepEqual([status, stdout], [1, 'No picture was compared.\n']);
    assert.match(stderr, /IMAGE_UNSUPPORTED/);
  });

  for (const [what, args, expected, says] of [
    ['without models', [examples], 2, /--models/],
    ['with one model', ['--models', 'efficientnet-lite0', examples], 2, /2 to 8 models.*got 1.*USAGE/],
    ['with a precision that there is not', ['--models', 'a,b:int4', examples], 2, /"b:int4".*USAGE/],
    [
      'with a model twice',
      ['--models', 'efficientnet-lite2,efficientnet-lite2@1:int8', examples],
      2,
      /efficientnet-lite2@1 in int8 is named twice/,
    ],
    ['with an unknown model', ['--models', 'efficientnet-lite0,x', examples], 2, /MODEL_NOT_FOUND/],
    [
      'with a precision that a model lacks',
      ['--models', 'efficientnet-lite0,efficientnet-lite2:fp32', examples],
      2,
      /PRECISION_UNAVAILABLE/,
    ],
    ['with a folder that is not there', ['--models', BOTH, '/no/such'], 1, /FILE_UNREADABLE/],
    ['with a folder without pictures', ['--models', BOTH, path.join(examples, '../content-check')], 2, /found none/],
    ['without a folder', ['--models', BOTH], 2, /missing required argument/],
  ] as const) {
    test(`${what} exits with ${expected} and says why`, async () => {
      const { status, stdout, stderr } = await compare(...args);
      assert.deepEqual([status, stdout], [expected, ''], stderr);
      assert.match(stderr, says);
    });
  }
});

describe('while kaiyan compare works', () => {
  async function manyPictures(t: Pick<TestContext, 'after'>): Promise<string> {
    const folder = await temporaryFolder(t);
    for (let i = 0; i < 3000; i++) await symlink(coffee, path.join(folder, `${i}.png`));
    return folder;
  }

  test('Ctrl-C ends it with 130 and without half a result', async (t) => {
    const folder = await manyPictures(t);
    for (const delay of [100, 600, 2500]) {
      const { child, result } = startKaiyan(['compare', '--json', '--models', BOTH, folder]);
      setTimeout(() => child.kill('SIGINT'), delay);
      const { status, signal, stdout } = await within(30_000, 'the end', result);
      assert.ok(status === 130 || signal === 'SIGINT', `${delay} ms: ${status} ${signal}`);
      assert.equal(stdout, '');
    }
  });

  test('a terminal shows how far it is', { skip: withoutTerminals() }, async (t) => {
    const line = `"$kaiyan" compare --models ${BOTH} '${await album(t)}' > /dev/null`;
    const { status, stdout } = await within(60_000, 'the end', startOnTerminal(line).result);
    assert.equal(status, 0);
    assert.match(stdout, /pictures · \d\/3/);
  });
});
