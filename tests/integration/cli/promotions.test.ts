import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Promotion } from '#kaiyan/models/promotions.js';
import { temporaryFolder } from '../../support/folders.js';
import { installCopy } from '../../support/installing.js';
import { kaiyan } from '../../support/run-command.js';
import { listeningServiceFor } from '../../support/service.js';

async function homeWithMine(t: TestContext) {
  const home = await temporaryFolder(t);
  for (const version of ['1', '2']) await installCopy(home, 'mine', version);
  const command = (...args: string[]) => kaiyan(args, { environment: { KAIYAN_HOME: home } });
  const model = async () => {
    const settings = JSON.parse((await command('config', '--json')).stdout) as { key: string; value: unknown }[];
    return settings.find(({ key }) => key === 'model')?.value;
  };
  return { home, command, model };
}

describe('kaiyan promote and rollback', () => {
  test('change the model that answers, and are on record', async (t) => {
    const { command, model } = await homeWithMine(t);
    const promoted = await command('promote', 'mine');
    assert.deepEqual([promoted.status, promoted.stderr], [0, '']);
    assert.match(promoted.stdout, /^mine@2 \(int8\) answers from now on/);
    assert.equal(await model(), 'mine@2');
    const again = await command('promote', 'mine@2');
    assert.deepEqual([again.status, again.stderr], [0, '']);
    assert.match(again.stdout, /^mine@2 \(int8\) answers already/);
    assert.match((await command('rollback')).stdout, /^efficientnet-lite0@1 \(int8 or fp32\) answers from now on/);
    assert.equal(await model(), 'efficientnet-lite0@1');
    const refused = await command('rollback');
    assert.deepEqual([refused.status, refused.stdout], [1, '']);
    assert.match(refused.stderr, /NOTHING_TO_ROLL_BACK/);
    const listed = JSON.parse((await command('promotions', '--json')).stdout) as Promotion[];
    assert.deepEqual(
      listed.map(({ kind, from, to, by }) => [kind, from.reference, to.reference, by]),
      [
        ['rollback', 'mine@2', 'efficientnet-lite0@1', 'command'],
        ['promotion', 'efficientnet-lite0@1', 'mine@2', 'command'],
      ],
    );
    assert.match(
      (await command('promotions')).stdout,
      /promotion +efficientnet-lite0@1 \(auto\) +mine@2 \(auto\) +command\n/,
    );
  });

  test('take their place beside kaiyan models use, which is on record too', async (t) => {
    const { command, model } = await homeWithMine(t);
    assert.equal((await command('promote', 'mine@1')).status, 0);
    assert.equal((await command('models', 'use', 'mine', '--precision', 'int8')).status, 0);
    assert.equal(await model(), 'mine');
    const [last, ...others] = JSON.parse((await command('promotions', '--json')).stdout) as Promotion[];
    assert.deepEqual(
      [last?.kind, last?.from, last?.to, last?.by, others.length],
      [
        ...['activation', { reference: 'mine@1', precision: 'auto' }, { reference: 'mine@2', precision: 'int8' }],
        ...['command', 1],
      ],
    );
    assert.match((await command('rollback')).stdout, /^mine@1 /);
  });

  test('refuse a model that is not there, and change nothing', async (t) => {
    const { command, model } = await homeWithMine(t);
    const { status, stderr } = await command('promote', 'mine@3');
    assert.deepEqual([status, await model()], [2, 'efficientnet-lite0']);
    assert.match(stderr, /MODEL_NOT_FOUND/);
    assert.equal((await command('promotions')).stdout, 'No model was promoted yet.\n');
  });

  test('tell a service with --url, which records it', async (t) => {
    const { home, command } = await homeWithMine(t);
    const { port, serving } = await listeningServiceFor(t, { home });
    const url = `http://127.0.0.1:${port}`;
    const { status, stdout, stderr } = await command('promote', 'mine@1', '--url', url);
    assert.deepEqual([status, stderr], [0, '']);
    assert.equal(
      stdout,
      `mine@1 (int8) answers in the service at ${url} now, and after its next start too, unless a setting of it names another one.\n`,
    );
    const [promotion] = JSON.parse((await command('promotions', '--json')).stdout) as Promotion[];
    assert.deepEqual([promotion?.to.reference, promotion?.by, serving.active().version], ['mine@1', 'api', '1']);
    assert.equal(serving.active().name, 'mine');
    const back = await command('rollback', '--url', url);
    assert.deepEqual([back.status, back.stderr], [0, '']);
    assert.match(back.stdout, /^efficientnet-lite0@1 \(\w+\) answers in the service at .* now, /);
    assert.equal(serving.active().name, 'efficientnet-lite0');
    const refused = await command('rollback', '--url', url);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /409.*Expected a promotion to take back.*SERVICE_REFUSED/);
    // What one service was told until its end is no choice for the next start.
    assert.equal((await command('models', 'use', 'mine@2', '--url', url)).status, 0);
    assert.match((await command('rollback')).stderr, /NOTHING_TO_ROLL_BACK/);
    assert.equal(serving.active().version, '2');
    assert.equal((await command('rollback', '--url', url)).status, 0);
    assert.equal(serving.active().name, 'efficientnet-lite0');
  });
});
