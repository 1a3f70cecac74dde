import assert from 'node:assert/strict';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import v8 from 'node:v8';
import type { DecodedImage } from '#kaiyan/image/input-spec.js';
import { createPool, type Pool, type PoolOptions } from '#kaiyan/inference/pool.js';
import { greyImage, poolOptions } from '../../support/bundles.js';
import { appError, rejectionOf } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { decodePicture } from '../../support/pictures.js';
import { shared, withoutShared } from '../../support/requirements.js';
import { threadCount } from '../../support/threads.js';
import { until, within } from '../../support/timing.js';
import { EXHAUST_HEAP, EXIT, THROW } from '../../support/workers/ways-to-break.js';

const script = (name: string) => new URL(`../../support/workers/${name}.js`, import.meta.url);

async function poolFor(t: Pick<TestContext, 'after'>, changes: Partial<PoolOptions> = {}): Promise<Pool> {
  const pool = createPool({ ...(await poolOptions()), ...changes });
  t.after(() => pool.close());
  return pool;
}

/** A picture that makes `breaks-when-told` break. */
const breaking = (way: number): DecodedImage => greyImage(1, way);

describe('a pool of inference workers', () => {
  test('gives the FP32 logits of the reference for 20 photographs', { skip: withoutShared() }, async (t) => {
    const pool = await poolFor(t, { ...(await poolOptions('fp32')), workers: 2 });
    const bytes = await readFile(path.join(shared, 'golden/pipeline/efficientnet-lite0.val20.f32'));
    const expected = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    const files = (await readdir(path.join(shared, 'eval/val20'))).sort();
    assert.equal(expected.length, files.length * 1000);
    await Promise.all(
      files.map(async (file, n) => {
        const { logits } = await pool.run(await decodePicture(path.join(shared, 'eval/val20', file)));
        const worst = logits.reduce(
          (most, logit, i) => Math.max(most, Math.abs(logit - (expected[n * 1000 + i] as number))),
          0,
        );
        assert.equal(logits.length, 1000);
        assert.ok(worst < 1e-3, `${file}: ${worst}`);
      }),
    );
  });

  test('answers each picture with its own result, whoever works on it', async (t) => {
    const pool = await poolFor(t, { workers: 2 });
    const picture = (value: number) => ({ ...greyImage(), data: new Uint8Array(32 * 32 * 3).fill(value) });
    const values = [0, 60, 120, 180, 240];
    const alone: number[] = [];
    for (const value of values) alone.push((await pool.run(picture(value))).logits[0] as number);
    const together = await Promise.all([...values, ...values].map((value) => pool.run(picture(value))));
    assert.deepEqual(
      together.map(({ logits }) => logits[0]),
      [...alone, ...alone],
    );
    assert.equal(new Set(alone).size, values.length);
  });

  test('serves pictures of very different sizes in turn', async (t) => {
    const pool = await poolFor(t);
    const small = (await pool.run(greyImage(40, 40))).logits;
    const large = (await pool.run(greyImage(3000, 3000))).logits;
    const again = (await pool.run(greyImage(40, 40))).logits;
    assert.deepEqual(again, small);
    assert.equal(large.length, 1000);
  });
});

describe('a picture that is no longer wanted', () => {
  test('leaves the queue and rejects at once with the reason', async (t) => {
    const pool = await poolFor(t);
    await pool.ready();
    const controller = new AbortController();
    const first = pool.run(greyImage(2000, 2000));
    const second = rejectionOf(pool.run(greyImage(), controller.signal));
    const reason = new Error('no longer wanted');
    controller.abort(reason);
    assert.equal(await within(100, 'the abort', second), reason);
    assert.equal((await first).logits.length, 1000);
  });

  test('rejects at once during its run, whose late result reaches nobody', async (t) => {
    const pool = await poolFor(t);
    const expected = (await pool.run(greyImage(50, 50))).logits;
    const controller = new AbortController();
    const running = rejectionOf(pool.run(greyImage(2000, 2000), controller.signal));
    const next = pool.run(greyImage(50, 50));
    const reason = new Error('no longer wanted');
    setImmediate(() => controller.abort(reason));
    assert.equal(await running, reason);
    assert.deepEqual((await next).logits, expected);
  });

  test('is not begun if its signal was aborted before', async (t) => {
    const pool = await poolFor(t);
    const reason = new Error('too late');
    assert.equal(await rejectionOf(pool.run(greyImage(), AbortSignal.abort(reason))), reason);
  });
});

describe('a worker that breaks', () => {
  for (const [name, way, why] of [
    ['throws', THROW, 'thrown in the worker'],
    ['exits', EXIT, 'exit'],
  ] as const) {
    test(`because it ${name} is replaced, and its picture answered with WORKER_FAILED`, async (t) => {
      const pool = await poolFor(t, { script: script('breaks-when-told') });
      const broken = rejectionOf(pool.run(breaking(way)));
      const waiting = pool.run(greyImage());
      appError('WORKER_FAILED', why)(await within(10_000, 'an answer for the picture', broken));
      assert.equal((await within(10_000, 'an answer for the one behind', waiting)).logits.length, 1000);
      for (let i = 0; i < 3; i++) appError('WORKER_FAILED')(await rejectionOf(pool.run(breaking(way))));
      assert.equal((await pool.run(greyImage())).logits.length, 1000);
    });
  }

  test('because it exhausts its heap is replaced, and its picture answered with WORKER_FAILED', async (t) => {
    v8.setFlagsFromString('--max-old-space-size=64');
    t.after(() => v8.setFlagsFromString('--max-old-space-size=0'));
    const pool = await poolFor(t, { script: script('breaks-when-told') });
    await pool.ready();
    appError(
      'WORKER_FAILED',
      'memory',
    )(await within(30_000, 'an answer', rejectionOf(pool.run(breaking(EXHAUST_HEAP)))));
    assert.equal((await pool.run(greyImage())).logits.length, 1000);
  });

  test('takes only its own picture with it: the other worker goes on', async (t) => {
    const pool = await poolFor(t, { script: script('breaks-when-told'), workers: 2 });
    await pool.ready();
    const outcomes = await Promise.allSettled(
      [greyImage(), breaking(THROW), greyImage(), breaking(EXIT), greyImage()].map((image) => pool.run(image)),
    );
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
    );
  });

  test('at its start is an error for who waits, not a hang', async (t) => {
    const pool = await poolFor(t, { script: script('cannot-start') });
    const waiting = rejectionOf(pool.run(greyImage()));
    appError('WORKER_FAILED', 'no luck')(await within(10_000, 'ready()', rejectionOf(pool.ready())));
    appError('WORKER_FAILED', 'no luck')(await within(10_000, 'run()', waiting));
  });

  test('at its start is no error as long as another worker starts', async (t) => {
    const options = await poolOptions();
    const copy = path.join(await temporaryFolder(t), 'model.onnx');
    await copyFile(options.file.path, copy);
    const pool = await poolFor(t, {
      ...{ script: script('starts-once'), workers: 2 },
      file: { ...options.file, path: copy },
    });
    await within(10_000, 'ready()', pool.ready());
    assert.equal((await pool.run(greyImage())).logits.length, 1000);
  });

  test('while the pool closes is replaced as long as pictures wait', async (t) => {
    const pool = await poolFor(t, { script: script('breaks-when-told') });
    await pool.ready();
    const outcomes = Promise.allSettled([breaking(THROW), greyImage(), greyImage()].map((image) => pool.run(image)));
    await within(10_000, 'close()', pool.close());
    assert.deepEqual(
      (await within(1000, 'the answers', outcomes)).map(({ status }) => status),
      ['rejected', 'fulfilled', 'fulfilled'],
    );
  });

  test('and whose replacement cannot start either is an error for what waits', async (t) => {
    const folder = await temporaryFolder(t);
    const options = await poolOptions();
    const copy = path.join(folder, 'model.onnx');
    await copyFile(options.file.path, copy);
    const pool = await poolFor(t, { script: script('starts-once'), file: { ...options.file, path: copy } });
    await pool.ready();
    const broken = rejectionOf(pool.run(breaking(THROW)));
    const waiting = rejectionOf(pool.run(greyImage()));
    appError('WORKER_FAILED', 'thrown in the worker')(await within(10_000, 'the broken run', broken));
    appError('WORKER_FAILED', 'second start')(await within(10_000, 'the run behind it', waiting));
  });
});

describe('a damaged model', () => {
  test('is refused by its hash', async (t) => {
    const options = await poolOptions();
    const file = path.join(await temporaryFolder(t), 'model.onnx');
    const bytes = await readFile(options.file.path);
    bytes[1_000_000] = (bytes[1_000_000] as number) ^ 1;
    await writeFile(file, bytes);
    const pool = await poolFor(t, { file: { ...options.file, path: file } });
    const error = await rejectionOf(pool.ready());
    assert.match((error as { code: string }).code, /^MODEL_(DAMAGED|INVALID)$/);
    assert.match((error as Error).message, /SHA-256/);
  });

  test('that is not there is named', async (t) => {
    const options = await poolOptions();
    const pool = await poolFor(t, { file: { ...options.file, path: '/no/model.onnx' } });
    await assert.rejects(pool.ready(), appError('MODEL_INVALID', '/no/model.onnx'));
  });

  test('refuses a run that comes while the failed worker is still ending', async (t) => {
    const options = await poolOptions();
    const pool = await poolFor(t, { file: { ...options.file, path: '/no/model.onnx' } });
    await assert.rejects(pool.ready());
    await within(5000, 'an answer', assert.rejects(pool.run(greyImage()), appError('MODEL_INVALID')));
  });
});

describe('closing a pool', () => {
  test('answers what waits, refuses what comes, and leaves no thread', async (t) => {
    const warm = await poolFor(t, { workers: 2 });
    await warm.run(greyImage());
    await warm.close();
    const before = threadCount();
    const pool = await poolFor(t, { workers: 2 });
    await pool.ready();
    assert.ok(threadCount() >= before + 2);
    const waiting = Array.from({ length: 6 }, () => pool.run(greyImage()));
    const closing = pool.close();
    await assert.rejects(pool.run(greyImage()), appError('CLOSED'));
    assert.deepEqual(
      (await Promise.all(waiting)).map(({ logits }) => logits.length),
      [1000, 1000, 1000, 1000, 1000, 1000],
    );
    await closing;
    await until('the threads end', () => threadCount() <= before);
    await within(1000, 'closing twice', pool.close());
  });

  test('before it was ready ends it too', async () => {
    const pool = createPool(await poolOptions());
    await within(10_000, 'close()', pool.close());
  });

  test('ends a worker whose picture was aborted during its run, without ending the process', async (t) => {
    const pool = await poolFor(t);
    await pool.ready();
    for (let i = 0; i < 5; i++) {
      const controller = new AbortController();
      const running = rejectionOf(pool.run(greyImage(), controller.signal));
      setTimeout(() => controller.abort(new Error('no longer wanted')), i * 3);
      await running.catch(() => undefined);
    }
    await within(10_000, 'close()', pool.close());
  });
});
