import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { project } from '../support/paths.js';
import { type CommandOptions, kaiyan } from '../support/run-command.js';

interface Check {
  readonly name: string;
  readonly status: string;
  readonly seen: string;
  readonly advice: string | null;
  readonly figures?: Record<string, number>;
}

async function doctor(args: readonly string[], environment: CommandOptions['environment'] = {}) {
  const { status, stdout, stderr } = await kaiyan(['doctor', '--json', ...args], { environment });
  const checks = JSON.parse(stdout) as Check[];
  const find = (name: string): Check => {
    const check = checks.find((candidate) => candidate.name === name);
    return check ?? assert.fail(`no check is named ${name}`);
  };
  return { status, stderr, checks, find };
}

/** A copy of an embedded model, under another name, with one bit turned over. */
async function installDamagedModel(home: string): Promise<string> {
  const folder = path.join(home, 'models', 'mine');
  await mkdir(path.dirname(folder), { recursive: true });
  await cp(path.join(project, 'models/efficientnet-lite2'), folder, { recursive: true });
  const manifest = JSON.parse(await readFile(path.join(folder, 'model.json'), 'utf8')) as Record<string, unknown>;
  await writeFile(path.join(folder, 'model.json'), JSON.stringify({ ...manifest, name: 'mine' }));
  const file = path.join(folder, 'model.int8.onnx');
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
  await writeFile(file, bytes);
  return file;
}

describe('kaiyan doctor', () => {
  let home: string;
  before(async () => {
    home = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-doctor-'));
  });
  beforeEach(() => rm(home, { recursive: true, force: true }));
  after(() => rm(home, { recursive: true, force: true }));

  test('checks machine, installation and models, and finds no problem here', async () => {
    const { status, checks, find } = await doctor([], { KAIYAN_HOME: home });
    assert.equal(status, 0, JSON.stringify(checks, null, 2));
    assert.deepEqual(
      checks.map(({ name }) => name),
      [
        ...['platform', 'node', 'libraries', 'heic', 'cpu', 'memory', 'home', 'settings'],
        ...['model efficientnet-lite0', 'model efficientnet-lite2', 'answer', 'precision'],
      ],
    );
    for (const { name, status: found, seen, advice } of checks) {
      assert.ok(found === 'ok' || found === 'warning', `${name}: ${seen}`);
      assert.equal(advice === null, found === 'ok', `${name} says what to do if there is something to do`);
    }
    assert.match(find('node').seen, new RegExp(process.versions.node));
    assert.match(find('answer').seen, /espresso/);
    assert.match(find('settings').seen, /home \(KAIYAN_HOME\)/);
  });

  test('compares the precisions, and keeps the verdict in the data directory', async () => {
    const { find } = await doctor([], { KAIYAN_HOME: home });
    const figures = find('precision').figures as Record<string, number>;
    assert.ok((figures.int8Ms as number) > 0 && (figures.fp32Ms as number) > 0);
    assert.ok((figures.agreement as number) > 0.8 && (figures.agreement as number) <= 1);
    assert.equal((await readdir(path.join(home, 'measurements'))).length, 1);
  });

  test('finds a damaged model: exit status 1, and what to do', async () => {
    const file = await installDamagedModel(home);
    const { status, checks, find } = await doctor([], { KAIYAN_HOME: home });
    assert.equal(status, 1);
    assert.deepEqual(
      checks.filter(({ status: found }) => found === 'problem').map(({ name }) => name),
      ['model mine'],
    );
    assert.ok(find('model mine').seen.includes(file));
    assert.match(find('model mine').advice ?? '', /install the model again/);
  });

  test('says so if the damaged model is the one that answers', async () => {
    await installDamagedModel(home);
    const { status, find } = await doctor(['--model', 'mine'], { KAIYAN_HOME: home });
    assert.equal(status, 1);
    assert.equal(find('answer').status, 'problem');
    assert.match(find('answer').seen, /SHA-256/);
    assert.match(find('answer').advice ?? '', /install the model again/i);
  });

  test('says so if the model is not installed', async () => {
    const { status, find } = await doctor(['--model', 'nowhere'], { KAIYAN_HOME: home });
    assert.equal(status, 1);
    assert.match(find('answer').seen, /"nowhere"/);
    assert.match(find('answer').advice ?? '', /kaiyan models list/);
  });

  test('only warns of an unknown variable and of a data directory that cannot be written', async () => {
    await writeFile(home, 'a file where the folder should be');
    const { status, find } = await doctor([], { KAIYAN_HOME: path.join(home, 'inside'), KAIYAN_COLOUR: 'red' });
    assert.equal(status, 0);
    assert.equal(find('home').status, 'warning');
    assert.equal(find('settings').status, 'warning');
    assert.match(find('settings').seen, /KAIYAN_COLOUR/);
  });

  test('writes a line for each check, and what to do below it', async () => {
    await installDamagedModel(home);
    const { status, stdout } = await kaiyan(['doctor'], { environment: { KAIYAN_HOME: home } });
    assert.equal(status, 1);
    assert.match(stdout, /^ok +node +Node \d/m);
    assert.match(stdout, /^problem +model mine +.*\n +→ .*install the model again/m);
    assert.match(stdout, /^1 problem, \d warnings?\.$/m);
  });
});
