import assert from 'node:assert/strict';
import { appendFile, link, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { formatFor } from '#kaiyan/cli/results/format.js';
import { readLines } from '#kaiyan/cli/results/lines.js';
import type { Outcome } from '#kaiyan/cli/results/outcome.js';
import { openResults } from '#kaiyan/cli/results/result-file.js';
import { AppError } from '#kaiyan/errors.js';
import { temporaryFolder } from '../../../support/folders.js';

const names = ['猫.jpg', '=1+1,"x".jpg', 'two\nlines\r\n"and" more.png', "'quoted.gif", '-', '@🐈', '\ttab'];

const outcome = (file: string, i: number): Outcome =>
  i % 2 === 0
    ? { file, error: new AppError('FILE_UNREADABLE', { path: file, reason: 'no' }) }
    : {
        file,
        classification: {
          model: { name: 'm', version: '1', precision: 'int8', digest: '0' },
          predictions: [{ index: 1, wnid: null, label: 'cat', probability: 0.75 }],
          answer: { level: 'class', label: 'cat', wnid: null, group: null, probability: 0.75 },
          categories: [],
          flags: [],
          timing: { decodeMs: 1, inferenceMs: 1, queueMs: 1, totalMs: 3 },
        },
      };

const outcomes = names.map(outcome);

async function fileIn(t: Pick<TestContext, 'after'>, name: string): Promise<string> {
  return path.join(await temporaryFolder(t), name);
}

const open = (file: string, resume = true) => openResults(file, formatFor(file, 2), { resume });

async function write(file: string, given: readonly Outcome[] = outcomes): Promise<number> {
  const results = await open(file);
  let written = 0;
  for (const one of given) {
    if (!results.claim(one.file)) continue;
    await results.write(one);
    written += 1;
  }
  await results.close();
  return written;
}

/** All places next to a line break, and some others. */
const placesIn = (bytes: Buffer): number[] =>
  [...Array(bytes.length + 1).keys()].filter(
    (place) => place % 23 === 0 || bytes.subarray(Math.max(0, place - 3), place + 2).includes(0x0a),
  );

const isUsage = (about: RegExp) => (error: unknown) =>
  error instanceof AppError && error.code === 'USAGE' && about.test(error.message);

for (const extension of ['jsonl', 'csv']) {
  describe(`results in .${extension}`, () => {
    test('that were cut anywhere are completed to what they would have been, without a line twice', async (t) => {
      const file = await fileIn(t, `answers.${extension}`);
      await write(file);
      const whole = await readFile(file);
      for (const length of placesIn(whole)) {
        await writeFile(file, whole.subarray(0, length));
        await write(file);
        assert.deepEqual(await readFile(file), whole, `cut at ${length} of ${whole.length}`);
      }
    });

    test('that end in zeros after a power cut lose only the line with the zeros, and what follows it', async (t) => {
      const file = await fileIn(t, `answers.${extension}`);
      await write(file);
      const whole = await readFile(file);
      for (const from of [0, 2, 40, 300, whole.length - 1]) {
        for (const zeros of [1, 5000]) {
          await writeFile(file, Buffer.concat([whole.subarray(0, from), Buffer.alloc(zeros), whole.subarray(from)]));
          await write(file);
          assert.deepEqual(await readFile(file), whole);
        }
      }
    });

    test('keep their lines: what has one is not claimed again', async (t) => {
      const file = await fileIn(t, `answers.${extension}`);
      assert.equal(await write(file, outcomes.slice(0, 3)), 3);
      assert.equal(await write(file), names.length - 3);
      const results = await open(file);
      assert.equal(results.kept, names.length);
      for (const name of names) assert.equal(results.claim(name), false, name);
      assert.equal(results.claim('another.jpg'), true);
      assert.equal(results.claim('another.jpg'), false, 'also one that was claimed just now');
      await results.close();
    });

    test('are refused if they were written by someone else, and stay as they are', async (t) => {
      const folder = await temporaryFolder(t);
      const ours = path.join(folder, `ours.${extension}`);
      await write(ours);
      const foreign = [
        'some notes',
        'some notes\n',
        '{"name":"x"}\n',
        '{"file":"x"}\n',
        'file,label\r\nx,y\r\n',
        ...[' ', '\n', 'torn\n', '{"name":"x"}\n'].map(async (end) => `${await readFile(ours, 'utf8')}${end}more\n`),
      ];
      for (const [i, text] of (await Promise.all(foreign)).entries()) {
        const file = path.join(folder, `${i}.${extension}`);
        await writeFile(file, text);
        await assert.rejects(open(file), isUsage(/Nothing was changed/), text);
        assert.equal(await readFile(file, 'utf8'), text);
      }
    });

    test('have one writer at a time, by whatever name the file is reached', async (t) => {
      const file = await fileIn(t, `answers.${extension}`);
      const results = await open(file);
      const other = `${file}.other.${extension}`;
      await link(file, other);
      for (const name of [file, other]) await assert.rejects(open(name), isUsage(/another one is writing/));
      await results.close();
      await (await open(other)).close();
    });

    test('that another program changes end with an error', async (t) => {
      const file = await fileIn(t, `answers.${extension}`);
      const results = await open(file);
      await results.write(outcomes[0] as Outcome);
      await appendFile(file, 'x');
      await assert.rejects(results.close(), { code: 'OUTPUT_UNWRITABLE' });
    });
  });
}

test('without --resume a file that exists is refused, and stays as it is', async (t) => {
  const file = await fileIn(t, 'answers.jsonl');
  await (await open(file, false)).close();
  await assert.rejects(open(file, false), isUsage(/--resume/));
  assert.equal((await stat(file)).size, 0);
});

test('a table of other columns is refused with the reason', async (t) => {
  const file = await fileIn(t, 'answers.csv');
  await write(file);
  await assert.rejects(openResults(file, formatFor(file, 3), { resume: true }), isUsage(/--top/));
});

test('the name of the output says the format, and nothing else does', () => {
  for (const name of ['a.JSONL', 'a.Csv']) assert.ok(formatFor(name, 1));
  for (const name of ['a.json', 'a.txt', 'jsonl', '.csv'])
    assert.throws(() => formatFor(name, 1), isUsage(/\.jsonl or \.csv/), name);
});

test('a place that cannot be written is an error of the output', async (t) => {
  const folder = await temporaryFolder(t);
  await assert.rejects(open(path.join(folder, 'none', 'answers.csv')), { code: 'OUTPUT_UNWRITABLE' });
});

test('a CSV file begins with the mark by which Excel knows UTF-8, once', async (t) => {
  const file = await fileIn(t, 'answers.csv');
  await write(file, outcomes.slice(0, 1));
  await write(file);
  const text = await readFile(file, 'utf8');
  assert.equal(text.lastIndexOf('\ufeff'), 0);
  await truncate(file, 2);
  await write(file);
  assert.equal(await readFile(file, 'utf8'), text);
});

test('lines are the same, however the blocks are cut', async () => {
  const text = 'a,"b\nc"\r\nd\n"e""\n",f\n';
  async function* blocks(size: number): AsyncGenerator<Buffer> {
    const bytes = Buffer.from(text);
    for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
  }
  for (let size = 1; size <= text.length; size++) {
    const lines: string[] = [];
    for await (const line of readLines(blocks(size), true)) lines.push(line.text);
    assert.deepEqual(lines, ['a,"b\nc"\r\n', 'd\n', '"e""\n",f\n']);
  }
});
