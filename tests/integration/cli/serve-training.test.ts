import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { temporaryFolder } from '../../support/folders.js';
import { image, multipart } from '../../support/http.js';
import { examples } from '../../support/paths.js';
import { childrenOf } from '../../support/processes.js';
import { startKaiyan } from '../../support/run-command.js';
import { until, within } from '../../support/timing.js';

const TRAINS = 'training/runs/process.js';
const skip = process.platform !== 'linux';

async function startService(t: TestContext, home: string) {
  const command = ['serve', '--port', '0', '--workers', '1', '--precision', 'int8', '--log-format', 'text'];
  const running = startKaiyan([...command, '--home', home]);
  t.after(() => running.child.kill('SIGKILL'));
  await until('the service answers', () => /https?:\/\/.*\n$/s.test(running.stderr()), 60_000);
  const address = /https?:\/\/[\w.:[\]]+/.exec(running.stderr())?.[0];
  const ask = async (
    method: string,
    url: string,
    sent: { headers?: Record<string, string>; payload?: Buffer } = {},
  ) => {
    const { headers = {}, payload } = sent;
    const response = await fetch(`${address}/api/v1/${url}`, { method, headers, ...(payload && { body: payload }) });
    const body = await response.text();
    assert.ok(response.ok, body);
    return JSON.parse(body);
  };
  const json = (value: object) => ({
    headers: { 'content-type': 'application/json' },
    payload: Buffer.from(JSON.stringify(value)),
  });
  const stateOf = async (id: string) => (await ask('GET', `trainings/${id}`)).state;
  return { ...running, ask, json, stateOf };
}

/** A service that trains, of which as many views are wanted as take a while. */
async function startTraining(t: TestContext) {
  const home = await temporaryFolder(t);
  const service = await startService(t, home);
  const { ask, json } = service;
  await ask('POST', 'datasets', json({ name: 'sorts' }));
  for (const [label, names] of [
    ['animals', ['chelsea.png', 'crab.jpg']],
    ['things', ['coffee.png', 'rocket.jpg']],
  ] as const) {
    await ask('POST', 'datasets/sorts/classes', json({ label }));
    const parts = await Promise.all(names.map(async (name) => image(await readFile(path.join(examples, name)), name)));
    await ask('POST', `datasets/sorts/pictures?label=${label}`, multipart(...parts));
  }
  const { id } = await ask('POST', 'trainings', json({ dataset: 'sorts', augment: 16, int8: 'never' }));
  const { pid } = service.child;
  await until('it trains', async () => (await childrenOf(pid as number, TRAINS)).length === 1, 30_000);
  const [child] = (await childrenOf(pid as number, TRAINS)) as [number];
  await until('it is on its way', async () => (await ask('GET', `trainings/${id}`)).progress !== null, 60_000);
  return { home, service, id, isAlive: () => isAlive(child) };
}

async function isAlive(id: number): Promise<boolean> {
  const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
  // What nobody has taken notice of yet is over all the same.
  return status !== '' && !/^State:\s+Z/m.test(status);
}

describe('a service that trains', () => {
  test('takes the training with it when it is killed, and the next one goes on with it', { skip }, async (t) => {
    const { home, service, id, isAlive } = await startTraining(t);
    assert.equal(await isAlive(), true);
    service.child.kill('SIGKILL');
    await service.result;
    await until('the end of the training', async () => !(await isAlive()), 60_000);
    const next = await startService(t, home);
    assert.equal(await next.stateOf(id), 'stopped');
    await next.ask('POST', `trainings/${id}/resume`);
    await until('it is done', async () => (await next.stateOf(id)) === 'done', 300_000);
    assert.deepEqual(await readdir(path.join(home, 'models/sorts')), ['1']);
    // Readers see what things are called, not where they lie.
    const written = async (name: string) => readFile(path.join(home, 'trainings', id, name), 'utf8');
    assert.match(await written('report.html'), /of 1 class, from sorts/);
    assert.match(JSON.parse(await written('answers.jsonl')).name, /^(chelsea|coffee)\.png$|^(crab|rocket)\.jpg$/);
  });

  test('ends with 0 on SIGTERM, and nothing is left running', { skip }, async (t) => {
    const { home, service, id, isAlive } = await startTraining(t);
    service.child.kill('SIGTERM');
    const { status } = await within(30_000, 'the end', service.result);
    assert.equal(status, 0);
    assert.equal(await isAlive(), false);
    const record = JSON.parse(await readFile(path.join(home, 'trainings', id, 'training.json'), 'utf8'));
    assert.equal(record.state, 'stopped');
  });
});
