import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import {
  choosePrecision,
  judge,
  type Measurement,
  measurePrecision,
  readVerdict,
} from '#kaiyan/classification/precision.js';
import { describeCpu } from '#kaiyan/inference/machine.js';
import { openBundle } from '#kaiyan/models/bundle.js';
import { embedded } from '../../support/bundles.js';
import { appError } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { project } from '../../support/paths.js';
import { within } from '../../support/timing.js';

const both = await openBundle(embedded('efficientnet-lite0'));
const single = await openBundle(embedded('efficientnet-lite2'));

describe('the verdict', () => {
  const good: Measurement = { int8Ms: 5, fp32Ms: 10, agreement: 1, distance: 0.02 };
  test('is INT8 where it is faster and agrees', () => {
    assert.deepEqual(judge(good), { precision: 'int8', ...good });
  });

  test('is FP32 where INT8 is not faster', () => {
    assert.equal(judge({ ...good, int8Ms: 11 }).precision, 'fp32');
    assert.equal(judge({ ...good, int8Ms: 10 }).precision, 'fp32');
  });

  test('is FP32 where INT8 names other classes, or other probabilities, as it does where it saturates', () => {
    assert.equal(judge({ ...good, agreement: 0.5 }).precision, 'fp32');
    assert.equal(judge({ ...good, distance: 0.6 }).precision, 'fp32');
  });
});

describe('the choice of a precision', () => {
  test('is the one that was asked for', async (t) => {
    const home = await temporaryFolder(t);
    for (const wanted of ['int8', 'fp32'] as const)
      assert.deepEqual(await choosePrecision(both, wanted, home), { precision: wanted, provisional: false });
  });

  test('is an error if the model does not have it', async (t) => {
    await assert.rejects(
      choosePrecision(single, 'fp32', await temporaryFolder(t)),
      appError('PRECISION_UNAVAILABLE', 'int8'),
    );
  });

  test('of a model with one precision is that one, without a measurement', async (t) => {
    const home = await temporaryFolder(t);
    assert.deepEqual(await choosePrecision(single, 'auto', home), { precision: 'int8', provisional: false });
    assert.equal(await measurePrecision(single, home), undefined);
  });

  test('without a verdict goes by what the CPU has, for now', async (t) => {
    const choice = await choosePrecision(both, 'auto', await temporaryFolder(t));
    assert.deepEqual(choice, { precision: describeCpu().fastInt8 ? 'int8' : 'fp32', provisional: true });
  });
});

/** What another process chooses, which remembers nothing. */
async function choiceOfAnotherProcess(home: string): Promise<unknown> {
  const script = `
    import { choosePrecision } from '#kaiyan/classification/precision.js';
    import { openBundle } from '#kaiyan/models/bundle.js';
    const bundle = await openBundle('models/efficientnet-lite0');
    console.log(JSON.stringify(await choosePrecision(bundle, 'auto', ${JSON.stringify(home)})));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: project,
  });
  return JSON.parse(stdout);
}

const timesFor = (faster: string) => (faster === 'int8' ? { int8Ms: 1, fp32Ms: 2 } : { int8Ms: 2, fp32Ms: 1 });

describe('the measurement', () => {
  test('that is aborted gives no verdict, and ends its process', async (t) => {
    const home = await temporaryFolder(t);
    const controller = new AbortController();
    const begun = performance.now();
    const measuring = measurePrecision(both, home, controller.signal);
    setTimeout(() => controller.abort(), 300);
    assert.equal(await measuring, undefined);
    assert.ok(performance.now() - begun < 1500);
    assert.equal(await readVerdict(both, home), undefined);
  });

  test('that was aborted before it began gives no verdict', async (t) => {
    const measuring = measurePrecision(both, await temporaryFolder(t), AbortSignal.abort());
    assert.equal(await within(1500, 'an end of the measurement', measuring), undefined);
  });

  test('whose process cannot be started gives no verdict, aborted or not', async (t) => {
    const home = await temporaryFolder(t);
    const { execPath } = process;
    t.after(() => {
      process.execPath = execPath;
    });
    process.execPath = path.join(home, 'node-before-its-upgrade');
    for (const signal of [undefined, new AbortController().signal, AbortSignal.abort()])
      assert.equal(await within(1500, 'an end of the measurement', measurePrecision(both, home, signal)), undefined);
  });

  test('runs both precisions and keeps its verdict in the data directory, for other processes too', async (t) => {
    const home = await temporaryFolder(t);
    const verdict = await measurePrecision(both, home);
    assert.ok(verdict && verdict.int8Ms > 0 && verdict.fp32Ms > 0);
    assert.ok(verdict.agreement >= 0 && verdict.agreement <= 1 && verdict.distance >= 0 && verdict.distance <= 1);
    assert.deepEqual(await readVerdict(both, home), verdict);
    assert.deepEqual(await choiceOfAnotherProcess(home), { precision: verdict.precision, provisional: false });

    const [name] = await readdir(path.join(home, 'measurements'));
    const file = path.join(home, 'measurements', name as string);
    const other = verdict.precision === 'int8' ? 'fp32' : 'int8';
    await writeFile(
      file,
      JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), agreement: 1, distance: 0, ...timesFor(other) }),
    );
    assert.deepEqual(
      await choiceOfAnotherProcess(home),
      { precision: other, provisional: false },
      'it is read, not measured again',
    );
    await writeFile(file, '{"int8Ms":1');
    assert.deepEqual(
      ((await choiceOfAnotherProcess(home)) as { provisional: boolean }).provisional,
      true,
      'a damaged one does not count',
    );
  });

  test('is kept in memory where the data directory cannot be written', async () => {
    const home = '/dev/null/kaiyan';
    const verdict = await measurePrecision(both, home);
    assert.ok(verdict);
    assert.deepEqual(await choosePrecision(both, 'auto', home), { precision: verdict.precision, provisional: false });
  });
});
