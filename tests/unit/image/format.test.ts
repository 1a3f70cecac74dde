import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { detectFormat, SIGNATURE_BYTES } from '#kaiyan/image/format.js';
import { encode, gradient } from '../../support/drawings.js';
import { appError } from '../../support/errors.js';
import { filesUnder } from '../../support/files.js';
import { fixtures } from '../../support/paths.js';
import { shared, withoutShared } from '../../support/requirements.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');

/** An ISO media file that begins with these brands. */
function ftyp(major: string, ...compatible: string[]): Buffer {
  const box = Buffer.concat([Buffer.alloc(4), bytes(`ftyp${major}`), Buffer.alloc(4), bytes(compatible.join(''))]);
  box.writeUInt32BE(box.length);
  return Buffer.concat([box, Buffer.alloc(64)]);
}

describe('format detection', () => {
  for (const format of ['JPEG', 'PNG', 'WebP', 'GIF', 'TIFF', 'AVIF', 'BMP'] as const) {
    test(`knows ${format} by its bytes`, async () => {
      assert.equal(detectFormat(await encode(gradient(16, 16), format)), format);
    });
  }

  test('knows HEIC by its bytes', async () => {
    assert.equal(detectFormat(await readFile(path.join(fixtures, 'heic/small.heic'))), 'HEIC');
  });

  test('tells HEIC and AVIF by their brands, wherever those are listed', () => {
    assert.equal(detectFormat(ftyp('heix')), 'HEIC');
    assert.equal(detectFormat(ftyp('mif1', 'mif1', 'heic')), 'HEIC');
    assert.equal(detectFormat(ftyp('avif', 'avif', 'mif1', 'miaf')), 'AVIF');
    assert.equal(detectFormat(ftyp('mif1', 'miaf', 'avif')), 'AVIF');
  });

  test('knows TIFF of either byte order, and BigTIFF', () => {
    for (const head of ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'])
      assert.equal(detectFormat(bytes(`${head}\x08\0\0\0`)), 'TIFF');
  });

  test('refuses 0 bytes as empty', () => {
    assert.throws(() => detectFormat(new Uint8Array(0)), appError('IMAGE_EMPTY', '0 bytes'));
  });

  const refused: readonly [head: string, name: string][] = [
    ['<svg xmlns="http://www.w3.org/2000/svg">', 'SVG'],
    ['<?xml version="1.0"?>\n<svg width="1">', 'SVG'],
    ['\xef\xbb\xbf<svg width="1">', 'SVG'],
    ['%PDF-1.7\n', 'PDF'],
    ['%!PS-Adobe-3.0 EPSF-3.0', 'PostScript'],
    ['8BPS\0\x01', 'Photoshop'],
    ['\xff\x0a\xfa\x1f', 'JPEG XL'],
    ['\0\0\0\x0cJXL \r\n\x87\n', 'JPEG XL'],
    ['\0\0\0\x0cjP  \r\n\x87\n', 'JPEG 2000'],
    ['\0\0\x01\0\x01\0\x10\x10', 'icon'],
    ['P6\n1 1\n255\n', 'Netpbm'],
    ['\x1aE\xdf\xa3\x01\0\0\0', 'video'],
    ['RIFF\x10\0\0\0AVI LIST', 'video'],
    ['\0\0\0\x20ftypisom\0\0\x02\0isomiso2', 'video'],
    ['PK\x03\x04\x14\0', 'ZIP'],
    ['\x1f\x8b\x08\0', 'gzip'],
    ['<!DOCTYPE html><html>', 'web page'],
    ['<?xml version="1.0"?><note/>', 'XML'],
  ];
  for (const [head, name] of refused) {
    test(`names ${name} where it refuses ${JSON.stringify(head.slice(0, 12))}`, () => {
      assert.throws(() => detectFormat(bytes(head)), appError('IMAGE_UNSUPPORTED', name, 'JPEG', 'HEIC'));
    });
  }

  test('shows the first bytes of what it does not know', () => {
    assert.throws(() => detectFormat(bytes('hello world')), appError('IMAGE_UNSUPPORTED', '68 65 6c 6c'));
  });

  test('does not take one or two bytes of a signature for the whole', () => {
    for (const head of ['\xff\xd8', '\x89P', 'GI', 'RIFF', 'BM', 'II*', '\0\0\0\x18ftyp', '\0'])
      assert.throws(() => detectFormat(bytes(head)), appError('IMAGE_UNSUPPORTED'), JSON.stringify(head));
  });

  test('a text that begins with BM is no picture', () => {
    assert.throws(() => detectFormat(bytes('BMW drivers of the world')), appError('IMAGE_UNSUPPORTED'));
  });

  test('answers a hostile head at once', () => {
    const hostile = [
      ' ',
      '<',
      '< ',
      '<s',
      '<sv',
      '<svg',
      '%PDF',
      '\n',
      'P',
      '\0',
      '\xff',
      '<?xml',
      '<!doctype htm',
      '\0\0\0\x08ftyp',
    ];
    const begun = performance.now();
    for (const part of hostile) {
      const head = bytes(part.repeat(SIGNATURE_BYTES)).subarray(0, SIGNATURE_BYTES);
      for (const start of ['', '<', '<?xml ', '\0\0\xff\xffftyp', ' ']) {
        try {
          detectFormat(Buffer.concat([bytes(start), head]));
        } catch (error) {
          appError('IMAGE_UNSUPPORTED')(error);
        }
      }
    }
    assert.ok(performance.now() - begun < 500);
  });

  test('answers every file of the robustness set, whatever its name', { skip: withoutShared() }, async () => {
    const endings: readonly [RegExp, string][] = [
      [/\.jpe?g$/i, 'JPEG'],
      [/\.png$/, 'PNG'],
      [/\.gif$/, 'GIF'],
      [/\.webp$/, 'WebP'],
      [/\.tiff?$/i, 'TIFF'],
      [/\.avif$/, 'AVIF'],
      [/\.bmp$/, 'BMP'],
    ];
    for (const [ending, format] of endings) {
      const files = await filesUnder(path.join(shared, 'robustness'), ending);
      assert.ok(files.length > 0, format);
      for (const file of files) {
        const found = detectFormat(await readFile(file));
        assert.equal(found, format, file);
      }
    }
  });
});
