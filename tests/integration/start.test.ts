import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { command } from '../support/paths.js';
import { until, within } from '../support/timing.js';

interface Started {
  readonly npm: ChildProcess;
  /** Of npm and all that it started; a terminal sends Ctrl-C to such a group. */
  readonly group: number;
  readonly address: string;
  /** Its status, as a shell reports it. */
  readonly ended: Promise<number | null>;
}

/** What a user types, in a group of its own. */
async function npmStart(t: Pick<TestContext, 'after'>): Promise<Started> {
  const args = ['start', '--', '--port', '0', '--workers', '1', '--precision', 'int8'];
  const npm = spawn('npm', args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  const group = npm.pid as number;
  t.after(async () => {
    if ((await processesOf(group)).length > 0) process.kill(-group, 'SIGKILL');
  });
  let stderr = '';
  npm.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) =>
    npm.once('exit', (status, by) => resolve(by ? 128 + os.constants.signals[by] : status)),
  );
  await until('the service answers', () => /http:\/\/[\w.:]+"/.test(stderr), 20_000);
  return { npm, group, address: /http:\/\/[\w.:]+/.exec(stderr)?.[0] as string, ended };
}

interface Found {
  readonly words: readonly string[];
  readonly variables: readonly string[];
}

/** The processes of a group that have not ended. */
async function processesOf(group: number): Promise<Found[]> {
  const found: Found[] = [];
  for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    try {
      const [, state, , processGroup] = /\) (\w) (\d+) (\d+)/.exec(await readFile(`/proc/${id}/stat`, 'utf8')) ?? [];
      if (Number(processGroup) !== group || state === 'Z') continue;
      const list = async (name: string) => (await readFile(`/proc/${id}/${name}`, 'utf8')).split('\0').filter(Boolean);
      found.push({ words: await list('cmdline'), variables: await list('environ') });
    } catch {
      // It has ended.
    }
  }
  return found;
}

const skip = existsSync('/proc/self/environ') ? false : 'needs Linux';

describe('npm start', { skip }, () => {
  test('starts one Node beside its own, with the settings of memory of the command', async (t) => {
    const { address, group } = await npmStart(t);
    assert.equal((await fetch(`${address}/health`)).status, 200);
    const [firstLine = ''] = (await readFile(command, 'utf8')).split('\n');
    const settings = firstLine.split(' ').slice(2);
    const nodes = (await processesOf(group)).filter(({ words }) => path.basename(words[0] ?? '') === 'node');
    const services = nodes.filter(({ words }) => words.some((word) => word.endsWith('kaiyan.js')));
    assert.equal(services.length, 1);
    assert.ok(nodes.length <= 2, 'a launcher stays');
    const [service] = services as [Found];
    for (const setting of settings.filter((word) => word !== 'node'))
      assert.ok([...service.words, ...service.variables].includes(setting), setting);
  });

  const ends = [
    { how: 'Ctrl-C', signal: 'SIGINT', to: 'group', status: 130 },
    { how: 'SIGTERM to npm', signal: 'SIGTERM', to: 'npm', status: 143 },
  ] as const;
  for (const { how, signal, to, status } of ends) {
    test(`ends after ${how}, and leaves nothing`, async (t) => {
      const { npm, group, ended } = await npmStart(t);
      process.kill(to === 'group' ? -group : (npm.pid as number), signal);
      assert.equal(await within(5000, 'the end of npm', ended), status);
      await until('the end of all', async () => (await processesOf(group)).length === 0, 5000);
    });
  }
});
