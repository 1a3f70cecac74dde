import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { createClassifier } from '#kaiyan/classification/classifier.js';
import { shareDecoding } from '#kaiyan/classification/shared-decoding.js';
import { createDecoder, type Decoder } from '#kaiyan/image/decode.js';
import { appError } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { examples } from '../../support/paths.js';
import { defaultDecodeOptions } from '../../support/pictures.js';
import { isSettled } from '../../support/timing.js';

const cat = await readFile(path.join(examples, 'chelsea.png'));

function countingDecoder(t: Pick<TestContext, 'after'>) {
  const decoder = createDecoder({ ...defaultDecodeOptions, maxHeld: 1 });
  t.after(() => decoder.close());
  let count = 0;
  const counting: Decoder = {
    ...decoder,
    decode: (...args) => {
      count += 1;
      return decoder.decode(...args);
    },
  };
  return { decoder: counting, decoded: () => count };
}

describe('a shared decoding', () => {
  test('decodes once for all who ask, at the same time or later', async (t) => {
    const { decoder, decoded } = countingDecoder(t);
    const sharing = shareDecoding();
    const decode = sharing.through(decoder);
    const [first, second] = await Promise.all([decode(cat), decode(cat)]);
    const third = await decode(cat);
    assert.equal(decoded(), 1);
    assert.ok(first?.data === second?.data && second?.data === third.data);
    sharing.release();
  });

  test('decodes whole, whatever a model lets pictures be reduced to: a second decoding would wait for the first', async (t) => {
    const { decoder, decoded } = countingDecoder(t);
    const sharing = shareDecoding();
    const decode = sharing.through(decoder);
    const images = [await decode(cat, undefined, 100), await decode(cat, undefined, 200), await decode(cat)];
    assert.equal(decoded(), 1);
    assert.deepEqual(
      images.map(({ height }) => height),
      [300, 300, 300],
    );
    sharing.release();
  });

  test('keeps the room of the pixels until it is released, whatever its users do', async (t) => {
    const { decoder } = countingDecoder(t);
    const sharing = shareDecoding();
    const image = await sharing.through(decoder)(cat);
    image.release();
    const next = decoder.decode(cat);
    assert.equal(await isSettled(next), false);
    await sharing.through(decoder)(cat);
    assert.equal(await isSettled(next), false);
    sharing.release();
    (await next).release();
  });

  test('fails for all who ask, and is released all the same', async (t) => {
    const { decoder } = countingDecoder(t);
    const sharing = shareDecoding();
    const broken = cat.subarray(0, 5000);
    for (let i = 0; i < 2; i++) await assert.rejects(sharing.through(decoder)(broken), appError('IMAGE_CORRUPT'));
    sharing.release();
    (await decoder.decode(cat)).release();
  });

  test('does not change what a model answers', async (t) => {
    const options = { workers: 1, home: await temporaryFolder(t) };
    const classifiers = [
      await createClassifier({ ...options, precision: 'int8' }),
      await createClassifier({ ...options, model: 'efficientnet-lite2' }),
    ];
    t.after(() => Promise.all(classifiers.map(({ close }) => close())));
    const sharing = shareDecoding();
    const decodeMs = new Set<number>();
    for (const { classify } of classifiers) {
      const { timing: _, ...alone } = await classify(cat);
      const { timing, ...together } = await classify(cat, { sharing });
      assert.deepEqual(together, alone);
      decodeMs.add(timing.decodeMs);
    }
    assert.equal(decodeMs.size, 1, 'it was decoded once');
    sharing.release();
  });
});
