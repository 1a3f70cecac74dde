import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { settingsWith } from '#kaiyan/config.js';
import { AppError } from '#kaiyan/errors.js';
import { isOver } from '#kaiyan/training/runs/training-record.js';
import { createTrainings, type Trainings } from '#kaiyan/training/runs/trainings.js';
import { TRAINING_DEFAULTS } from '#kaiyan/training/training.js';
import { rejectsWith } from '../../../support/errors.js';
import { temporaryFolder } from '../../../support/folders.js';
import { withoutMounts } from '../../../support/requirements.js';
import { until } from '../../../support/timing.js';

const script = new URL('../../../support/workers/trains-as-told.js', import.meta.url);
const { resume: _, ...DEFAULTS } = TRAINING_DEFAULTS;

interface Service {
  readonly trainings: Trainings;
  readonly failures: [code: string, lastWords: string | undefined][];
}

/** As a service that has just started; `home` as an earlier one left it. */
function serviceIn(t: TestContext, home: string): Service {
  const failures: Service['failures'] = [];
  const trainings = createTrainings({
    ...{ settings: settingsWith({ home }), script },
    filesOf: async (name) => {
      if (name === 'gone') throw new AppError('DATASET_NOT_FOUND', { name });
      return { name, pictures: `${name}/pictures.jsonl` };
    },
    onFailure: ({ code }, lastWords) => failures.push([code, lastWords]),
  });
  t.after(trainings.close);
  return { trainings, failures };
}

const asked = (output: string) => ({ dataset: 'pets', options: { ...DEFAULTS, output } });
const stateOf = async (trainings: Trainings, id: string) => (await trainings.get(id)).record.state;
const idOf = async (trainings: Trainings, output: string) => (await trainings.add(asked(output))).record.id;

async function untilOver(trainings: Trainings, id: string) {
  await until('the end of the training', async () => isOver((await trainings.get(id)).record), 30_000);
  return (await trainings.get(id)).record;
}

const untilRunning = (trainings: Trainings, id: string) =>
  until('the first point', async () => (await trainings.get(id)).record.points.length > 0, 30_000);

const onDisk = async (home: string, id: string) =>
  JSON.parse(await readFile(path.join(home, 'trainings', id, 'training.json'), 'utf8'));

/** A folder with a file in it that cannot be deleted, until it is let go from where it is by then. */
async function holdFast(folder: string): Promise<(from: string) => void> {
  const run = (...command: [string, ...string[]]) => {
    const [program, ...args] = command;
    assert.equal(spawnSync(program, args).status, 0, command.join(' '));
  };
  await mkdir(folder);
  run('mount', '-t', 'tmpfs', 'tmpfs', folder);
  await writeFile(path.join(folder, 'file'), '');
  run('mount', '-o', 'remount,ro', folder);
  return (from) => run('umount', from);
}

describe('a training of the service', () => {
  test('runs in its turn, and what has come of it is kept', async (t) => {
    const home = await temporaryFolder(t);
    const { trainings } = serviceIn(t, home);
    const ids = [
      await idOf(trainings, 'waits'),
      await idOf(trainings, 'quick'),
      await idOf(trainings, 'quick'),
    ] as const;
    await untilRunning(trainings, ids[0]);
    assert.deepEqual(await Promise.all(ids.map((id) => stateOf(trainings, id))), ['running', 'waiting', 'waiting']);
    assert.deepEqual(
      (await trainings.list()).map(({ record }) => record.id),
      [...ids].reverse(),
    );
    assert.equal((await trainings.get(ids[0])).progress?.phase, 'embedding');
    await trainings.stop(ids[0]);
    const first = await untilOver(trainings, ids[0]);
    assert.deepEqual([first.state, first.interrupted, first.result?.model], ['stopped', false, 'waits@1']);
    const last = await untilOver(trainings, ids[2]);
    assert.deepEqual([last.state, last.result?.crossValidated, last.findings.length], ['done', 0.75, 1]);
    assert.deepEqual(
      last.points.map(({ point, best }) => [point.epoch, best]),
      [
        [1, false],
        [2, true],
        [3, false],
      ],
    );
    assert.ok(last.created <= (last.started ?? '') && (last.started ?? '') <= (last.ended ?? ''));
    await trainings.close();
    assert.deepEqual(await onDisk(home, ids[2]), last);
    const { trainings: later } = serviceIn(t, home);
    assert.deepEqual(
      (await later.list()).map(({ record }) => record.id),
      [...ids].reverse(),
    );
    assert.deepEqual((await later.get(ids[2])).record, last);
  });

  test('that dies is said to have failed, and the next one has its turn', async (t) => {
    const { trainings, failures } = serviceIn(t, await temporaryFolder(t));
    const [dies, refuses, next] = [
      await idOf(trainings, 'dies'),
      await idOf(trainings, 'refuses'),
      await idOf(trainings, 'quick'),
    ];
    const { state, error } = await untilOver(trainings, dies);
    assert.deepEqual([state, error?.code], ['failed', 'TRAINING_FAILED']);
    assert.match(error?.error ?? '', /exit status 3/);
    assert.deepEqual((await untilOver(trainings, refuses)).error?.code, 'DATASET_INVALID');
    assert.equal((await untilOver(trainings, next)).state, 'done');
    assert.deepEqual(failures, [['TRAINING_FAILED', 'something terrible']]);
  });

  test('whose data set is gone by then has failed, and without one it is not taken', async (t) => {
    const home = await temporaryFolder(t);
    const { trainings } = serviceIn(t, home);
    await rejectsWith(trainings.add({ ...asked('quick'), dataset: 'gone' }), 'DATASET_NOT_FOUND');
    assert.deepEqual(await trainings.list(), []);
  });

  test('is resumed with what it has left', async (t) => {
    const { trainings } = serviceIn(t, await temporaryFolder(t));
    const id = await idOf(trainings, 'quick');
    await untilOver(trainings, id);
    await rejectsWith(trainings.resume(id), 'TRAINING_NOT_RESUMABLE');
    const waits = await idOf(trainings, 'waits');
    await untilRunning(trainings, waits);
    await trainings.stop(waits);
    await untilOver(trainings, waits);
    assert.equal((await trainings.resume(waits)).record.resume, true);
    await until('it runs again', async () => (await stateOf(trainings, waits)) === 'running', 30_000);
    // Asked again it goes on.
    assert.equal((await trainings.resume(waits)).record.state, 'running');
  });

  test('that waits is stopped at once, and so many may wait', async (t) => {
    const { trainings } = serviceIn(t, await temporaryFolder(t));
    await idOf(trainings, 'deaf');
    const waiting = [];
    for (let i = 0; i < 10; i++) waiting.push(await idOf(trainings, 'quick'));
    await rejectsWith(trainings.add(asked('quick')), 'TRAININGS_FULL');
    assert.equal((await trainings.stop(waiting[0] as string)).record.state, 'stopped');
    await idOf(trainings, 'quick');
    await rejectsWith(trainings.resume(waiting[0] as string), 'TRAININGS_FULL');
  });

  test('is ended and removed with all that it has kept', async (t) => {
    const home = await temporaryFolder(t);
    const { trainings } = serviceIn(t, home);
    const id = await idOf(trainings, 'deaf');
    await untilRunning(trainings, id);
    await trainings.remove(id);
    assert.deepEqual(await readdir(path.join(home, 'trainings')), []);
    await rejectsWith(trainings.get(id), 'TRAINING_NOT_FOUND');
    assert.equal((await untilOver(trainings, await idOf(trainings, 'quick'))).state, 'done');
  });
});

describe('where nothing can be written', () => {
  const blockDisk = async (home: string) => {
    await rm(path.join(home, 'trainings'), { recursive: true, force: true, maxRetries: 10 });
    await writeFile(path.join(home, 'trainings'), '');
  };

  test('no training is taken', async (t) => {
    const home = await temporaryFolder(t);
    await blockDisk(home);
    const { trainings } = serviceIn(t, home);
    await rejectsWith(trainings.add(asked('quick')), 'DATA_UNWRITABLE');
    assert.deepEqual(await trainings.list(), []);
  });

  test('none that could not be removed is gone: it has ended, is in its place, and can be removed again', async (t) => {
    const home = await temporaryFolder(t);
    const { trainings } = serviceIn(t, home);
    const [over, runs, waits] = [
      await idOf(trainings, 'quick'),
      await idOf(trainings, 'deaf'),
      await idOf(trainings, 'quick'),
    ];
    await untilOver(trainings, over);
    await untilRunning(trainings, runs);
    await until('it is written', async () => (await onDisk(home, runs)).points.length === 1);
    await rename(path.join(home, 'trainings'), path.join(home, 'elsewhere'));
    await writeFile(path.join(home, 'trainings'), '');
    for (const id of [over, waits, runs]) await rejectsWith(trainings.remove(id), 'DATA_UNWRITABLE');
    assert.deepEqual(
      (await trainings.list()).map(({ record }) => [record.id, record.state]),
      [
        [waits, 'stopped'],
        [runs, 'stopped'],
        [over, 'done'],
      ],
    );
    await rm(path.join(home, 'trainings'));
    await rename(path.join(home, 'elsewhere'), path.join(home, 'trainings'));
    for (const id of [runs, over, waits]) await trainings.remove(id);
    assert.deepEqual([await readdir(path.join(home, 'trainings')), await trainings.list()], [[], []]);
  });

  test('what is left of one that was removed is told of, and goes with the next one', {
    skip: withoutMounts(),
  }, async (t) => {
    const home = await temporaryFolder(t);
    const { trainings, failures } = serviceIn(t, home);
    const [first, second] = [await idOf(trainings, 'quick'), await idOf(trainings, 'quick')];
    for (const id of [first, second]) await untilOver(trainings, id);
    const folder = path.join(home, 'trainings');
    const left = async () => (await readdir(folder)).filter((name) => name.startsWith('.'));
    const letGo = await holdFast(path.join(folder, first, 'held'));
    try {
      await trainings.remove(first);
      await rejectsWith(trainings.get(first), 'TRAINING_NOT_FOUND');
      assert.deepEqual([failures, (await left()).length], [[['DATA_UNWRITABLE', undefined]], 1]);
    } finally {
      for (const name of await left()) letGo(path.join(folder, name, 'held'));
    }
    await trainings.remove(second);
    assert.deepEqual([failures.length, await readdir(folder)], [1, []]);
  });

  test('the end of one that runs is told, and that of the service is no failure', async (t) => {
    const home = await temporaryFolder(t);
    const { trainings, failures } = serviceIn(t, home);
    const id = await idOf(trainings, 'deaf');
    await untilRunning(trainings, id);
    await until('it is written', async () => (await onDisk(home, id)).points.length === 1);
    await blockDisk(home);
    await trainings.close();
    assert.equal(await stateOf(trainings, id), 'stopped');
    assert.ok(failures.length > 0 && failures.every(([code]) => code === 'DATA_UNWRITABLE'), String(failures));
  });
});

describe('when the service ends', () => {
  test('what ran is stopped and can be resumed, and what waited has its turn after the next start', async (t) => {
    const home = await temporaryFolder(t);
    const { trainings } = serviceIn(t, home);
    const [runs, waits] = [await idOf(trainings, 'deaf'), await idOf(trainings, 'quick')];
    await untilRunning(trainings, runs);
    await trainings.close();
    assert.deepEqual([(await onDisk(home, runs)).state, (await onDisk(home, waits)).state], ['stopped', 'waiting']);
    assert.equal((await onDisk(home, runs)).interrupted, true);
    assert.equal((await onDisk(home, runs)).points.length, 1);
    await rejectsWith(trainings.add(asked('quick')), 'CLOSED');
    const { trainings: later } = serviceIn(t, home);
    await later.start();
    assert.equal((await untilOver(later, waits)).state, 'done');
    assert.equal(await stateOf(later, runs), 'stopped');
    await later.resume(runs);
    await until('it runs again', async () => (await stateOf(later, runs)) === 'running', 30_000);
    assert.equal((await later.get(runs)).record.interrupted, false);
  });

  test('without a word, what ran is stopped in the eyes of the next one', async (t) => {
    const home = await temporaryFolder(t);
    const { trainings } = serviceIn(t, home);
    const id = await idOf(trainings, 'deaf');
    await untilRunning(trainings, id);
    await until('it is written', async () => (await onDisk(home, id)).points.length === 1);
    const copy = await temporaryFolder(t);
    await mkdir(path.join(copy, 'trainings', id), { recursive: true });
    await writeFile(
      path.join(copy, 'trainings', id, 'training.json'),
      await readFile(path.join(home, 'trainings', id, 'training.json')),
    );
    // A training from the command line, and what is no training at all.
    await mkdir(path.join(copy, 'trainings/0123456789abcdef'));
    await mkdir(path.join(copy, 'trainings/broken'));
    await writeFile(path.join(copy, 'trainings/broken/training.json'), '{');
    // One that was being deleted.
    await mkdir(path.join(copy, 'trainings/.removed-1/checkpoints'), { recursive: true });
    const { trainings: later } = serviceIn(t, copy);
    assert.deepEqual(
      (await later.list()).map(({ record }) => [record.id, record.state, record.interrupted]),
      [[id, 'stopped', true]],
    );
    assert.deepEqual((await readdir(path.join(copy, 'trainings'))).sort(), ['0123456789abcdef', id, 'broken'].sort());
  });
});
