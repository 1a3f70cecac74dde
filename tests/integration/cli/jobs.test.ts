import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { booksFile } from '#kaiyan/jobs/open.js';
import { temporaryFolder } from '../../support/folders.js';
import { example, jobsFor, submit, untilEnded } from '../../support/jobs.js';
import { jsonLines, kaiyan } from '../../support/run-command.js';

describe('kaiyan jobs', () => {
  let home = '';
  let id = '';
  let other = '';
  const ends: (() => Promise<unknown>)[] = [];
  const t = { after: (end: () => Promise<unknown>) => void ends.push(end) } as Parameters<typeof jobsFor>[0];

  before(async () => {
    home = await temporaryFolder(t);
    const { jobs } = await jobsFor(t, { home });
    id = await submit(jobs, { '=cat.png': await example('chelsea.png'), 'text.txt': Buffer.from('no picture') });
    await untilEnded(jobs, id);
    other = await submit(jobs, { 'empty.png': Buffer.alloc(0) });
    await untilEnded(jobs, other);
    await jobs.close();
  });

  after(async () => {
    for (const end of ends) await end();
  });

  const run = (...args: string[]) => kaiyan(['jobs', ...args, '--home', home]);

  test('list has all of them, the newest first, or those in a state, as a table and as JSON', async () => {
    const all = JSON.parse((await run('list', '--json')).stdout) as { id: string; state: string }[];
    assert.deepEqual(
      all.map((job) => [job.id, job.state]),
      [
        [other, 'failed'],
        [id, 'completed'],
      ],
    );
    const { status, stdout } = await run('list', '--state', 'completed');
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`^JOB .*\\n${id} +completed +1 +1 +2 +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d\\n$`));
  });

  test('show says what became of one, and which pictures failed', async () => {
    const { status, stdout } = await run('show', id);
    assert.equal(status, 0);
    assert.match(stdout, /pictures +2: 1 answered, 1 failed$/m);
    assert.match(stdout, /text\.txt: .* \[IMAGE_UNSUPPORTED\]/);
    const job = JSON.parse((await run('show', id, '--json')).stdout);
    assert.deepEqual([job.id, job.counts.answered], [id, 1]);
  });

  test('results are lines of JSON, or a table in which no name is a formula', async () => {
    const lines = jsonLines((await run('results', id)).stdout);
    assert.deepEqual(
      lines.map(({ name, state }) => [name, state]),
      [
        ['=cat.png', 'answered'],
        ['text.txt', 'failed'],
      ],
    );
    const failed = jsonLines((await run('results', id, '--state', 'failed')).stdout);
    assert.deepEqual(
      failed.map(({ code }) => code),
      ['IMAGE_UNSUPPORTED'],
    );
    const table = (await run('results', id, '--csv')).stdout.split('\r\n');
    assert.match(table[0] ?? '', /^\ufeffitem,state,file,answer,/);
    assert.match(table[1] ?? '', /^0,answered,'=cat\.png,cat,group,/);
  });

  test('retry and cancel say what the job is by then', async () => {
    const retried = await run('retry', other);
    assert.equal(retried.stdout, `${other}: in_progress\n`);
    const canceled = await run('cancel', other, id);
    assert.equal(canceled.stdout, `${other}: canceled\n${id}: completed\n`);
  });

  test('that nobody has are reported, and the others go on', async () => {
    const { status, stdout, stderr } = await run('cancel', 'nobody', id);
    assert.deepEqual([status, stdout], [2, `${id}: completed\n`]);
    assert.match(stderr, /JOB_NOT_FOUND/);
    assert.equal((await run('show', 'nobody')).status, 2);
  });

  test('check says that the books are whole, backup copies them, and overwrites nothing', async () => {
    assert.match((await run('check')).stdout, /jobs\.db is whole\.\n$/);
    const copy = path.join(home, 'copy.db');
    assert.deepEqual([(await run('backup', copy)).status, (await run('backup', copy)).status], [0, 1]);
  });

  test('delete removes them with their pictures', async () => {
    assert.equal((await run('delete', other)).stdout, `${other}: deleted\n`);
    assert.deepEqual(
      (JSON.parse((await run('list', '--json')).stdout) as { id: string }[]).map((job) => job.id),
      [id],
    );
    assert.deepEqual(await readdir(path.join(home, 'jobs/pictures')), [id]);
  });

  test('that are damaged are told so', async () => {
    const file = booksFile({ home });
    const bytes = await readFile(file);
    bytes.fill(0x5a, 4096);
    await writeFile(file, bytes);
    const { status, stderr } = await run('check');
    assert.equal(status, 1);
    assert.match(stderr, /QUEUE_UNAVAILABLE/);
  });

  test('of a data directory without any are none, and none are made', async (t) => {
    const empty = await temporaryFolder(t);
    const { status, stdout, stderr } = await kaiyan(['jobs', 'list', '--home', empty]);
    assert.deepEqual([status, stdout, stderr], [0, '', `There are no jobs in ${empty}.\n`]);
    assert.deepEqual(await readdir(empty), []);
  });
});

describe('kaiyan worker', () => {
  test('without a queue says what it expected', async () => {
    const { status, stderr } = await kaiyan(['worker'], { environment: { KAIYAN_QUEUE: undefined } });
    assert.equal(status, 2);
    assert.match(stderr, /--queue redis:/);
  });

  test('with a queue that is away ends, and says so without the password', async () => {
    const { status, stderr } = await kaiyan(['worker', '--queue', 'redis://:secret@127.0.0.1:1', '--port', '0']);
    assert.equal(status, 1);
    assert.match(stderr, /QUEUE_UNAVAILABLE/);
    assert.doesNotMatch(stderr, /secret/);
  });
});
