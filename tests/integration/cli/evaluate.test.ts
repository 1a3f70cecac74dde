import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { ComparedEvaluations } from '#kaiyan/evaluation/evaluation.js';
import { customBundle, ownLabels } from '../../support/bundles.js';
import { temporaryFolder } from '../../support/folders.js';
import { sha256 } from '../../support/goldens.js';
import { examples, project } from '../../support/paths.js';
import { python, shared, withoutPython, withoutShared, withoutTerminals } from '../../support/requirements.js';
import { jsonLines, kaiyan, startKaiyan, startOnTerminal } from '../../support/run-command.js';
import { within } from '../../support/timing.js';

const evaluate = (...args: readonly string[]) => kaiyan(['evaluate', ...args]);
const picture = (name: string) => path.join(examples, name);

/** Right, wrong, of a class that there is not, and broken. */
async function album(t: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const [from, to] of [
    ['coffee.png', 'espresso/right.png'],
    ['alps.jpg', 'espresso/wrong <b>.jpg'],
    ['alps.jpg', 'n09193705/right.jpg'],
    ['chelsea.png', '我的猫/mine.png'],
  ] as const) {
    await mkdir(path.dirname(path.join(folder, to)), { recursive: true });
    await copyFile(picture(from), path.join(folder, to));
  }
  await writeFile(path.join(folder, 'espresso/broken.jpg'), (await readFile(picture('alps.jpg'))).subarray(0, 9000));
  return folder;
}

async function evaluated(expected: number, ...args: readonly string[]) {
  const { status, stdout, stderr } = await evaluate('--json', ...args);
  assert.equal(status, expected, stderr);
  return { ...(JSON.parse(stdout) as ComparedEvaluations), stderr };
}

describe('kaiyan evaluate', () => {
  test('counts what is right, reports what cannot be read, and leaves out what the model has no class for', async (t) => {
    const folder = await album(t);
    const { evaluations, paired, stderr } = await evaluated(1, folder, '--model', 'efficientnet-lite0:int8');
    const [evaluation] = evaluations;
    assert.ok(evaluation && evaluations.length === 1 && paired === null);
    const { data, model, top1, wrong, mistakes, perClass } = evaluation;
    assert.deepEqual(
      [model.name, model.precision, data.pictures, data.classes, wrong],
      ['efficientnet-lite0', 'int8', 3, 2, 1],
    );
    assert.equal(top1.value, 2 / 3);
    assert.equal(data.source, path.basename(folder));
    assert.deepEqual(data.foreign, [{ label: '我的猫', names: ['我的猫/mine.png'] }]);
    assert.deepEqual(
      data.unusable.map(({ name, code }) => [name, code]),
      [['espresso/broken.jpg', 'IMAGE_CORRUPT']],
    );
    assert.match(stderr, /^espresso\/broken\.jpg: .*\[IMAGE_CORRUPT\]\n$/);
    assert.deepEqual(
      mistakes.map(({ name }) => name),
      ['espresso/wrong <b>.jpg'],
    );
    assert.ok(!('thumbnail' in (mistakes[0] ?? {})), 'pictures are for the report');
    assert.equal(perClass.find(({ label }) => label === 'espresso')?.recall, 0.5);
    assert.doesNotMatch(JSON.stringify(evaluation), /\/tmp\//, 'names are as seen from the folder');
  });

  test('says it in words, with the interval beside the accuracy', async (t) => {
    const { stdout } = await evaluate(await album(t), '--model', 'efficientnet-lite0:int8', '--lang', 'zh');
    assert.match(stdout, /^ +efficientnet-lite0@1:int8\ntop-1 +66\.7 % \(\d+\.\d % to 100\.0 %\)\n/);
    assert.match(stdout, /^Of 3 pictures of 2 classes\./m);
    assert.match(stdout, /^With the threshold 0\.7 it names a class for/m);
    assert.match(stdout, /^意式浓缩咖啡 +2 +50\.0 %/m);
    assert.match(stdout, /^1 picture could not be read/m);
    assert.match(
      stdout,
      /^1 picture shows a class that the model does not have[^\n]+\n\nLABEL +PICTURES\n我的猫 +1\n$/m,
    );
  });

  test('has the answers that kaiyan classify gives, in both precisions', async (t) => {
    const folder = await temporaryFolder(t);
    await mkdir(path.join(folder, 'tench'));
    for (const name of ['coffee.png', 'alps.jpg', 'chelsea.png'])
      await symlink(picture(name), path.join(folder, 'tench', name));
    const file = path.join(folder, 'predictions.jsonl');
    const both = 'efficientnet-lite0:int8,efficientnet-lite0:fp32';
    const { evaluations } = await evaluated(0, folder, '--compare', both, '--predictions', file);
    const lines = jsonLines(await readFile(file, 'utf8'));
    for (const [i, precision] of ['int8', 'fp32'].entries()) {
      const alone = await kaiyan(['classify', '-r', '--json', '--top', '1', '--precision', precision, folder]);
      const expected = jsonLines(alone.stdout).map(({ file, predictions }) => {
        const [best] = predictions as { index: number; probability: number }[];
        return [path.relative(folder, `${file}`), best?.index, best?.probability];
      });
      const found = lines
        .filter(({ model }) => model === `efficientnet-lite0@1:${precision}`)
        .map(({ file, predicted, probability }) => [file, predicted, Math.round(Number(probability) * 1e6) / 1e6]);
      assert.deepEqual(found, expected);
      assert.equal(evaluations[i]?.top1.value, 0);
    }
  });

  test('judges two models with different classes by the pictures that both have a class for', async (t) => {
    const home = await temporaryFolder(t);
    const labels = ownLabels.map((label, i) => (i === 967 ? { en: 'espresso', zh: '浓缩' } : label));
    await customBundle(home, 'mine', { labels });
    const args = ['--home', home, '--compare', 'efficientnet-lite0:int8,mine:int8', await album(t)];
    const { evaluations, paired } = await evaluated(1, ...args);
    assert.deepEqual(
      evaluations.map(({ data, top1 }) => [data.pictures, top1.value]),
      [
        [2, 0.5],
        [2, 0.5],
      ],
    );
    assert.deepEqual(
      [paired?.pictures, paired?.bothRight, paired?.bothWrong, paired?.p, paired?.logLoss],
      [2, 1, 1, 1, null],
    );
    const { stdout } = await evaluate(...args);
    assert.match(stdout, /McNemar's exact test: p = 1\.000/);
    const cats = await temporaryFolder(t);
    await mkdir(path.join(cats, 'thing 5'));
    await copyFile(picture('chelsea.png'), path.join(cats, 'thing 5/mine.png'));
    const refused = await evaluate(cats, ...args.slice(0, -1));
    assert.deepEqual([refused.status, refused.stdout], [1, '']);
    assert.match(refused.stderr, /both efficientnet-lite0@1 and mine@1 have, .* none that efficientnet-lite0@1 has\./);
  });

  test('says so if the model was trained with these very pictures or some of them, whatever they are called', async (t) => {
    const home = await temporaryFolder(t);
    const folder = await temporaryFolder(t);
    const labels = ownLabels.map((label, i) => (i < 2 ? { en: ['cat', '杯/子'][i] as string, zh: label.zh } : label));
    const list = path.join(folder, 'list.jsonl');
    const pictures = [picture('coffee.png'), picture('chelsea.png')];
    await writeFile(
      list,
      pictures.map((path, i) => `${JSON.stringify({ path, label: labels[1 - i]?.en })}\n`),
    );
    const lines = pictures.map(async (file, i) => `${sha256(await readFile(file))} ${labels[1 - i]?.en}`);
    const content = sha256(Buffer.from((await Promise.all(lines)).toSorted().join('\n')));
    const recipe = { unfreeze: 0, epochs: 10, augment: 4, seed: 7, validation: 0.2, regularisation: 1, bestEpoch: 0 };
    const data = { sha256: content, pictures: [1, 1], validation: 0 };
    const training = { recipe, data, crossValidated: { accuracy: 1, loss: 0 }, validation: null };
    await customBundle(home, 'mine', { labels, training });
    const others = { labels, training: { ...training, data: { ...data, sha256: '0'.repeat(64) } } };
    const other = await customBundle(home, 'other', others);
    const args = [list, '--home', home, '--compare', 'mine:int8,other:int8'];
    const { evaluations } = await evaluated(0, ...args);
    assert.deepEqual(
      evaluations.map(({ data, model }) => [data.sha256, data.isTrainingData, data.trainedWith, model.recipe?.seed]),
      [
        [content, true, null, 7],
        [content, false, null, 7],
      ],
    );
    const { stdout } = await evaluate(...args);
    assert.match(stdout, /^mine@1:int8 was trained with these very pictures/m);
    assert.doesNotMatch(stdout, /^other@1:int8 was trained/m);
    const known = sha256(await readFile(picture('coffee.png'))).slice(0, 16);
    await writeFile(path.join(other, 'trained-with.bin'), Buffer.from(known, 'hex'));
    const report = path.join(folder, 'report.html');
    const some = await evaluate(...args, '--report', report);
    assert.match(some.stdout, /^mine@1:int8 was trained with these very pictures/m);
    assert.match(some.stdout, /^other@1:int8 was trained with 1 of these 2 pictures/m);
    assert.match(await readFile(report, 'utf8'), /these very pictures.*trained with 1 of these 2 pictures/s);
  });

  test('calls a picture of a list that is missing as the list does, whatever is in its name', async (t) => {
    const folder = await temporaryFolder(t);
    await copyFile(picture('coffee.png'), path.join(folder, 'coffee.png'));
    const list = path.join(folder, 'list.csv');
    await writeFile(list, "coffee.png,espresso\ngone $' $&.jpg,espresso\n");
    const { evaluations } = await evaluated(1, list, '--model', 'efficientnet-lite0:int8');
    const [unusable] = evaluations[0]?.data.unusable ?? [];
    assert.equal(unusable?.code, 'FILE_UNREADABLE');
    assert.match(unusable.error, /gone \$' \$&\.jpg/);
    assert.doesNotMatch(unusable.error, /\/tmp\//);
  });

  test('writes a report with the mistakes, and nothing beside it', async (t) => {
    const folder = await temporaryFolder(t);
    const report = path.join(folder, 'report.html');
    const args = ['--model', 'efficientnet-lite0:int8', '--report', report];
    const { status, stdout, stderr } = await evaluate(await album(t), ...args);
    assert.equal(status, 1);
    assert.match(stdout, /top-1/);
    assert.ok(stderr.endsWith(`The report is in ${report}.\n`), stderr);
    assert.deepEqual(await readdir(folder), ['report.html']);
    const html = await readFile(report, 'utf8');
    assert.match(html, /wrong &lt;b&gt;\.jpg/);
    assert.match(html, /<img src="data:image\/jpeg;base64,\/9j\//);
  });

  test('overwrites nothing: neither what it is to evaluate nor anything else', async (t) => {
    const folder = await temporaryFolder(t);
    const [list, page] = [path.join(folder, 'list.jsonl'), path.join(folder, 'page.html')];
    await writeFile(list, `${JSON.stringify({ path: picture('coffee.png'), label: 'espresso' })}\n`);
    await writeFile(page, 'mine');
    const before = await readFile(list, 'utf8');
    for (const [option, file, says] of [
      ['--predictions', list, /list\.jsonl exists\. Name another one with --predictions.*USAGE/],
      ['--report', page, /page\.html exists\. Name another one with --report.*USAGE/],
      ['--report', list, /ends in \.html for --report/],
      ['--predictions', path.join(folder, 'new.jpg'), /ends in \.jsonl for --predictions/],
    ] as const) {
      const { status, stdout, stderr } = await evaluate(list, '--model', 'efficientnet-lite0:int8', option, file);
      assert.deepEqual([status, stdout], [2, ''], stderr);
      assert.match(stderr, says);
    }
    assert.deepEqual((await readdir(folder)).sort(), ['list.jsonl', 'page.html']);
    assert.deepEqual([await readFile(list, 'utf8'), await readFile(page, 'utf8')], [before, 'mine']);
  });

  for (const [what, args, expected, says] of [
    ['without a source', [], 2, /missing required argument/],
    ['with a folder that is not there', ['/no/such'], 1, /FILE_UNREADABLE/],
    ['with a folder without pictures', [path.join(examples, '../content-check')], 1, /DATASET_INVALID/],
    ['with an unknown model', [examples, '--model', 'x'], 2, /MODEL_NOT_FOUND/],
    ['with one model to compare', [examples, '--compare', 'efficientnet-lite0'], 2, /Expected 2 models.*--compare a,b/],
    ['with three models to compare', [examples, '--compare', 'a,b,c'], 2, /Expected 2 models/],
    [
      'with the same model twice',
      [examples, '--compare', 'efficientnet-lite2,efficientnet-lite2:int8'],
      2,
      /named twice/,
    ],
    ['with a model and two others', [examples, '--model', 'a', '--compare', 'a,b'], 2, /cannot be used/],
    ['with a report that cannot be written', [examples, '--report', '/no/such/x.html'], 1, /OUTPUT_UNWRITABLE/],
    ['with pictures of no known class', [examples, '--model', 'efficientnet-lite0:int8'], 1, /DATASET_INVALID/],
  ] as const) {
    test(`${what} exits with ${expected} and says why`, async () => {
      const { status, stdout, stderr } = await evaluate(...args);
      assert.deepEqual([status, stdout], [expected, ''], stderr);
      assert.match(stderr, says);
    });
  }
});

describe('the figures of kaiyan evaluate', () => {
  const skip = withoutPython('sklearn') || withoutShared();

  test("are scikit-learn's, and its script finds a figure that is not", { skip }, async (t) => {
    const folder = await temporaryFolder(t);
    const [figures, predictions] = ['figures.json', 'predictions.jsonl'].map((name) => path.join(folder, name)) as [
      string,
      string,
    ];
    const both = 'efficientnet-lite0:int8,efficientnet-lite2:int8';
    const { status, stdout } = await evaluate(
      ...[path.join(shared, 'calibration'), '--compare', both, '--json', '--predictions', predictions],
    );
    assert.equal(status, 0);
    const check = async (content: string) => {
      await writeFile(figures, content);
      const script = path.join(project, 'scripts/check-evaluation.py');
      return spawnSync(python, [script, figures, predictions], { encoding: 'utf8' });
    };
    const agreeing = await check(stdout);
    assert.equal(agreeing.status, 0, agreeing.stdout + agreeing.stderr);
    assert.equal(agreeing.stdout.match(/none different/g)?.length, 3);
    const { evaluations, ...rest } = JSON.parse(stdout) as ComparedEvaluations;
    const [first, ...others] = evaluations as [ComparedEvaluations['evaluations'][number]];
    const changed = { ...first, calibration: { ...first.calibration, ece: first.calibration.ece + 1e-6 } };
    const differing = await check(JSON.stringify({ evaluations: [changed, ...others], ...rest }));
    assert.equal(differing.status, 1);
    assert.match(differing.stdout, /ECE differs/);
  });
});

describe('while kaiyan evaluate works', () => {
  test('Ctrl-C ends it with 130, without a result and without a file', async (t) => {
    const folder = await temporaryFolder(t);
    await mkdir(path.join(folder, 'espresso'));
    for (let i = 0; i < 3000; i++) await symlink(picture('coffee.png'), path.join(folder, `espresso/${i}.png`));
    const out = await temporaryFolder(t);
    const files = ['--report', path.join(out, 'r.html'), '--predictions', path.join(out, 'p.jsonl')];
    const { child, result } = startKaiyan(['evaluate', folder, ...files]);
    const closed = once(child, 'close');
    // Predictions have begun to come.
    while (!(await isWritten(out))) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGINT');
    await within(60_000, 'the end', closed);
    const { status, stdout } = await result;
    assert.deepEqual([status, stdout, await readdir(out)], [130, '', []]);
  });

  async function isWritten(folder: string): Promise<boolean> {
    const [name] = await readdir(folder);
    return name !== undefined && (await stat(path.join(folder, name))).size > 0;
  }

  test('a terminal shows how far it is', { skip: withoutTerminals() }, async (t) => {
    const line = `"$kaiyan" evaluate '${await album(t)}' > /dev/null`;
    const { stdout } = await within(60_000, 'the end', startOnTerminal(line).result);
    assert.match(stdout, /pictures · \d\/4/);
  });
});
