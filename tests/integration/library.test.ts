import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import * as library from '#kaiyan/index.js';
import { examples, project } from '../support/paths.js';
import { within } from '../support/timing.js';

const run = promisify(execFile);

describe('the library', () => {
  test('exports what its documentation names, and types', () => {
    assert.deepEqual(Object.keys(library).sort(), [
      ...['AppError', 'createClassifier', 'dedicateProcess', 'explain', 'explainInPicture'],
    ]);
  });

  test('works as its documentation shows, under its own name, and lets the process end', async () => {
    const script = `
      import { readFile } from 'node:fs/promises';
      import { AppError, createClassifier } from 'kaiyan';
      const classifier = await createClassifier();
      const { answer } = await classifier.classify(await readFile(${JSON.stringify(path.join(examples, 'chelsea.png'))}));
      const error = await classifier.classify(new Uint8Array(0)).catch((thrown) => thrown);
      console.log(JSON.stringify([answer.label, error instanceof AppError, error.code]));
      await classifier.close();`;
    const { stdout, stderr } = await within(
      20_000,
      'the end',
      run(process.execPath, ['--input-type=module', '--eval', script], { cwd: project }),
    );
    assert.deepEqual(JSON.parse(stdout), ['cat', true, 'IMAGE_EMPTY']);
    assert.equal(stderr, '');
  });

  test('leaves the sharp of its program as it was, until it is told that it has the process for itself', async () => {
    const script = `
      import sharp from 'sharp';
      import { createClassifier, dedicateProcess } from 'kaiyan';
      const drawing = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
      const before = sharp.cache();
      await (await createClassifier({ workers: 1 })).close();
      const draw = () => sharp(drawing).png().toBuffer().then(() => 'drawn', () => 'refused');
      const first = [await draw(), JSON.stringify(sharp.cache().memory.max) === JSON.stringify(before.memory.max)];
      dedicateProcess();
      console.log(JSON.stringify([...first, await draw(), sharp.cache().memory.max]));`;
    const args = ['--input-type=module', '--eval', script];
    const { stdout } = await within(20_000, 'the end', run(process.execPath, args, { cwd: project }));
    assert.deepEqual(JSON.parse(stdout), ['drawn', true, 'refused', 0]);
  });

  test('does not keep a process alive that forgets to close an idle HEIC or BMP decoder after closing', async () => {
    const script = `
      import { readFile } from 'node:fs/promises';
      import { createClassifier } from 'kaiyan';
      const classifier = await createClassifier({ workers: 1 });
      await classifier.classify(await readFile('tests/fixtures/heic/small.heic')).catch(() => undefined);
      await classifier.close();`;
    await within(8000, 'the end', run(process.execPath, ['--input-type=module', '--eval', script], { cwd: project }));
  });

  test('does not write to stdout or stderr, nor touch signals, nor need a data directory', async () => {
    const script = `
      import { createClassifier } from 'kaiyan';
      const classifier = await createClassifier({ workers: 1, home: '/dev/null/kaiyan' });
      console.log(['SIGINT', 'SIGTERM', 'SIGPIPE'].map((name) => process.listenerCount(name)).join());
      await classifier.close();`;
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: project });
    assert.deepEqual([stdout.trim(), stderr], ['0,0,0', '']);
  });
});

describe('the telemetry of ONNX Runtime', () => {
  const code = `import('kaiyan')
    .then(async ({ createClassifier }) => (await createClassifier({ workers: 1 })).close())
    .then(() => console.log('done'), ({ code, message }) => console.log(code, message));`;

  for (const [what, before, says] of [
    ['is refused in a worker thread that cannot turn it off', '', /^SETTING_INVALID .*ORT_DISABLE_TELEMETRY/],
    ['is off in a worker thread once the main thread has the library', "await import('kaiyan');", /^done/],
  ] as const) {
    test(what, async () => {
      const { ORT_DISABLE_TELEMETRY: _, ...env } = process.env;
      const script = `${before} new (await import('node:worker_threads')).Worker(${JSON.stringify(code)}, { eval: true });`;
      const args = ['--input-type=module', '--eval', script];
      const { stdout } = await within(20_000, 'the end', run(process.execPath, args, { cwd: project, env }));
      assert.match(stdout, says);
    });
  }
});
