import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { LoggerOptions } from '#kaiyan/logger.js';
import { project } from '../support/paths.js';
import { jsonLines } from '../support/run-command.js';
import { until, within } from '../support/timing.js';

/** A program that logs; `work` is what it does with its `log`. */
const programOf = ({ level, format }: LoggerOptions, work: string) => `
  import { createLogger } from ${JSON.stringify(path.join(project, 'dist/logger.js'))};
  const log = createLogger({ level: '${level}', format: '${format}' });
  ${work}`;

function logging(options: LoggerOptions, work: string, t?: TestContext) {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', programOf(options, work)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t?.after(() => child.kill('SIGKILL'));
  return child;
}

async function logOf(options: LoggerOptions, work: string): Promise<string> {
  const child = logging(options, work);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const status = await within(10_000, 'the end', new Promise((resolve) => child.once('close', resolve)));
  assert.deepEqual([status, stdout], [0, ''], stderr);
  return stderr;
}

const json = { level: 'info', format: 'json' } as const;
const text = { level: 'info', format: 'text' } as const;
const REQUEST = `{ requestId: 'id', method: 'POST', route: '/predict', status: 429, ms: 12.3, code: 'QUEUE_FULL' }`;
const SEVERAL = JSON.stringify('Error: one\n    at two\r\n    at three');

describe('the log as JSON', () => {
  test('has an object a line on stderr, with its level in words and its time', async () => {
    const lines = jsonLines(await logOf(json, `log.info(${REQUEST}); log.warn({ msg: 'careful' });`));
    const times = lines.map(({ time }) => String(time));
    for (const time of times) assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000, time);
    assert.deepEqual(
      lines.map(({ time, ...rest }) => rest),
      [
        {
          level: 'info',
          requestId: 'id',
          method: 'POST',
          route: '/predict',
          status: 429,
          ms: 12.3,
          code: 'QUEUE_FULL',
        },
        { level: 'warn', msg: 'careful' },
      ],
    );
  });

  test('says nothing of this machine', async () => {
    const [line] = jsonLines(await logOf(json, `log.info({ msg: 'x' });`));
    assert.deepEqual(Object.keys(line ?? {}).sort(), ['level', 'msg', 'time']);
  });

  test('keeps several lines in one', async () => {
    const [line, ...others] = jsonLines(await logOf(json, `log.error({ reason: ${SEVERAL} });`));
    assert.deepEqual([line?.reason, others], [JSON.parse(SEVERAL), []]);
  });
});

describe('the log as text', () => {
  test('has a line for people: the time, what was asked, how it ended and how long it took', async () => {
    const lines = (
      await logOf(text, `log.info(${REQUEST}); log.error({ route: 'GET /x', code: 'INTERNAL', reason: 'why' });`)
    )
      .trimEnd()
      .split('\n');
    assert.match(lines[0] ?? '', /^\d\d:\d\d:\d\d POST \/predict 429 12\.3 ms QUEUE_FULL$/);
    assert.match(lines[1] ?? '', /^\d\d:\d\d:\d\d error: GET \/x INTERNAL why$/);
    assert.equal(lines.length, 2);
  });

  test('keeps several lines in one', async () => {
    const log = await logOf(text, `log.error({ reason: ${SEVERAL} }); log.info({ msg: ${SEVERAL} });`);
    assert.match(log, /^\S+ error: Error: one at two at three\n\S+ Error: one at two at three\n$/);
  });
});

describe('the level of the log', () => {
  const all = `for (const level of ['debug', 'info', 'warn', 'error']) log[level]({ msg: level });`;
  for (const [level, expected] of [
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ] as const) {
    test(`${level} says ${expected.join(', ') || 'nothing'}`, async () => {
      const lines = jsonLines(await logOf({ level, format: 'json' }, all));
      assert.deepEqual(
        lines.map(({ msg }) => msg),
        expected,
      );
    });
  }
});

describe('a log that is written fast', () => {
  test('is whole and in order at the end of the process', async () => {
    const work = `for (let i = 0; i < 5000; i++) log.info({ msg: String(i) });`;
    const lines = jsonLines(await logOf(json, work));
    assert.deepEqual(
      lines.map(({ msg }) => Number(msg)),
      Array.from({ length: 5000 }, (_, i) => i),
    );
  });
});

describe('a reader of the log', () => {
  for (const options of [json, text]) {
    test(`that never reads neither stops the process, nor fills its memory, nor keeps it from its end: ${options.format}`, async (t) => {
      const work = `
        const before = process.memoryUsage().rss;
        for (let i = 0; i < 200; i++) {
          for (let j = 0; j < 1000; j++) log.info({ msg: 'x'.repeat(200) });
          await new Promise(setImmediate);
        }
        console.log(Math.round((process.memoryUsage().rss - before) / 1e6));`;
      const child = logging(options, work, t);
      const ended = once(child, 'exit');
      let grown = '';
      child.stdout.setEncoding('utf8').on('data', (output: string) => {
        grown += output;
      });
      await until('the end of its work', () => grown.endsWith('\n'), 20_000);
      assert.ok(Number(grown) < 60, `${grown} MB of 50 MB logged`);
      assert.deepEqual(await within(5000, 'the end', ended), [0, null]);
    });
  }

  test('that never reads does not keep the process from its end at the pipe of a shell', async (t) => {
    const work = `for (let i = 0; i < 2000; i++) log.info({ msg: 'x'.repeat(200) });`;
    const line =
      '{ "$node" --input-type=module --eval "$program" 2>&1 >/dev/null 4>&-; echo $? >&4; } | exec sleep 30 4>&-';
    const shell = spawn('sh', ['-c', `{ ${line}; } 4>&1`], {
      env: { ...process.env, node: process.execPath, program: programOf(json, work) },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    t.after(() => process.kill(-(shell.pid as number), 'SIGKILL'));
    const [status] = (await within(8000, 'the end', once(shell.stdout, 'data'))) as [Buffer];
    assert.equal(status.toString(), '0\n');
  });

  test('that is slow gets every line in the end', async (t) => {
    const child = logging(json, `for (let i = 0; i < 2000; i++) log.info({ msg: 'x'.repeat(200) });`, t);
    await new Promise((resolve) => setTimeout(resolve, 600));
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (written: string) => {
      log += written;
    });
    await within(5000, 'the end', once(child, 'close'));
    assert.equal(jsonLines(log).length, 2000);
  });

  test('that has gone does not end the process', async (t) => {
    const work = `
      for (let i = 0; i < 20; i++) {
        log.info({ msg: 'x'.repeat(10_000) });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      console.log('done');`;
    const child = logging(json, work, t);
    child.stderr.destroy();
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (written: string) => {
      output += written;
    });
    const status = await within(10_000, 'the end', new Promise((resolve) => child.once('close', resolve)));
    assert.deepEqual([status, output], [0, 'done\n']);
  });
});
