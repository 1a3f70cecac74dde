import assert from 'node:assert/strict';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { readChosenModel, writeChosenModel } from '#kaiyan/chosen-model.js';
import {
  type Answering,
  type Promotion,
  promotionsFile,
  readPromotions,
  replacedModel,
  settlePromotion,
} from '#kaiyan/models/promotions.js';
import { rejectsWith } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';

const model = (reference: string, precision: Answering['precision'] = 'auto'): Answering => ({ reference, precision });
const told = (from: string, to: string, kind: Promotion['kind'] = 'promotion') =>
  ({ kind, from: model(from), to: model(to), training: null, by: 'command' }) as const;

/** The newest last. */
const record = (...changes: readonly (readonly [from: string, to: string, kind?: Promotion['kind']])[]): Promotion[] =>
  changes.map((change, i) => ({ id: `${i}`, at: '2026-01-01T00:00:00.000Z', ...told(...change) })).reverse();

describe('a promotion', () => {
  test('has the model answer from the next start on, and is recorded', async (t) => {
    const home = await temporaryFolder(t);
    assert.deepEqual(await readPromotions(home), []);
    const first = await settlePromotion(home, { ...told('a@1', 'b@1'), training: 't1' });
    const second = await settlePromotion(home, { ...told('b@1', 'c@1'), to: model('c@1', 'fp32'), by: 'api' });
    assert.deepEqual(await readPromotions(home), [second, first]);
    assert.ok(Math.abs(Date.parse(second.at) - Date.now()) < 60_000);
    const { model: chosen, precision } = readChosenModel(home) ?? {};
    assert.deepEqual([chosen, precision], ['c@1', 'fp32']);
  });

  test('is recorded whole after what a killed process has left of a line', async (t) => {
    const home = await temporaryFolder(t);
    const first = await settlePromotion(home, told('a@1', 'b@1'));
    await appendFile(promotionsFile(home), '{"id":"half');
    const second = await settlePromotion(home, told('b@1', 'c@1'));
    assert.deepEqual(await readPromotions(home), [second, first]);
    assert.match(await readFile(promotionsFile(home), 'utf8'), /\n\{"id":"half\n\{/);
  });

  test('that cannot be recorded leaves the choice as it was', async (t) => {
    const home = await temporaryFolder(t);
    await mkdir(promotionsFile(home));
    await rejectsWith(settlePromotion(home, told('a@1', 'b@1')), 'DATA_UNWRITABLE');
    assert.equal(readChosenModel(home), undefined);
    await writeChosenModel(home, { model: 'a@1', precision: 'int8' });
    await rejectsWith(settlePromotion(home, told('a@1', 'b@1')), 'DATA_UNWRITABLE');
    assert.deepEqual([readChosenModel(home)?.model, readChosenModel(home)?.precision], ['a@1', 'int8']);
  });

  test('of several processes at once is a line for each', async (t) => {
    const home = await temporaryFolder(t);
    await Promise.all(Array.from({ length: 20 }, (_, i) => settlePromotion(home, told(`a@${i}`, `a@${i + 1}`))));
    assert.equal((await readPromotions(home)).length, 20);
  });

  test('of long ago is not read any more, and stays on record', async (t) => {
    const home = await temporaryFolder(t);
    const old = { ...record(['a@1', 'b@1'])[0], id: 'x'.repeat(400) };
    await writeFile(promotionsFile(home), `${JSON.stringify(old)}\n`.repeat(3_000));
    const last = await settlePromotion(home, told('b@1', 'c@1'));
    const read = await readPromotions(home);
    assert.ok(read.length > 1_000 && read.length < 3_000, `${read.length}`);
    assert.deepEqual(read[0], last);
    assert.equal((await readFile(promotionsFile(home), 'utf8')).split('\n').length, 3_002);
  });

  test('that somebody else has written is passed over', async (t) => {
    const home = await temporaryFolder(t);
    await writeFile(promotionsFile(home), 'null\n{"id":7}\n\nnotes\n');
    assert.deepEqual(await readPromotions(home), []);
  });
});

describe('a rollback', () => {
  for (const [name, changes, present, target] of [
    [
      'goes to what the last promotion replaced',
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
      'c',
      'b',
    ],
    [
      'goes one further each time',
      [
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'b', 'rollback'],
      ],
      'b',
      'a',
    ],
    [
      'counts what was promoted since',
      [
        ['a', 'b'],
        ['b', 'a', 'rollback'],
        ['a', 'c'],
      ],
      'c',
      'a',
    ],
    ['goes there too if another model was chosen meanwhile', [['a', 'b']], 'x', 'a'],
    [
      'takes back an activation by the command too',
      [
        ['a', 'b'],
        ['b', 'x', 'activation'],
      ],
      'x',
      'b',
    ],
    [
      'passes over an activation that something else has followed',
      [
        ['a', 'b'],
        ['b', 'x', 'activation'],
      ],
      'b',
      'a',
    ],
    [
      'passes over a model that answers anyway',
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
      'b',
      'a',
    ],
    [
      'takes back with it what it went past',
      [
        ['a', 'b'],
        ['b', 'c'],
        ['x', 'a', 'rollback'],
        ['a', 'd'],
      ],
      'd',
      'a',
    ],
  ] as const)
    test(name, () => assert.equal(replacedModel(record(...changes), model(present))?.reference, target));

  for (const [name, changes, present] of [
    ['without any', [], 'a'],
    [
      'when all were taken back',
      [
        ['a', 'b'],
        ['b', 'a', 'rollback'],
      ],
      'a',
    ],
    ['to the model that answers', [['a', 'b']], 'a'],
  ] as const)
    test(`leads nowhere ${name}`, () => assert.equal(replacedModel(record(...changes), model(present)), undefined));

  test('goes back to another precision of the same model', () => {
    const [promotion] = record(['a', 'a']) as [Promotion];
    const changed = { ...promotion, from: model('a', 'fp32') };
    assert.deepEqual(replacedModel([changed], model('a')), model('a', 'fp32'));
  });

  test('goes further back also where the last step met a precision that is gone', () => {
    const [back, ...promotions] = record(['a', 'b'], ['b', 'c'], ['c', 'b', 'rollback']) as [Promotion, ...Promotion[]];
    const given = promotions.map((one) => (one.to.reference === 'c' ? { ...one, from: model('b', 'int8') } : one));
    assert.equal(replacedModel([back, ...given], model('b'))?.reference, 'a');
  });

  test('past an activation of another service to a precision that is gone has taken back both', () => {
    const [back, activated, promotion] = record(['a', 'b'], ['b', 'c', 'activation'], ['b', 'a', 'rollback']);
    const history = [back, { ...activated, by: 'api' }, { ...promotion, from: model('a', 'int8') }] as Promotion[];
    assert.equal(replacedModel(history, model('a')), undefined);
  });

  for (const [name, changes, present, inService, elsewhere] of [
    [
      'after a promotion',
      [
        ['x', 'a'],
        ['a', 'b', 'activation'],
      ],
      ['b', 'a'],
      'a',
      'x',
    ],
    ['alone', [['a', 'b', 'activation']], ['b', 'a'], 'a', undefined],
    [
      'and another',
      [
        ['a', 'b', 'activation'],
        ['b', 'c', 'activation'],
      ],
      ['c', 'a'],
      'b',
      undefined,
    ],
    [
      'and back',
      [
        ['a', 'b', 'activation'],
        ['b', 'a', 'activation'],
      ],
      ['a', 'a'],
      'b',
      undefined,
    ],
    [
      'taken back',
      [
        ['a', 'x'],
        ['x', 'a'],
        ['a', 'b', 'activation'],
        ['b', 'a', 'rollback'],
      ],
      ['a', 'a'],
      'x',
      'x',
    ],
    [
      'before a promotion',
      [
        ['a', 'b', 'activation'],
        ['b', 'c'],
      ],
      ['c', 'c'],
      'b',
      'b',
    ],
    [
      'before one taken back',
      [
        ['a', 'b', 'activation'],
        ['b', 'c'],
        ['c', 'b', 'rollback'],
      ],
      ['b', 'b'],
      'a',
      undefined,
    ],
  ] as const)
    test(`takes back an activation by the API, ${name}, only in the service that made it`, () => {
      const history = record(...changes).map((one): Promotion => ({ ...one, by: 'api' }));
      const own = history.map(({ id }) => id);
      assert.equal(replacedModel(history, model(present[0]), own)?.reference, inService);
      assert.equal(replacedModel(history, model(present[1]))?.reference, elsewhere);
    });
});
