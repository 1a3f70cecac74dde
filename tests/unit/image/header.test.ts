import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import sharp from 'sharp';
import { readBmpHeader, readJpegHeader, readPngHeader } from '#kaiyan/image/header.js';
import { asSharp, encode, encodeBmp, gradient } from '../../support/drawings.js';
import { filesUnder } from '../../support/files.js';
import { fixtures } from '../../support/paths.js';
import { shared, withoutShared } from '../../support/requirements.js';

describe('JPEG header', () => {
  test('has the size that sharp finds, for every JPEG of the shared material', { skip: withoutShared() }, async () => {
    let compared = 0;
    for (const file of await filesUnder(shared, /\.jpe?g$/i)) {
      const bytes = await readFile(file);
      const header = readJpegHeader(bytes);
      const metadata = await sharp(bytes, { failOn: 'none' })
        .metadata()
        .catch(() => undefined);
      if (!header || !metadata) continue;
      assert.deepEqual([header.width, header.height], [metadata.width, metadata.height], file);
      assert.equal(header.cmyk, metadata.space === 'cmyk', file);
      compared += 1;
    }
    assert.ok(compared > 250, `${compared} compared`);
  });

  const variants = {
    progressive: () => asSharp(gradient(61, 47)).jpeg({ progressive: true }),
    'with EXIF and a colour profile': () => asSharp(gradient(61, 47)).withMetadata({ orientation: 6 }).jpeg(),
    grey: () => asSharp(gradient(61, 47)).greyscale().jpeg(),
    'with restart markers and 4:4:4': () =>
      asSharp(gradient(61, 47)).jpeg({ chromaSubsampling: '4:4:4', mozjpeg: true }),
  };
  for (const [name, make] of Object.entries(variants)) {
    test(`is read from a JPEG that is ${name}, as stored`, async () => {
      assert.deepEqual(readJpegHeader(await make().toBuffer()), {
        ...{ width: 61, height: 47, cmyk: false },
        interlaced: name === 'progressive' || name.includes('restart'),
      });
    });
  }

  test('tells CMYK', async () => {
    const cmyk = await asSharp(gradient(20, 10)).toColourspace('cmyk').jpeg().toBuffer();
    assert.deepEqual(readJpegHeader(cmyk), { width: 20, height: 10, cmyk: true, interlaced: false });
  });

  test('of a file cut off anywhere is the right one or none, never an exception', async () => {
    const whole = await asSharp(gradient(61, 47)).withMetadata().jpeg().toBuffer();
    for (let length = 0; length < whole.length; length++) {
      const header = readJpegHeader(whole.subarray(0, length));
      if (header) assert.deepEqual(header, { width: 61, height: 47, cmyk: false, interlaced: false });
    }
  });

  test('ends on markers that lead nowhere', () => {
    for (const part of [[0xff], [0xff, 0x01], [0xff, 0xe0, 0, 0], [0xff, 0xd0], [0xff, 0, 0, 0]]) {
      const hostile = Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(200_000, Buffer.from(part))]);
      assert.equal(readJpegHeader(hostile), undefined);
    }
  });

  test('reads a picture that begins in the middle of a buffer', async () => {
    const file = await encode(gradient(61, 47), 'JPEG');
    const inside = Buffer.concat([Buffer.alloc(13, 0xff), file]).subarray(13);
    assert.deepEqual(readJpegHeader(inside), { width: 61, height: 47, cmyk: false, interlaced: false });
  });
});

describe('PNG header', () => {
  test('has the size that sharp finds, for every PNG of the fixtures', async () => {
    const files = await filesUnder(fixtures, /\.png$/);
    for (const file of files) {
      const { width, height, isProgressive = false } = await sharp(file).metadata();
      assert.deepEqual(
        readPngHeader(await readFile(file)),
        { width, height, cmyk: false, interlaced: isProgressive },
        file,
      );
    }
    assert.ok(files.length > 20, `${files.length} compared`);
  });

  test('is none if it is cut off, if a side is 0, or if another chunk comes first', async () => {
    const file = await encode(gradient(61, 47), 'PNG');
    for (let length = 0; length < 29; length++) assert.equal(readPngHeader(file.subarray(0, length)), undefined);
    const change = (at: number, value: number) => {
      const changed = Buffer.from(file);
      changed.writeUInt32BE(value, at);
      return readPngHeader(changed);
    };
    assert.equal(change(16, 0), undefined);
    assert.equal(change(20, 0), undefined);
    assert.equal(change(12, 0x49444154), undefined);
  });
});

describe('BMP header', () => {
  test('has the size, also of a picture stored from the top', () => {
    const file = encodeBmp(gradient(61, 47));
    assert.deepEqual(readBmpHeader(file), { width: 61, height: 47, cmyk: false, interlaced: false });
    file.writeInt32LE(-47, 22);
    assert.deepEqual(readBmpHeader(file), { width: 61, height: 47, cmyk: false, interlaced: false });
  });

  test('is none if it is cut off, or if a side is 0 or negative', () => {
    const file = encodeBmp(gradient(61, 47));
    for (let length = 0; length < 26; length++) assert.equal(readBmpHeader(file.subarray(0, length)), undefined);
    file.writeInt32LE(-61, 18);
    assert.equal(readBmpHeader(file), undefined);
    file.writeInt32LE(0, 18);
    assert.equal(readBmpHeader(file), undefined);
  });
});
