import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { createDecoder, type Decoder, type LeasedImage } from '#kaiyan/image/decode.js';
import type { DecodeOptions } from '#kaiyan/image/decode-options.js';
import type { InputSpec } from '#kaiyan/image/input-spec.js';
import { createPreprocessor } from '#kaiyan/image/preprocess.js';
import {
  asSharp,
  draw,
  encode,
  encodeBmp,
  encodeCmykTiff,
  gradient,
  largestDifference,
  storedFor,
} from '../../support/drawings.js';
import { appError, rejectionOf } from '../../support/errors.js';
import { exactGoldens, pillowPicture, sha256 } from '../../support/goldens.js';
import { fixtures } from '../../support/paths.js';
import { decodePicture, defaultDecodeOptions } from '../../support/pictures.js';
import { shared, withoutHeic, withoutShared } from '../../support/requirements.js';
import { isSettled, within } from '../../support/timing.js';

function decoderFor(t: Pick<TestContext, 'after'>, options: Partial<DecodeOptions> = {}): Decoder {
  const decoder = createDecoder({ ...defaultDecodeOptions, ...options });
  t.after(() => decoder.close());
  return decoder;
}

/** A decoded picture whose room is given back already. */
async function decoded(decoder: Decoder, bytes: Uint8Array): Promise<LeasedImage> {
  const image = await decoder.decode(bytes);
  image.release();
  return image;
}

/** The RGB of a decoded picture, without its alpha. */
function rgbOf({ layout, data }: LeasedImage): Uint8Array {
  return layout === 'rgb' ? data : data.filter((_, i) => i % 4 !== 3);
}

const heic = (name: string) => readFile(path.join(fixtures, 'heic', `${name}.heic`));

describe('decoding', () => {
  const drawing = gradient(61, 47);

  for (const format of ['PNG', 'WebP', 'TIFF', 'BMP'] as const) {
    test(`${format} gives back every pixel`, async (t) => {
      const image = await decoded(decoderFor(t), await encode(drawing, format));
      assert.deepEqual([image.width, image.height, image.layout], [61, 47, 'rgb']);
      assert.equal(largestDifference(image.data, drawing.data), 0);
    });
  }

  for (const [format, tolerance] of [
    ['JPEG', 12],
    ['AVIF', 24],
  ] as const) {
    test(`${format} gives back the picture within what it lost`, async (t) => {
      const image = await decoded(decoderFor(t), await encode(drawing, format));
      assert.deepEqual([image.width, image.height, image.layout], [61, 47, 'rgb']);
      assert.ok(largestDifference(image.data, drawing.data) <= tolerance);
    });
  }

  test('GIF gives back the palette colours', async (t) => {
    const flag = draw(40, 30, (x, y) => (y < 15 ? [200, 0, 40] : x < 20 ? [0, 90, 200] : [250, 250, 250]));
    const image = await decoded(decoderFor(t), await encode(flag, 'GIF'));
    assert.ok(largestDifference(rgbOf(image), flag.data) <= 2);
  });

  test('the name of a file plays no part: only bytes are given', async (t) => {
    const image = await decoded(decoderFor(t), new Uint8Array(await encode(drawing, 'PNG')));
    assert.equal(largestDifference(image.data, drawing.data), 0);
  });

  test('grey becomes RGB of three equal channels', async (t) => {
    const image = await decoded(decoderFor(t), await asSharp(drawing).greyscale().png().toBuffer());
    assert.equal(image.layout, 'rgb');
    for (let i = 0; i < image.data.length; i += 3) {
      assert.equal(image.data[i], image.data[i + 1]);
      assert.equal(image.data[i], image.data[i + 2]);
    }
  });

  test('the first frame of an animated GIF or WebP is the picture', async (t) => {
    const frames = [0, 1, 2].map((n) => draw(20, 10, () => [n === 0 ? 250 : 0, n === 1 ? 250 : 0, n === 2 ? 250 : 0]));
    const strip = () =>
      sharp(Buffer.concat(frames.map(({ data }) => data)), {
        raw: { width: 20, height: 30, channels: 3, pageHeight: 10 },
      });
    for (const file of [await strip().gif().toBuffer(), await strip().webp({ lossless: true }).toBuffer()]) {
      assert.equal((await sharp(file).metadata()).pages, 3);
      const image = await decoded(decoderFor(t), file);
      assert.deepEqual([image.width, image.height], [20, 10]);
      assert.ok(largestDifference(rgbOf(image), (frames[0] as { data: Buffer }).data) <= 6);
    }
  });

  for (let orientation = 1; orientation <= 8; orientation++) {
    test(`EXIF orientation ${orientation} is turned upright, in JPEG, PNG, WebP and TIFF`, async (t) => {
      const decoder = decoderFor(t);
      const stored = asSharp(storedFor(orientation, drawing)).withMetadata({ orientation });
      const files: readonly [Buffer, number][] = [
        [await stored.clone().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(), 6],
        [await stored.clone().png().toBuffer(), 0],
        [await stored.clone().webp({ lossless: true }).toBuffer(), 0],
        [await stored.clone().tiff({ compression: 'lzw' }).toBuffer(), 0],
      ];
      for (const [file, tolerance] of files) {
        const image = await decoded(decoder, file);
        assert.deepEqual([image.width, image.height], [61, 47]);
        assert.ok(largestDifference(image.data, drawing.data) <= tolerance);
      }
    });
  }

  test('alpha comes along, straight, for the preprocessor to lay on white', async (t) => {
    const half = sharp({
      create: { width: 2, height: 1, channels: 4, background: { r: 10, g: 20, b: 30, alpha: 0.5 } },
    });
    for (const file of [await half.png().toBuffer(), await half.webp({ lossless: true }).toBuffer()]) {
      const image = await decoded(decoderFor(t), file);
      assert.equal(image.layout, 'rgba');
      assert.deepEqual([...image.data], [10, 20, 30, 128, 10, 20, 30, 128]);
    }
  });

  test('CMYK keeps its four inks', async (t) => {
    const image = await decoded(
      decoderFor(t),
      encodeCmykTiff([
        [0, 255, 255, 0],
        [10, 20, 30, 40],
      ]),
    );
    assert.deepEqual([image.width, image.height, image.layout], [2, 1, 'cmyk']);
    assert.deepEqual([...image.data], [0, 255, 255, 0, 10, 20, 30, 40]);
  });

  test('16-bit colours become their 8-bit neighbours', async (t) => {
    const deep = Uint16Array.from(drawing.data, (value) => value * 257);
    const file = await sharp(deep, { raw: { width: 61, height: 47, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    assert.equal((await sharp(file).metadata()).depth, 'ushort');
    const image = await decoded(decoderFor(t), file);
    assert.equal(image.layout, 'rgb');
    assert.ok(largestDifference(image.data, drawing.data) <= 1);
  });

  test('a colour profile is ignored, and applied where the setting says so', async (t) => {
    const muted = draw(32, 32, (x, y) => [60 + x * 3, 120, 60 + y * 3]);
    const file = await asSharp(muted).withIccProfile('p3').png().toBuffer();
    const stored = await sharp(file, { ignoreIcc: true }).raw().toBuffer();
    assert.ok(largestDifference(stored, muted.data) > 5, 'the file stores other values than it shows');
    const ignored = await decoded(decoderFor(t), file);
    assert.equal(largestDifference(ignored.data, stored), 0);
    const applied = await decoded(decoderFor(t, { iccProfiles: 'apply' }), file);
    assert.ok(largestDifference(applied.data, muted.data) <= 3);
  });

  test('shrinking while decoding keeps the short side that was asked for, and the picture', async (t) => {
    const large = gradient(1600, 1200);
    const file = await encode(large, 'JPEG');
    const image = await decoderFor(t).decode(file, undefined, 512);
    image.release();
    assert.ok(image.height >= 512 && image.height < 1200, `${image.height}`);
    assert.ok(Math.abs(image.width / image.height - 4 / 3) < 0.01);
    const middle = (image.width * (image.height >> 1) + (image.width >> 1)) * 3;
    assert.ok(Math.abs((image.data[middle] as number) - 127) < 6);
  });
});

describe("Pillow's goldens", () => {
  for (const golden of exactGoldens) {
    test(`${golden.file} gives the upright, flattened pixels of Pillow`, async () => {
      const image = await decodePicture(pillowPicture(golden.file));
      assert.deepEqual([image.width, image.height], [golden.width, golden.height]);
      const whole = await createPreprocessor(unchanged(image));
      whole.tensor(image);
      assert.equal(sha256(whole.pixels()), golden.pixels);
    });
  }
});

/** The picture as it is: neither resized nor cropped, only flattened to RGB. */
const unchanged = ({ width, height }: LeasedImage): InputSpec => ({
  width,
  height,
  resize: { shortSide: Math.min(width, height), filter: 'bilinear' },
  mean: [0, 0, 0],
  std: [1, 1, 1],
});

describe('HEIC', { skip: withoutHeic() }, () => {
  test('gives back the picture within what it lost', async (t) => {
    const source = await sharp(path.join(fixtures, 'heic/small.png')).raw().toBuffer();
    const image = await decoded(decoderFor(t), await heic('small'));
    assert.deepEqual([image.width, image.height], [128, 96]);
    const differences = rgbOf(image).map((value, i) => Math.abs(value - (source[i] as number)));
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    assert.ok(mean < 3, `mean difference ${mean}`);
  });

  test('is turned upright, once', async (t) => {
    const decoder = decoderFor(t);
    const [plain, turned] = [await decoded(decoder, await heic('small')), await decoded(decoder, await heic('turned'))];
    assert.deepEqual([turned.width, turned.height], [plain.width, plain.height]);
    const corners = (image: LeasedImage) =>
      [
        [8, 8],
        [119, 8],
        [8, 87],
        [119, 87],
      ].map(([x, y]) => {
        const at = ((y as number) * image.width + (x as number)) * 4;
        return [...image.data.subarray(at, at + 3)].map((value) => Math.round(value / 64));
      });
    assert.deepEqual(corners(turned), corners(plain));
  });

  test('keeps its alpha', async (t) => {
    const image = await decoded(decoderFor(t), await heic('alpha'));
    assert.equal(image.layout, 'rgba');
    assert.ok((image.data[3] as number) > 250 && (image.data[127 * 4 + 3] as number) < 5);
  });

  test('over the pixel limit is refused without being decoded', async (t) => {
    const decoder = decoderFor(t, { maxPixels: 40_000_000 });
    await decoded(decoder, await heic('small'));
    const begun = performance.now();
    await assert.rejects(decoder.decode(await heic('slow')), appError('IMAGE_TOO_LARGE', '8000 × 6000', 'maxPixels'));
    assert.ok(performance.now() - begun < 1000);
  });

  test('that is damaged is reported as damaged, and the next one is decoded', async (t) => {
    const decoder = decoderFor(t);
    const whole = await heic('small');
    for (const bytes of [
      whole.subarray(0, 600),
      whole.subarray(0, 60),
      Buffer.concat([whole.subarray(0, 400), Buffer.alloc(900)]),
    ])
      await assert.rejects(decoder.decode(bytes), appError('IMAGE_CORRUPT', 'HEIC'));
    assert.equal((await decoded(decoder, whole)).width, 128);
  });

  test('that is slow does not keep a JPEG waiting, nor do two of them', async (t) => {
    const decoder = decoderFor(t);
    const jpeg = await encode(gradient(4000, 3000), 'JPEG');
    await decoded(decoder, await heic('small'));
    const slow = [decoder.decode(await heic('slow')), decoder.decode(await heic('slow'))];
    const slowest = Promise.all(slow.map((decoding) => decoding.then((image) => image.release())));
    slowest.catch(() => undefined);
    const image = await decoder.decode(jpeg);
    assert.equal(await isSettled(Promise.race(slow)), false, 'the JPEG was answered first');
    image.release();
    await slowest;
  });

  test('that is no longer wanted gives its room back at once, for its worker can be ended', async (t) => {
    const decoder = decoderFor(t);
    await decoded(decoder, await heic('small'));
    const controller = new AbortController();
    const slow = rejectionOf(decoder.decode(await heic('slow'), controller.signal));
    setTimeout(() => controller.abort(new Error('no longer wanted')), 200);
    assert.match(String(await slow), /no longer wanted/);
    await within(1500, 'another HEIC after the aborted one', decoded(decoder, await heic('small')));
  });

  test('leaves the queue when it is aborted before its turn', async (t) => {
    const decoder = decoderFor(t, { maxPixelsInFlight: 500_000_000 });
    await decoded(decoder, await heic('small'));
    const first = decoder.decode(await heic('slow'));
    first.catch(() => undefined);
    const controller = new AbortController();
    const others = [1, 2, 3].map(async () => rejectionOf(decoder.decode(await heic('slow'), controller.signal)));
    setTimeout(() => controller.abort(new Error('no longer wanted')), 100);
    await Promise.all(others);
    (await first).release();
    await within(2000, 'the HEIC behind three aborted ones', decoded(decoder, await heic('small')));
  });
});

describe('limits', () => {
  test('a file over the limit is refused before anything else, and the sentence shows that it is larger', async (t) => {
    const decoder = decoderFor(t, { maxBytes: 20_000_000 });
    const error = await rejectionOf(decoder.decode(Buffer.alloc(20_000_001)));
    appError('IMAGE_TOO_LARGE', 'maxBytes', '20 MB')(error);
    const [, limit, actual] = /at most (.+?), but it has (.+?)\./.exec((error as Error).message) as unknown as string[];
    assert.notEqual(actual, limit);
  });

  const huge: readonly [name: string, file: () => Buffer][] = [
    ['PNG', () => hugePng(30_000, 30_000)],
    ['JPEG', () => hugeJpeg(60_000, 60_000)],
    ['BMP', () => hugeBmp(30_000, -30_000)],
    [
      'GIF',
      () =>
        Buffer.concat([Buffer.from('GIF89a\x60\xea\x60\xea\0\0\0,\0\0\0\0\x60\xea\x60\xea\0\x02\x01\0\0;', 'latin1')]),
    ],
  ];
  for (const [name, file] of huge) {
    test(`a ${name} that claims more than 50 megapixels is refused before it is decoded`, async (t) => {
      const begun = performance.now();
      await assert.rejects(decoderFor(t).decode(file()), appError('IMAGE_TOO_LARGE', '50 megapixels', 'maxPixels'));
      assert.ok(performance.now() - begun < 1500);
    });
  }

  test('bombs of the robustness set are refused', { skip: withoutShared() }, async (t) => {
    const decoder = decoderFor(t);
    for (const name of ['libvips/17000x17000.avif', 'pillow/decompression_bomb.gif']) {
      const error = await rejectionOf(
        decoder
          .decode(await readFile(path.join(shared, 'robustness', name)))
          .then(({ width, height }) => assert.fail(`${name} is ${width}×${height}`)),
      );
      assert.match((error as { code?: string }).code ?? String(error), /^IMAGE_(TOO_LARGE|CORRUPT)$/, name);
    }
  });

  test('a picture of exactly the limits is accepted', async (t) => {
    const file = await encode(gradient(100, 50), 'PNG');
    const image = await decoderFor(t, { maxPixels: 5000, maxBytes: file.length }).decode(file);
    assert.equal(image.width, 100);
    await assert.rejects(decoderFor(t, { maxPixels: 4999 }).decode(file), appError('IMAGE_TOO_LARGE', '100 × 50'));
  });

  test('empty and unsupported files are named as what they are', async (t) => {
    await assert.rejects(decoderFor(t).decode(new Uint8Array(0)), appError('IMAGE_EMPTY'));
    await assert.rejects(
      decoderFor(t).decode(Buffer.from('<svg width="1" height="1"/>')),
      appError('IMAGE_UNSUPPORTED', 'SVG'),
    );
  });

  test('a picture cut off or damaged is corrupt, in each format', async (t) => {
    const decoder = decoderFor(t);
    for (const format of ['JPEG', 'PNG', 'WebP', 'GIF', 'TIFF', 'AVIF', 'BMP'] as const) {
      const file = await encode(gradient(200, 200), format);
      const error = await rejectionOf(decoder.decode(file.subarray(0, file.length >> 1)));
      appError('IMAGE_CORRUPT', format)(error);
    }
  });

  test('a true signature with nothing behind it is corrupt', async (t) => {
    const decoder = decoderFor(t);
    for (const head of [
      '\xff\xd8\xff\xe0',
      '\x89PNG\r\n\x1a\n',
      'GIF89a',
      'RIFF\x10\0\0\0WEBPVP8 ',
      'II*\0\x08\0\0\0',
      'BM\x40\0\0\0\0\0\0\0',
    ])
      await assert.rejects(
        decoder.decode(Buffer.from(head, 'latin1')),
        appError('IMAGE_CORRUPT'),
        JSON.stringify(head),
      );
  });

  test('a JPEG whose header seems small to a scan, but is large, takes the room of what it is', async (t) => {
    const decoder = decoderFor(t, { maxPixelsInFlight: 2_000_000, maxPixels: 2_000_000 });
    const disguised = hideBehindGarbage(await encode(gradient(1400, 1400), 'JPEG'));
    const outcome = await decoder.decode(disguised).catch((error: unknown) => error);
    if (outcome instanceof Error) {
      appError('IMAGE_CORRUPT')(outcome);
      return;
    }
    const next = decoder.decode(await encode(gradient(1400, 1400), 'JPEG'));
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(await isSettled(next), false, 'two pictures of 2 megapixels share room for 2 megapixels');
    (outcome as LeasedImage).release();
    (await next).release();
  });
});

describe('room for decoded pixels', () => {
  const options = { maxPixelsInFlight: 10_000, maxPixels: 10_000 };
  const picture = encode(gradient(100, 80), 'PNG');

  test('is also bounded by the number of pictures, and given back by those that fail', async (t) => {
    const decoder = decoderFor(t, { maxHeld: 2 });
    const held = [await decoder.decode(await picture), await decoder.decode(await picture)];
    const third = decoder.decode(await picture);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(await isSettled(third), false);
    held[0]?.release();
    (await within(5000, 'the third picture', third)).release();
    for (let i = 0; i < 3; i++)
      await assert.rejects(decoder.decode((await picture).subarray(0, 100)), appError('IMAGE_CORRUPT'));
    (await within(5000, 'a picture after damaged ones', decoder.decode(await picture))).release();
  });

  test('is waited for, and given back by release, once', async (t) => {
    const decoder = decoderFor(t, options);
    const first = await decoder.decode(await picture);
    const second = decoder.decode(await picture);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const third = decoder.decode(await picture);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(await isSettled(second), false);
    first.release();
    first.release();
    const held = await within(5000, 'the second picture', second);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(await isSettled(third), false, 'releasing twice does not make room for two');
    held.release();
    (await within(5000, 'the third picture', third)).release();
  });

  test('is given back when a picture turns out to be damaged', async (t) => {
    const decoder = decoderFor(t, options);
    const damaged = (await encode(gradient(100, 99), 'JPEG')).subarray(0, 800);
    for (let i = 0; i < 5; i++) await assert.rejects(decoder.decode(damaged), appError('IMAGE_CORRUPT'));
    (await within(5000, 'a picture after damaged ones', decoder.decode(await picture))).release();
  });

  test('an aborted wait rejects at once with the reason, and takes nothing', async (t) => {
    const decoder = decoderFor(t, options);
    const first = await decoder.decode(await picture);
    const controller = new AbortController();
    const waiting = decoder.decode(await picture, controller.signal);
    const reason = new Error('no longer wanted');
    setTimeout(() => controller.abort(reason), 50);
    await assert.rejects(within(2000, 'the abort', waiting), reason);
    first.release();
    (await within(5000, 'a picture afterwards', decoder.decode(await picture))).release();
  });

  test('an abort while decoding rejects at once, and the room comes back when sharp is done', async (t) => {
    const decoder = decoderFor(t, { maxPixelsInFlight: 49_000_000, slots: 1 });
    const large = await asSharp(gradient(7000, 7000)).png({ compressionLevel: 1 }).toBuffer();
    const controller = new AbortController();
    const decoding = rejectionOf(decoder.decode(large, controller.signal));
    const reason = new Error('no longer wanted');
    setTimeout(() => controller.abort(reason), 60);
    assert.equal(await decoding, reason);
    const image = await within(15_000, 'a picture afterwards', decoder.decode(large));
    assert.equal(image.width, 7000);
    image.release();
  });

  test('a signal that was aborted before rejects with its reason', async (t) => {
    const reason = new Error('too late');
    await assert.rejects(decoderFor(t).decode(await picture, AbortSignal.abort(reason)), reason);
  });
});

function hugePng(width: number, height: number): Buffer {
  const header = Buffer.alloc(33);
  header.write('\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR', 'latin1');
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  header.set([8, 2, 0, 0, 0], 24);
  header.writeInt32BE(crc32(header.subarray(12, 29)), 29);
  return Buffer.concat([header, Buffer.from('\0\0\0\x01IDAT\0\0\0\0\0', 'latin1'), Buffer.alloc(64)]);
}

/** The checksum of PNG chunks (ISO 3309); node:zlib has it only from Node 22 on. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc;
}

function hugeJpeg(width: number, height: number): Buffer {
  const header = Buffer.from('\xff\xd8\xff\xc0\0\x11\x08\0\0\0\0\x03\x01\x22\0\x02\x11\x01\x03\x11\x01', 'latin1');
  header.writeUInt16BE(height, 7);
  header.writeUInt16BE(width, 9);
  return Buffer.concat([header, Buffer.alloc(200)]);
}

function hugeBmp(width: number, height: number): Buffer {
  const file = encodeBmp(gradient(4, 4));
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  return file;
}

/** Between the start and the first segment: bytes that libjpeg skips as garbage, and a scan may take for a segment that ends in a comment with a frame header of 1×1. */
function hideBehindGarbage(jpeg: Buffer): Buffer {
  const comment = Buffer.from('\xff\xfe\0\x13\xff\xc0\0\x11\x08\0\x01\0\x01\x03\x01\x22\0\x02\x11\x01\x03', 'latin1');
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from('\xff\0\0\x06', 'latin1'), comment, jpeg.subarray(2)]);
}
