import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSoftwareDecoder, type SoftwareDecoder, type SoftwareFormat } from '#kaiyan/image/software/decoder.js';
import { draw, encodeBmp, gradient, largestDifference } from '../../../support/drawings.js';
import { appError, rejectionOf } from '../../../support/errors.js';
import { fixtures } from '../../../support/paths.js';
import { withoutHeic } from '../../../support/requirements.js';
import { threadCount } from '../../../support/threads.js';
import { until, within } from '../../../support/timing.js';

const heic = (name: string) => readFile(path.join(fixtures, 'heic', `${name}.heic`));

function decoderFor(t: Pick<TestContext, 'after'>, format: SoftwareFormat, timeoutSeconds = 20): SoftwareDecoder {
  const decoder = createSoftwareDecoder(format, { maxPixels: 50_000_000, timeoutSeconds });
  t.after(() => decoder.close());
  return decoder;
}

describe('BMP', () => {
  test('of any width gives back every pixel, from the top or from the bottom', async (t) => {
    const decoder = decoderFor(t, 'BMP');
    for (const width of [1, 2, 3, 4, 5, 61]) {
      const drawing = gradient(width, 7);
      const file = encodeBmp(drawing);
      assert.equal(largestDifference((await decoder.decode(file)).data, drawing.data), 0, `${width} wide`);
      const upsideDown = draw(
        width,
        7,
        (x, y) => [...drawing.data.subarray(((6 - y) * width + x) * 3)].slice(0, 3) as never,
      );
      file.writeInt32LE(-7, 22);
      assert.equal(
        largestDifference((await decoder.decode(file)).data, upsideDown.data),
        0,
        `${width} wide, from the top`,
      );
    }
  });

  test('the fourth byte of a pixel is no alpha unless the header says so', async (t) => {
    const file = Buffer.alloc(54 + 4);
    encodeBmp(gradient(1, 1)).copy(file, 0, 0, 54);
    file.writeUInt16LE(32, 28);
    file.set([30, 20, 10, 0], 54);
    const image = await decoderFor(t, 'BMP').decode(file);
    assert.deepEqual([image.layout, ...image.data], ['rgb', 10, 20, 30]);
  });

  test('answers one after another in the order asked', async (t) => {
    const decoder = decoderFor(t, 'BMP');
    const order: number[] = [];
    await Promise.all(
      [40, 3, 20].map(async (width) => {
        const image = await decoder.decode(encodeBmp(gradient(width, 5)));
        order.push(image.width);
      }),
    );
    assert.deepEqual(order, [40, 3, 20]);
  });

  test('that is damaged leaves its decoder as it is', async (t) => {
    const decoder = decoderFor(t, 'BMP');
    await decoder.decode(encodeBmp(gradient(4, 4)));
    const threads = threadCount();
    await assert.rejects(decoder.decode(Buffer.alloc(20)), appError('IMAGE_CORRUPT', 'BMP'));
    await sleep(100);
    assert.equal(threadCount(), threads);
  });
});

describe('a decoder of its own for slow pictures', { skip: withoutHeic() }, () => {
  test('is ended at its time limit, and the next picture gets a new one', async (t) => {
    const decoder = decoderFor(t, 'HEIC', 1);
    const begun = performance.now();
    await assert.rejects(decoder.decode(await heic('slow')), appError('IMAGE_TIMEOUT', '1 s', 'decodeTimeoutSeconds'));
    assert.ok(performance.now() - begun < 1800);
    assert.equal((await decoder.decode(await heic('small'))).width, 128);
  });

  test('that is late does not take the pictures with it that wait behind', async (t) => {
    const decoder = decoderFor(t, 'HEIC', 1);
    const late = rejectionOf(decoder.decode(await heic('slow')));
    const behind = decoder.decode(await heic('small'));
    appError('IMAGE_TIMEOUT')(await late);
    assert.equal((await behind).width, 128);
  });

  test('leaves the main thread free while it decodes', async (t) => {
    const decoder = decoderFor(t, 'HEIC');
    let longest = 0;
    let last = performance.now();
    const watch = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    await decoder.decode(await heic('slow'));
    clearInterval(watch);
    assert.ok(longest < 300, `blocked for ${longest} ms`);
  });

  test('close() ends it, and what waits behind the picture in hand: no thread remains', async (t) => {
    const decoder = decoderFor(t, 'HEIC');
    const before = threadCount();
    const slow = await heic('slow');
    const all = Promise.allSettled([decoder.decode(slow), decoder.decode(slow), decoder.decode(slow)]);
    await until('the worker starts', () => threadCount() > before);
    await decoder.close();
    const outcomes = await within(1500, 'an answer for what was in hand and what waited', all);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected', 'rejected'],
    );
    assert.ok(threadCount() <= before, 'the thread has ended');
  });

  test('close() waits for the thread of a picture that is no longer wanted', async (t) => {
    const decoder = decoderFor(t, 'HEIC');
    const slow = await heic('slow');
    const before = threadCount();
    const controller = new AbortController();
    const aborted = rejectionOf(decoder.decode(slow, controller.signal));
    await until('the worker starts', () => threadCount() > before);
    controller.abort(new Error('no longer wanted'));
    assert.match(String(await aborted), /no longer wanted/);
    await decoder.close();
    assert.ok(threadCount() <= before, 'the thread has ended');
  });

  test('close() in the same moment starts no thread, nor does an abort', async (t) => {
    const decoder = decoderFor(t, 'HEIC');
    const slow = await heic('slow');
    const before = threadCount();
    const controller = new AbortController();
    const aborted = rejectionOf(decoder.decode(slow, controller.signal));
    controller.abort(new Error('no longer wanted'));
    assert.match(String(await within(500, 'an answer to the aborted one', aborted)), /no longer wanted/);
    const closed = rejectionOf(decoder.decode(slow));
    await decoder.close();
    appError('CLOSED')(await within(500, 'an answer to the closed one', closed));
    assert.ok(threadCount() <= before, 'no thread was started');
  });

  test('that broke is ended, so that the next picture gets a new one', async (t) => {
    const decoder = decoderFor(t, 'HEIC');
    const before = threadCount();
    // Not bytes: libheif's binding throws, as it does when its memory is used up.
    const broken = new Uint16Array(8) as unknown as Uint8Array;
    await assert.rejects(decoder.decode(broken), appError('IMAGE_CORRUPT', 'HEIC'));
    await until('the thread ends', () => threadCount() <= before, 1500);
    assert.equal((await decoder.decode(await heic('small'))).width, 128);
  });

  test('is not ended by an earlier picture that never reached it', async (t) => {
    const decoder = decoderFor(t, 'HEIC', 1);
    const givenAway = new Uint8Array(8);
    structuredClone(givenAway, { transfer: [givenAway.buffer] });
    await assert.rejects(decoder.decode(givenAway), { name: 'DataCloneError' });
    await sleep(600);
    await assert.rejects(decoder.decode(await heic('slow')), appError('IMAGE_TIMEOUT'));
  });

  test('close() says that the decoder was closed, not that the picture is damaged', async (t) => {
    const decoder = decoderFor(t, 'HEIC');
    const outcome = rejectionOf(decoder.decode(await heic('slow')));
    setTimeout(() => void decoder.close(), 300);
    assert.notEqual(((await outcome) as { code: string }).code, 'IMAGE_CORRUPT');
  });
});
