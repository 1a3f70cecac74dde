import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRows, type Row, type RowAnswer } from '#page/pages/batch/rows.js';
import {
  type Column,
  choicesIn,
  countsIn,
  filtered,
  grouped,
  NO_FILTER,
  sorted,
  wallLines,
} from '#page/pages/batch/view.js';
import { vocabularyOf } from '#page/pages/batch/vocabulary.js';

const MODEL = 'few@1';
const labels = {
  model: 'few',
  classes: [
    { index: 0, wnid: null, en: 'tabby', zh: '虎斑猫' },
    { index: 1, wnid: null, en: 'poodle', zh: '贵宾犬' },
  ],
  categories: [
    { key: 'animal', en: 'animal', zh: '动物', members: [0, 1] },
    { key: 'cat', en: 'cat', zh: '猫', members: [0] },
  ],
  groups: [{ key: 'pets', en: 'a pet', zh: '宠物', members: [0, 1] }],
};
const english = vocabularyOf(labels, MODEL, 'en');
const chinese = vocabularyOf(labels, MODEL, 'zh');

const answer = (changes: Partial<RowAnswer> = {}): RowAnswer => ({
  ...{ level: 'class', label: 'tabby', group: null, best: { index: 0, label: 'tabby' }, probability: 0.9 },
  categories: [
    { name: 'animal', label: 'animal' },
    { name: 'cat', label: 'cat' },
  ],
  flags: [],
  model: MODEL,
  ...changes,
});
const poodle = answer({
  ...{ label: 'poodle', best: { index: 1, label: 'poodle' }, probability: 0.8, flags: ['pets'] },
  categories: [{ name: 'animal', label: 'animal' }],
});
const unsure = answer({ level: 'unsure', label: '', probability: 0.3, categories: [] });
const row = (item: number, name: string, changes: Partial<Row> = {}): Row => ({
  ...{ item, name, state: 'answered', sequence: item + 1, answer: answer(), code: '', error: '', hasThumbnail: true },
  ...changes,
});
const ROWS = [
  row(0, 'b/2.jpg'),
  row(1, 'b/10.jpg', { answer: poodle }),
  row(2, 'a.jpg', { answer: unsure }),
  row(3, 'broken.jpg', { state: 'failed', answer: null, code: 'IMAGE_CORRUPT', error: 'cannot be read' }),
  row(4, 'later.jpg', { state: 'waiting', sequence: 0, answer: null, hasThumbnail: false }),
  row(5, 'c.jpg', { answer: answer({ label: 'rug', best: { index: 7, label: 'rug' }, categories: [] }) }),
  row(6, 'd.jpg'),
];
const items = (rows: readonly Row[]) => rows.map(({ item }) => item);

test('pictures are found by name, answer, category, flag and state, and counted', () => {
  const find = (changes: Partial<typeof NO_FILTER>, vocabulary = english) =>
    items(filtered(ROWS, { ...NO_FILTER, ...changes }, vocabulary));
  assert.deepEqual(find({}), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(find({ text: ' B/' }), [0, 1]);
  assert.deepEqual(find({ text: 'TABBY' }), [0, 2, 6]);
  assert.deepEqual(find({ text: '贵宾' }, chinese), [1]);
  assert.deepEqual(find({ category: 'animal' }), [0, 1, 6]);
  assert.deepEqual(find({ flag: 'pets', text: 'poodle' }), [1]);
  assert.deepEqual(find({ shown: 'answered' }), [0, 1, 2, 5, 6]);
  assert.deepEqual(find({ shown: 'unsure' }), [2]);
  assert.deepEqual(find({ shown: 'failed' }), [3]);
  const { shown, categories, flags } = choicesIn(ROWS, chinese);
  assert.deepEqual(shown, { all: 7, answered: 5, unsure: 1, failed: 1, waiting: 1, canceled: 0 });
  assert.deepEqual(categories, [
    { value: 'animal', label: '动物', count: 3 },
    { value: 'cat', label: '猫', count: 2 },
  ]);
  assert.deepEqual(flags, [{ value: 'pets', label: 'pets', count: 1 }]);
});

test('every column sorts both ways; numbers in names count; what has nothing there comes last', () => {
  const collator = new Intl.Collator('en', { numeric: true });
  const by = (column: Column, descending = false) => items(sorted(ROWS, { column, descending }, english, collator));
  assert.deepEqual(items(sorted(ROWS, null, english, collator)), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(by('name'), [2, 0, 1, 3, 5, 6, 4]);
  assert.deepEqual(by('name', true), [4, 6, 5, 3, 1, 0, 2]);
  assert.deepEqual(by('answer'), [1, 5, 0, 6, 2, 3, 4]);
  assert.deepEqual(by('answer', true), [0, 6, 5, 1, 2, 3, 4]);
  assert.deepEqual(by('probability'), [2, 1, 0, 5, 6, 3, 4]);
  assert.deepEqual(by('category'), [1, 0, 6, 2, 3, 4, 5]);
  assert.deepEqual(by('flags', true), [1, 0, 2, 3, 4, 5, 6]);
  assert.deepEqual(by('state'), [4, 0, 1, 2, 5, 6, 3]);
});

test('a job is as far as its pictures say, which come sooner, and as it is told until all of them are here', () => {
  const told = { total: 7, waiting: 4, answered: 3, failed: 0, canceled: 0 };
  const { shown } = choicesIn(ROWS, english);
  assert.deepEqual(countsIn(told, shown), { total: 7, waiting: 1, answered: 5, failed: 1, canceled: 0 });
  assert.deepEqual(countsIn({ ...told, total: 9 }, shown), { ...told, total: 9 });
});

test('a wall has the largest category first, then the rest, what is unsure, what failed; a picture is in its narrowest', () => {
  const groups = grouped(ROWS, chinese);
  assert.deepEqual(
    groups.map(({ key, label, rows }) => [key, label, items(rows)]),
    [
      ['category cat', '猫', [0, 6]],
      ['category animal', '动物', [1]],
      ['other', '', [5]],
      ['unsure', '', [2]],
      ['failed', '', [3]],
    ],
  );
  const many = [{ key: 'other', label: '', rows: ROWS }];
  assert.deepEqual(
    wallLines(many, 3).map((line) => (line.kind === 'heading' ? line.kind : items(line.rows))),
    ['heading', [0, 1, 2], [3, 4, 5], [6]],
  );
});

test('answers are named in the language of the page, for the model whose words are known', () => {
  assert.deepEqual(
    [english.answer(poodle), chinese.answer(poodle), chinese.answer(unsure)],
    ['poodle', '贵宾犬', '虎斑猫'],
  );
  assert.equal(chinese.answer(answer({ level: 'group', group: 'pets', label: 'a pet' })), '宠物');
  assert.equal(chinese.answer({ ...poodle, model: 'other@1' }), 'poodle');
  assert.equal(vocabularyOf(undefined, '', 'zh').answer(poodle), 'poodle');
});

test('rows keep the latest outcome of each picture, in their order, and no more than so many', () => {
  const rows = createRows(3);
  const item = (at: number, sequence: number, state: 'waiting' | 'failed') => ({
    item: at,
    name: `${at}`,
    state,
    sequence,
  });
  rows.put([item(2, 0, 'waiting'), item(0, 0, 'waiting'), item(1, 0, 'waiting'), item(3, 0, 'waiting')]);
  rows.put([item(1, 5, 'failed')]);
  rows.put([item(1, 0, 'waiting')]);
  const states = () => rows.all().map(({ item: at, state }) => [at, state]);
  assert.deepEqual(states(), [
    [0, 'waiting'],
    [1, 'failed'],
    [2, 'waiting'],
  ]);
  rows.cancelWaiting();
  assert.deepEqual(states(), [
    [0, 'canceled'],
    [1, 'failed'],
    [2, 'canceled'],
  ]);
});
