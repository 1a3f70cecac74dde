import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { chosenModelFile, readChosenModel, writeChosenModel } from '#kaiyan/chosen-model.js';
import { type Settings, settingsWith } from '#kaiyan/config.js';
import { choiceOf } from '#kaiyan/models/promotions.js';
import { followRegistry } from '#kaiyan/serving/follow.js';
import { createPromoter } from '#kaiyan/serving/promoting.js';
import { createServing } from '#kaiyan/serving/serving.js';
import { customBundle } from '../../support/bundles.js';
import { temporaryFolder } from '../../support/folders.js';
import { installCopy } from '../../support/installing.js';
import { until } from '../../support/timing.js';

const LITE0 = 'efficientnet-lite0';
const LITE2 = 'efficientnet-lite2';
/** Longer than a test: what is seen is seen without it. */
const NEVER = 3_600_000;

async function following(t: TestContext, changes: Partial<Settings> & { home: string }, pollMs = NEVER) {
  const chosen = readChosenModel(changes.home);
  const settings = settingsWith({ workers: 1, threads: 1, precision: 'int8', ...changes });
  const serving = await createServing({ settings, onNotice: () => undefined });
  const notices: string[] = [];
  const failures: string[] = [];
  const follower = followRegistry({
    ...{ serving, precision: settings.precision, pollMs, chosen },
    onNotice: (notice) => notices.push(notice),
    onFailure: (failure) => failures.push(failure),
  });
  t.after(async () => {
    await follower.close();
    await serving.close();
  });
  const active = () => `${serving.active().name}@${serving.active().version}`;
  const promoter = createPromoter(serving, {
    onPromotion: (promotion) => follower.hasTaken(choiceOf(promotion)),
    onUnrecorded: ({ message }) => failures.push(message),
  });
  return { serving, follower, promoter, notices, failures, active };
}

describe('a service that follows its data directory', () => {
  test('takes up the model that is chosen, though it was started with another one, and says so', async (t) => {
    const home = await temporaryFolder(t);
    await installCopy(home, 'mine', '1');
    const { active, notices } = await following(t, { home, model: LITE0 });
    await writeChosenModel(home, { model: 'mine' });
    await until('mine answers', () => active() === 'mine@1');
    assert.match(notices.join(), /mine@1 \(int8/);
    await writeChosenModel(home, { model: LITE0, precision: 'fp32' });
    await until('the other one answers', () => active() === `${LITE0}@1`);
  });

  test('does not undo by what it was told first what it was told since', async (t) => {
    const home = await temporaryFolder(t);
    await installCopy(home, 'mine', '1');
    const { promoter, follower, active } = await following(t, { home, model: LITE0 });
    await promoter.promote('mine', null);
    await promoter.activate({ model: LITE0 });
    await follower.look();
    assert.equal(active(), `${LITE0}@1`);
    await writeChosenModel(home, { model: 'mine@1' });
    await until('what is chosen elsewhere answers', () => active() === 'mine@1');
  });

  test('takes up a higher version of a bare name, but none of a version that is named', async (t) => {
    const home = await temporaryFolder(t);
    await installCopy(home, 'mine', '1');
    const bare = await following(t, { home, model: 'mine' });
    const pinned = await following(t, { home, model: 'mine@1' });
    await installCopy(home, 'mine', '2');
    await until('the new version answers', () => bare.active() === 'mine@2');
    await pinned.follower.look();
    assert.equal(pinned.active(), 'mine@1');
  });

  test('takes up a version that was replaced', async (t) => {
    const home = await temporaryFolder(t);
    await installCopy(home, 'mine', '1');
    const { notices } = await following(t, { home, model: 'mine@1' });
    await installCopy(home, 'mine', '1', { temperature: 1 });
    await until('it is loaded anew', () => notices.length === 1);
  });

  test('without word from the system looks now and then', async (t) => {
    const home = await temporaryFolder(t);
    // There is no folder to watch yet.
    const { active } = await following(t, { home, model: LITE0 }, 50);
    await writeChosenModel(home, { model: LITE2 });
    await until('it answers', () => active() === `${LITE2}@1`);
  });

  test('says once what does not work, keeps what answers, and tries again after the next change', async (t) => {
    const home = await temporaryFolder(t);
    await customBundle(home, 'mine', { check: { picture: 'coffee.png', class: 1 } });
    const { active, failures } = await following(t, { home, model: LITE0 }, 50);
    await writeChosenModel(home, { model: 'mine' });
    await until('it has failed', () => failures.length > 0);
    await sleep(600);
    const before = failures.length;
    await sleep(400);
    assert.equal(failures.length, before, failures.join('\n'));
    assert.match(failures[0] ?? '', /goldfish/);
    assert.equal(active(), `${LITE0}@1`);
    await installCopy(home, 'mine', '2');
    await until('the mended one answers', () => active() === 'mine@2');
  });

  test('takes up the same choice when it is made again, after another model was activated', async (t) => {
    const home = await temporaryFolder(t);
    await writeChosenModel(home, { model: LITE2 });
    const { serving, active } = await following(t, { home, model: LITE0 });
    assert.equal(active(), `${LITE0}@1`, 'the setting goes before what was chosen earlier');
    await writeChosenModel(home, { model: LITE2 });
    await until('it answers', () => active() === `${LITE2}@1`);
    await serving.activate({ model: LITE0 });
    await writeChosenModel(home, { model: LITE2 });
    await until('it answers again', () => active() === `${LITE2}@1`);
  });

  test('goes on with the model that answers, and its new versions, when the chosen one does not work', async (t) => {
    const home = await temporaryFolder(t);
    await installCopy(home, 'mine', '1');
    await customBundle(home, 'broken', { check: { picture: 'coffee.png', class: 1 } });
    const { active, failures } = await following(t, { home, model: 'mine' }, 50);
    await writeChosenModel(home, { model: 'broken' });
    await until('it has failed', () => failures.length > 0);
    await installCopy(home, 'mine', '2');
    await until('the new version answers', () => active() === 'mine@2');
    // A version that does not work either is told as well, and then neither of them again.
    await customBundle(home, 'mine', { version: '3', check: { picture: 'coffee.png', class: 1 } });
    const last = failures.length;
    await until('it has failed too', () => failures.length > last);
    await sleep(600);
    const before = failures.length;
    await sleep(400);
    assert.equal(failures.length, before, failures.join('\n'));
    assert.equal(active(), 'mine@2');
  });

  test('stays with a version that was removed, though there is a lower one', async (t) => {
    const home = await temporaryFolder(t);
    await installCopy(home, 'mine', '1');
    await installCopy(home, 'mine', '2');
    const { serving, active, follower } = await following(t, { home, model: 'mine' });
    await serving.registry.remove('mine@2');
    await follower.look();
    assert.equal(active(), 'mine@2');
  });

  test('takes a chosen model in a precision that it has', async (t) => {
    const home = await temporaryFolder(t);
    const { active } = await following(t, { home, model: LITE0, precision: 'fp32' }, 50);
    await writeChosenModel(home, { model: LITE2 });
    await until('it answers', () => active() === `${LITE2}@1`);
  });

  test('goes on when the model that answers is removed, and when the choice cannot be read', async (t) => {
    const home = await temporaryFolder(t);
    await installCopy(home, 'mine', '1');
    const { serving, active, failures, follower } = await following(t, { home, model: 'mine' });
    await serving.registry.remove('mine');
    await follower.look();
    assert.deepEqual([active(), failures], ['mine@1', []]);
    await writeFile(chosenModelFile(home), '{');
    await follower.look();
    assert.equal(active(), 'mine@1');
    assert.match(failures.join(), /active\.json.*JSON/);
  });
});
