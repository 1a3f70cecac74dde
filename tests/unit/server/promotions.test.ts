import assert from 'node:assert/strict';
import { appendFile, mkdir, rmdir } from 'node:fs/promises';
import { describe, type TestContext, test } from 'node:test';
import * as v from 'valibot';
import { readChosenModel } from '#kaiyan/chosen-model.js';
import type { Settings } from '#kaiyan/config.js';
import { type Answering, type Promotion, promotionsFile } from '#kaiyan/models/promotions.js';
import { promotionAnswer, promotionsAnswer } from '#kaiyan/server/correction-contract.js';
import { createServing } from '#kaiyan/serving/serving.js';
import { temporaryFolder } from '../../support/folders.js';
import { installCopy } from '../../support/installing.js';
import { serviceFor } from '../../support/service.js';

const URL = '/api/v1/promotions';

async function promotingIn(t: TestContext, changes: Partial<Settings> = {}) {
  const home = await temporaryFolder(t);
  await installCopy(home, 'mine', '1');
  await installCopy(home, 'mine', '2');
  const { http, serving, lines } = await serviceFor(t, { home, ...changes });
  const call = async (method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) => {
    const { statusCode: status, body } = await http.inject({ method, url, ...(payload && { payload }) });
    return { status, json: JSON.parse(body) };
  };
  const promoted = async (answer: ReturnType<typeof call>): Promise<Promotion> => {
    const { status, json } = await answer;
    assert.equal(status, 200, json.error);
    assert.deepEqual(v.parse(promotionAnswer, json), json);
    return json.promotion;
  };
  return {
    ...{ home, serving, call, lines },
    activate: (model: string, precision?: string) => call('PUT', '/api/v1/models/active', { model, precision }),
    promote: (model: string, training?: string) =>
      promoted(call('POST', URL, { model, ...(training && { training }) })),
    rollBack: () => promoted(call('POST', `${URL}/rollback`)),
    list: async () => {
      const { json } = await call('GET', URL);
      assert.deepEqual(v.parse(promotionsAnswer, json), json);
      return json.promotions as Promotion[];
    },
    told: async () => (await call('GET', URL)).json.rollback as Answering | null,
    answers: () => `${serving.active().name}@${serving.active().version}`,
  };
}

describe('an activation', () => {
  test('is on record, holds until the service ends, and is taken back by a rollback', async (t) => {
    const { home, activate, promote, rollBack, list, answers } = await promotingIn(t);
    const promoted = await promote('mine@1');
    assert.equal((await activate('mine')).status, 200);
    const [recorded] = await list();
    assert.deepEqual(
      [recorded?.kind, recorded?.from.reference, recorded?.to.reference, recorded?.by],
      ['activation', 'mine@1', 'mine@2', 'api'],
    );
    assert.equal(readChosenModel(home)?.model, 'mine@1');
    assert.equal((await activate('mine@2')).status, 200);
    assert.deepEqual(await list(), [recorded, promoted], 'nothing has changed by it');
    await rollBack();
    assert.equal(answers(), 'mine@1');
  });

  test('takes its turn with promotions, so that each is said to replace what it replaced', async (t) => {
    const { activate, promote, list } = await promotingIn(t);
    await Promise.all([promote('mine@1'), activate('mine@2'), promote('efficientnet-lite0@1'), activate('mine@1')]);
    const changes = (await list()).reverse().map(({ from, to }) => [from.reference, to.reference]);
    assert.equal(changes.length, 4);
    for (const [i, [from]] of changes.entries()) assert.equal(from, changes[i - 1]?.[1] ?? 'efficientnet-lite0@1');
  });

  test('that cannot be recorded is made all the same, and the operator is told', async (t) => {
    const { home, activate, answers, lines } = await promotingIn(t);
    await mkdir(promotionsFile(home));
    assert.deepEqual([(await activate('mine@1')).status, answers()], [200, 'mine@1']);
    assert.ok(lines.some(({ level, code }) => level === 'error' && code === 'DATA_UNWRITABLE'));
  });
});

describe('what a rollback is said to lead to', () => {
  const LITE0 = 'efficientnet-lite0@1';
  for (const [name, steps, expected] of [
    ['of nothing', [], []],
    ['of an activation', ['use mine@1'], [LITE0]],
    ['of promotions', ['promote mine@1', 'promote mine@2'], ['mine@1', LITE0]],
    [
      'of an activation after promotions',
      ['promote mine@1', 'promote mine@2', 'use efficientnet-lite2@1'],
      ['mine@2', 'mine@1', LITE0],
    ],
    ['of a promotion after an activation', ['use mine@1', 'promote mine@2'], ['mine@1', LITE0]],
    ['of another precision', [`use ${LITE0} fp32`], [LITE0]],
  ] as const)
    test(`${name} is what it leads to, each time`, async (t) => {
      const { call, activate, promote, rollBack, told, serving } = await promotingIn(t);
      for (const step of steps) {
        const [how, model, precision] = step.split(' ') as [string, string, string?];
        if (how === 'promote') await promote(model);
        else assert.equal((await activate(model, precision)).status, 200);
      }
      for (const reference of expected) {
        const before = await told();
        assert.equal(before?.reference, reference);
        assert.deepEqual((await rollBack()).to, before);
        assert.equal(serving.activeChoice().precision, before?.precision);
      }
      assert.equal(await told(), null);
      assert.equal((await call('POST', `${URL}/rollback`)).json.code, 'NOTHING_TO_ROLL_BACK');
    });

  test('passes over what an earlier service was told until its end', async (t) => {
    const { home, activate, promote } = await promotingIn(t);
    await promote('mine@1');
    for (const model of ['mine@2', 'efficientnet-lite2', 'mine@1']) await activate(model);
    const { http } = await serviceFor(t, { home, model: 'mine@1' });
    const { body } = await http.inject({ url: URL });
    assert.equal(JSON.parse(body).rollback.reference, LITE0);
  });
});

describe('a promotion', () => {
  test('lets a model answer at once and after the next start, is recorded, and is taken back by a rollback', async (t) => {
    const { home, serving, promote, rollBack, list, answers } = await promotingIn(t);
    assert.deepEqual(await list(), []);
    const first = await promote('mine@1', 'training-7');
    assert.deepEqual(
      [first.kind, first.from.reference, first.to.reference, first.training, first.by],
      ['promotion', 'efficientnet-lite0@1', 'mine@1', 'training-7', 'api'],
    );
    assert.equal(answers(), 'mine@1');
    assert.equal(readChosenModel(home)?.model, 'mine@1');
    const second = await promote('mine');
    assert.equal(second.to.reference, 'mine@2', 'pinned to the version that it means now');
    assert.equal(serving.activeChoice().reference, 'mine@2');
    const third = await rollBack();
    assert.deepEqual([third.kind, third.to.reference, answers()], ['rollback', 'mine@1', 'mine@1']);
    await rollBack();
    assert.equal(answers(), 'efficientnet-lite0@1');
    assert.equal(readChosenModel(home)?.model, 'efficientnet-lite0@1');
    assert.deepEqual((await list()).slice(1), [third, second, first]);
    const { model: _, ...settings } = serving.settings;
    const restarted = await createServing({
      settings: { ...settings, model: readChosenModel(home)?.model as string },
      onNotice: () => undefined,
    });
    t.after(restarted.close);
    assert.deepEqual(restarted.active(), serving.active());
  });

  test('of the model that was promoted and answers already is the one on record, but not where it only answers until the end', async (t) => {
    const { promote, activate, list } = await promotingIn(t);
    const first = await promote('mine@1');
    assert.deepEqual(await promote('mine@1'), first);
    assert.deepEqual(await list(), [first]);
    await activate('mine@2');
    const second = await promote('mine');
    assert.equal(second.to.reference, 'mine@2');
    assert.deepEqual(await promote('mine'), second);
    assert.equal((await list()).length, 3);
  });

  test('keeps the precision, where the model has it', async (t) => {
    const { serving, promote } = await promotingIn(t, { precision: 'fp32' });
    const { from, to } = await promote('mine@1');
    assert.deepEqual([from.precision, to.precision, serving.active().precision], ['fp32', 'auto', 'int8']);
  });

  test('of what is not there, or that has nothing to go back to, is refused and changes nothing', async (t) => {
    const { call, list, answers } = await promotingIn(t);
    for (const [url, payload, status, code] of [
      [URL, { model: 'mine@3' }, 404, 'MODEL_NOT_FOUND'],
      [URL, { model: '../mine' }, 400, 'REQUEST_INVALID'],
      [URL, {}, 400, 'REQUEST_INVALID'],
      [`${URL}/rollback`, undefined, 409, 'NOTHING_TO_ROLL_BACK'],
    ] as const) {
      const answer = await call('POST', url, payload);
      assert.deepEqual([answer.status, answer.json.code], [status, code]);
    }
    assert.deepEqual([await list(), answers()], [[], 'efficientnet-lite0@1']);
  });

  test('is listed with the last two hundred', async (t) => {
    const { home, promote, list } = await promotingIn(t);
    const first = await promote('mine@1');
    await appendFile(promotionsFile(home), `${JSON.stringify(first)}\n`.repeat(250));
    const last = await promote('mine@2');
    const listed = await list();
    assert.deepEqual([listed.length, listed[0], listed[1]], [200, last, first]);
  });

  test('that cannot be recorded is not made', async (t) => {
    const { home, call, promote, answers } = await promotingIn(t);
    await mkdir(promotionsFile(home));
    const { status } = await call('POST', URL, { model: 'mine@1' });
    assert.deepEqual([status, answers(), readChosenModel(home)], [500, 'efficientnet-lite0@1', undefined]);
    await rmdir(promotionsFile(home));
    await promote('mine@1');
    assert.equal(answers(), 'mine@1');
  });

  test('is for who manages the service alone, and so is the record', async (t) => {
    const { call } = await promotingIn(t, { adminToken: 'secret' });
    for (const answer of [
      await call('GET', URL),
      await call('POST', URL, { model: 'mine@1' }),
      await call('POST', `${URL}/rollback`),
    ])
      assert.deepEqual([answer.status, answer.json.code], [403, 'MANAGEMENT_REFUSED']);
  });
});
