import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import {
  type Cell,
  classificationCells,
  classificationColumns,
  csvCells,
  csvLine,
  errorCells,
} from '#kaiyan/jobs/table/csv.js';
import { python, withoutPython } from '../../../support/requirements.js';

const texts = [
  '',
  'cat.jpg',
  'a, b',
  'say "ah"',
  '"',
  'a;=1+1',
  'a\t=1+1',
  'two\nlines',
  'two\r\nlines',
  '\rback',
  '\ttab',
  '=HYPERLINK("http://example.org","x")',
  '+1',
  '-1.jpg',
  '@SUM(1)',
  '＝1',
  "'quoted'",
  "'=1",
  "''",
  ' spaces ',
  '猫，狗.jpg',
  '🐈.png',
];

describe('a line of CSV', () => {
  test('is read by Python as it was written, but for the apostrophe in front', { skip: withoutPython('csv') }, () => {
    const script =
      'import csv, io, json, sys; print(json.dumps(list(csv.reader(io.StringIO(sys.stdin.read(), newline="")))))';
    const input = csvLine(texts) + csvLine([...texts].reverse());
    const [first, second] = JSON.parse(execFileSync(python, ['-c', script], { input, encoding: 'utf8' })) as string[][];
    const withoutApostrophe = (cell: string) => cell.replace(/^'/, '');
    assert.deepEqual(first?.map(withoutApostrophe), texts);
    assert.deepEqual(second?.map(withoutApostrophe), [...texts].reverse());
  });

  test('has no cell that a spreadsheet takes for a formula', () => {
    for (const text of texts) assert.doesNotMatch(csvLine([text, '']), /^"?[=+\-@\t\r\n＝＋－＠]/, text);
  });

  test('has no formula either where a spreadsheet parts cells at ; or tabs', { skip: withoutPython('csv') }, () => {
    const script =
      'import csv, io, json, sys; text = sys.stdin.read(); print(json.dumps([list(csv.reader(io.StringIO(text, newline=""), delimiter=d)) for d in ";\\t"]))';
    const name = 'a;=1+1\t=2+2.jpg';
    const error = { code: 'FILE_UNREADABLE', error: `Expected a readable file at ${name}.` } as const;
    const input = csvLine(errorCells(name, error, 3));
    const tables = JSON.parse(execFileSync(python, ['-c', script], { input, encoding: 'utf8' })) as string[][][];
    for (const cell of tables.flat(2)) assert.doesNotMatch(cell, /^[=+\-@]/);
  });

  test('gives its cells back, each alone and all together', () => {
    assert.deepEqual(csvCells(csvLine(texts)), texts);
    for (const text of texts) assert.deepEqual(csvCells(csvLine([text])), [text]);
    for (const text of texts) assert.deepEqual(csvCells(csvLine([text, ''])), [text, '']);
  });

  test('leaves numbers as they are, and nothing for what is missing', () => {
    assert.equal(csvLine([-0.5, 1e-7, null, 'x']), '-0.5,1e-7,,x\r\n');
  });

  for (const line of ['a,b', 'a,b\n', '"a,b\r\n', 'a"b\r\n', '"a"b\r\n', 'a\r\nb\r\n', 'a,'])
    test(`is not ${JSON.stringify(line)}`, () => assert.equal(csvCells(line), undefined));
});

describe('a row of a table', () => {
  const answer = {
    model: { name: 'm', version: '1', precision: 'int8', digest: '0' },
    predictions: [
      { index: 1, wnid: null, label: 'cat', probability: 0.75 },
      { index: 2, wnid: null, label: 'dog', probability: 0.2 },
    ],
    answer: { level: 'unsure', label: null, wnid: null, group: null, probability: 0.75 },
    categories: [{ name: 'animal', label: '动物', probability: 0.9 }],
    flags: [
      { name: 'pets', probability: 0.95 },
      { name: 'indoor', probability: 0.5 },
    ],
  } as const;

  const row = (cells: readonly Cell[]) =>
    Object.fromEntries(classificationColumns(3).map((name, i) => [name, cells[i]]));

  test('has a cell for each column, whether there is an answer or an error', () => {
    const error = errorCells('a.jpg', { code: 'IMAGE_EMPTY', error: 'Empty.' }, 3);
    for (const cells of [classificationCells('a.jpg', answer, 3), error])
      assert.equal(cells.length, classificationColumns(3).length);
    assert.deepEqual(
      [row(error).file, row(error).answer, row(error).error, row(error).code],
      ['a.jpg', null, 'Empty.', 'IMAGE_EMPTY'],
    );
  });

  test('has the predictions in places of their own, and empty ones where there are fewer', () => {
    assert.deepEqual(row(classificationCells('a.jpg', answer, 3)), {
      ...{ file: 'a.jpg', answer: null, level: 'unsure', probability: 0.75 },
      ...{ label1: 'cat', probability1: 0.75, label2: 'dog', probability2: 0.2, label3: null, probability3: null },
      ...{ category: '动物', category_probability: 0.9, flags: 'pets 0.95; indoor 0.5', model: 'm@1 int8' },
      ...{ error: null, code: null },
    });
  });
});
