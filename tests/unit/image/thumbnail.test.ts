import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { createDecoder } from '#kaiyan/image/decode.js';
import type { DecodeOptions } from '#kaiyan/image/decode-options.js';
import { makeThumbnail, thumbnailOfPixels } from '#kaiyan/image/thumbnail.js';
import { asSharp, draw, encode, encodeBmp, encodeCmykTiff, gradient } from '../../support/drawings.js';
import { appError } from '../../support/errors.js';
import { pillowPicture } from '../../support/goldens.js';
import { fixtures } from '../../support/paths.js';
import { defaultDecodeOptions } from '../../support/pictures.js';
import { withoutHeic } from '../../support/requirements.js';

async function thumbnail(
  t: Pick<TestContext, 'after'>,
  bytes: Uint8Array,
  options: Partial<DecodeOptions> = {},
): Promise<Uint8Array> {
  const decoder = createDecoder({ ...defaultDecodeOptions, ...options });
  t.after(decoder.close);
  return makeThumbnail(bytes, { decode: decoder.decode });
}

/** Its size, and the mean colour of what it shows, or of a corner of it. */
async function look(jpeg: Uint8Array, region?: { left: number; top: number; width: number; height: number }) {
  const image = sharp(jpeg);
  const { width, height, format } = await image.metadata();
  const part = await (region ? sharp(jpeg).extract(region) : sharp(jpeg)).toBuffer();
  const { channels } = await sharp(part).stats();
  return { width, height, format, colour: channels.map(({ mean }) => Math.round(mean)) };
}

function assertNear(found: readonly number[], expected: readonly number[], tolerance = 8): void {
  const isNear = expected.every((value, i) => Math.abs(value - (found[i] as number)) <= tolerance);
  assert.ok(isNear, `expected about ${expected}, got ${found}`);
}

describe('a thumbnail', () => {
  for (const [width, height, wanted] of [
    [1200, 800, [256, 171]],
    [800, 1200, [171, 256]],
    [900, 900, [256, 256]],
    [4000, 3, [256, 1]],
    [100, 60, [100, 60]],
  ] as const) {
    test(`of ${width}×${height} pixels has ${wanted.join('×')}`, async (t) => {
      const small = await look(await thumbnail(t, await encode(gradient(width, height), 'PNG')));
      assert.deepEqual([small.format, small.width, small.height], ['jpeg', ...wanted]);
    });
  }

  for (const format of ['JPEG', 'PNG', 'WebP', 'TIFF', 'AVIF', 'BMP'] as const) {
    test(`of a ${format} shows the same colours at the same places`, async (t) => {
      const halves = draw(640, 320, (x) => (x < 320 ? [200, 30, 40] : [20, 90, 210]));
      const small = await thumbnail(t, await encode(halves, format));
      const side = { top: 20, width: 80, height: 80 };
      assertNear((await look(small, { left: 20, ...side })).colour, [200, 30, 40]);
      assertNear((await look(small, { left: 150, ...side })).colour, [20, 90, 210]);
    });
  }

  test('is upright, and says nothing of the camera', async (t) => {
    const bottomRed = draw(400, 300, (_, y) => (y < 150 ? [250, 250, 250] : [220, 10, 10]));
    const turned = await asSharp(bottomRed)
      .jpeg()
      .withExif({ IFD0: { Make: 'Camera' } })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const small = await thumbnail(t, turned);
    const { width, height } = await look(small);
    assert.deepEqual([width, height], [192, 256]);
    assertNear((await look(small, { left: 10, top: 50, width: 60, height: 100 })).colour, [220, 10, 10]);
    const { exif, icc, xmp } = await sharp(small).metadata();
    assert.deepEqual([exif, icc, xmp], [undefined, undefined, undefined]);
  });

  test('shows white where the picture is transparent', async (t) => {
    const clear = await sharp({ create: { width: 300, height: 300, channels: 4, background: '#0000' } })
      .png()
      .toBuffer();
    assertNear((await look(await thumbnail(t, clear))).colour, [255, 255, 255], 1);
  });

  test('has the colours of inks on paper', async (t) => {
    const cyan = await look(
      await thumbnail(t, encodeCmykTiff(Array.from({ length: 16 }, () => [255, 0, 0, 0] as const))),
    );
    assertNear(cyan.colour, [0, 255, 255]);
    const golden = await look(await readFile(pillowPicture('cmyk-adobe.jpg.golden.png')));
    const adobe = await look(await thumbnail(t, await readFile(pillowPicture('cmyk-adobe.jpg'))));
    assertNear(adobe.colour, golden.colour, 20);
  });

  test('of a HEIC shows it', { skip: withoutHeic() }, async (t) => {
    const small = await look(await thumbnail(t, await readFile(path.join(fixtures, 'heic/small.heic'))));
    const { colour } = await look(await readFile(path.join(fixtures, 'heic/small.png')));
    assertNear(small.colour, colour.slice(0, 3));
  });

  test('is refused as the picture is: by bytes, by pixels, by what is broken', async (t) => {
    const picture = await encode(gradient(300, 200), 'JPEG');
    await assert.rejects(thumbnail(t, picture, { maxBytes: 100 }), appError('IMAGE_TOO_LARGE', 'maxBytes'));
    await assert.rejects(thumbnail(t, picture, { maxPixels: 100 }), appError('IMAGE_TOO_LARGE', 'maxPixels'));
    await assert.rejects(thumbnail(t, encodeBmp(gradient(9, 9)), { maxPixels: 80 }), appError('IMAGE_TOO_LARGE'));
    await assert.rejects(thumbnail(t, picture.subarray(0, picture.length / 2)), appError('IMAGE_CORRUPT'));
    await assert.rejects(thumbnail(t, Buffer.from('no picture at all')), appError('IMAGE_UNSUPPORTED'));
  });
});

describe('the conversion of a large picture for print', () => {
  test('leaves their turn to others', async () => {
    const [width, height] = [2000, 1000];
    const data = new Uint8Array(width * height * 4);
    const making = thumbnailOfPixels({ width, height, layout: 'cmyk', data });
    // Ink on what has not been converted yet.
    data.fill(255, data.length / 2);
    const { colour } = await look(await making, { left: 0, top: 100, width: 256, height: 28 });
    assertNear(colour, [0, 0, 0]);
  });
});
