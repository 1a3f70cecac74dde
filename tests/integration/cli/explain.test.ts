import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import sharp from 'sharp';
import { createClassifier } from '#kaiyan/classification/classifier.js';
import { type Explanation, explain } from '#kaiyan/explanation/explain.js';
import { customBundle } from '../../support/bundles.js';
import { smallDisk, temporaryFolder } from '../../support/folders.js';
import { examples } from '../../support/paths.js';
import { withoutMounts } from '../../support/requirements.js';
import { kaiyan, startKaiyan } from '../../support/run-command.js';
import { within } from '../../support/timing.js';

const coffee = path.join(examples, 'coffee.png');
const run = (...args: readonly string[]) => kaiyan(['explain', '--precision', 'int8', ...args]);
const withoutTiming = ({ timing: _, ...rest }: Explanation) => rest;

describe('kaiyan explain', () => {
  test('prints the answer, a map of shades, and how it was found out', async () => {
    const { status, stdout, stderr } = await run(coffee);
    assert.deepEqual([status, stderr], [0, '']);
    const [first = '', gap, ...rest] = stdout.trimEnd().split('\n');
    assert.match(first, /coffee\.png: espresso 9\d\.\d %$/);
    assert.equal(gap, '');
    const map = rest.slice(0, 7);
    for (const row of map) assert.match(row, /^ {2}(··|░░|▒▒|▓▓|██){7}$/);
    // The cup is in the middle of the upper half.
    assert.match(map.slice(1, 4).join(''), /██/);
    assert.doesNotMatch(map.slice(5).join(''), /▓|█/);
    assert.match(
      rest.at(-1) ?? '',
      /^exact: class activation map · efficientnet-lite0 int8 · seen: the middle 350 × 350 of 600 × 400 pixels$/,
    );
  });

  test('--json prints what the library says, also of standard input and in Chinese', async (t) => {
    const classifier = await createClassifier({ workers: 1, precision: 'int8', home: '/dev/null/kaiyan' });
    t.after(() => classifier.close());
    const bytes = await readFile(coffee);
    const options = { class: 504, lang: 'zh', top: 5 } as const;
    const expected = withoutTiming(await explain(classifier, bytes, options));
    const args = ['explain', '--precision', 'int8', '--json', '--class', '504', '--lang', 'zh', '--top', '5'];
    for (const { status, stdout } of [
      await kaiyan([...args, coffee]),
      await kaiyan([...args, '-'], { input: bytes }),
    ]) {
      assert.equal(status, 0);
      assert.equal(stdout.split('\n').length, 2);
      assert.deepEqual(withoutTiming(JSON.parse(stdout) as Explanation), expected);
    }
  });

  test('-o draws it over the picture, and never over a file that is there', async (t) => {
    const output = path.join(await temporaryFolder(t), 'heat.png');
    const { status, stdout } = await run(coffee, '-o', output, '--class', 'espresso', '--opacity', '0.8');
    assert.deepEqual([status, stdout.trimEnd().split('\n').at(-1)], [0, output]);
    const drawn = await readFile(output);
    const { format, width, height } = await sharp(drawn).metadata();
    assert.deepEqual([format, width, height], ['png', 600, 400]);
    const again = await run(coffee, '--output', output);
    assert.equal(again.status, 2);
    assert.match(again.stderr, /heat\.png exists.*\[USAGE\]/);
    assert.deepEqual(await readFile(output), drawn);
  });

  test('with --json and -o gives both', async (t) => {
    const output = path.join(await temporaryFolder(t), 'heat.PNG');
    const { status, stdout } = await run(coffee, '-o', output, '--json');
    assert.equal(status, 0);
    assert.equal((JSON.parse(stdout) as Explanation).class.index, 967);
    assert.equal((await sharp(output).metadata()).format, 'png');
  });

  test('says that a network that has to be tried is only approximate', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'plain', { output: { logits: 'logits' } });
    const { status, stdout } = await run('--home', home, '--model', 'plain', '--lang', 'zh', coffee);
    assert.equal(status, 0);
    assert.match(stdout, /近似：逐块遮挡图片 · plain int8 · 网络看到的是中间 350 × 350 像素（原图 600 × 400）/);
  });

  for (const [what, args, expected, says] of [
    ['a class that there is not', [coffee, '--class', 'nothing'], 2, /"nothing".*kaiyan labels.*\[CLASS_NOT_FOUND\]/],
    ['a name that is no PNG', [coffee, '-o', 'heat.jpg'], 2, /ends in \.png.*heat\.jpg.*\[USAGE\]/],
    ['an opacity that makes no sense', [coffee, '--opacity', '2'], 2, /from 0 to 1/],
    ['no picture', [], 2, /missing required argument/],
    ['a file that is not there', ['nowhere.jpg'], 1, /nowhere\.jpg.*\[FILE_UNREADABLE\]/],
    ['a file that is no picture', [path.join(examples, '../../package.json')], 1, /\[IMAGE_UNSUPPORTED\]/],
    ['a folder that is not there to draw into', [coffee, '-o', '/nowhere/heat.png'], 1, /\[OUTPUT_UNWRITABLE\]/],
  ] as const)
    test(`of ${what} exits with ${expected} and says why`, async () => {
      const { status, stdout, stderr } = await run(...args);
      assert.deepEqual([status, stdout], [expected, '']);
      assert.match(stderr, says);
    });

  test('leaves no half of a drawing on a disk that is full', { skip: withoutMounts() }, async (t) => {
    const disk = await smallDisk(t, 1);
    // Noise cannot be made smaller: its drawing has more than a megabyte.
    const noise = path.join(await temporaryFolder(t), 'noise.png');
    const raw = { width: 1024, height: 1024, channels: 3 } as const;
    await sharp(randomBytes(1024 * 1024 * 3), { raw })
      .png()
      .toFile(noise);
    const { status, stderr } = await run(noise, '-o', path.join(disk, 'heat.png'));
    assert.equal(status, 1);
    assert.match(stderr, /\[OUTPUT_UNWRITABLE\]/);
    assert.deepEqual(await readdir(disk), []);
  });

  test('ends with 130 on Ctrl-C, and draws nothing', async (t) => {
    const place = await temporaryFolder(t);
    // The rest of the picture never comes.
    const { child, result } = startKaiyan(['explain', '-', '-o', path.join(place, 'heat.png')]);
    child.stdin.write((await readFile(coffee)).subarray(0, 9000));
    setTimeout(() => child.kill('SIGINT'), 2500);
    const { status, signal, stdout, stderr } = await within(60_000, 'an end', result);
    assert.ok(status === 130 || signal === 'SIGINT', `${status} ${signal}`);
    assert.deepEqual([stdout, stderr], ['', '']);
    assert.deepEqual(await readdir(place), []);
  });
});
