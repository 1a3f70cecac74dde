import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { fingerprintDistance, fingerprintOf, NEAR_DUPLICATE_BITS } from '#kaiyan/image/fingerprint.js';
import type { DecodedImage, PixelLayout } from '#kaiyan/image/input-spec.js';
import { asSharp } from '#kaiyan/image/thumbnail.js';
import { examples } from '../../support/paths.js';
import { decodePicture } from '../../support/pictures.js';
import { shared, withoutShared } from '../../support/requirements.js';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Each as a JPEG of the picture that somebody might keep beside it. */
const copies: Record<string, (picture: Sharp, size: Size) => Sharp> = {
  'half as large': (picture, { width }) => picture.resize(Math.round(width / 2)),
  'a sixth as large': (picture, { width }) => picture.resize(Math.round(width / 6)),
  'twice as large': (picture, { width }) => picture.resize(width * 2),
  'in another shape': (picture) => picture.resize(224, 224, { fit: 'fill' }),
  'of low quality': (picture) => picture,
  brighter: (picture) => picture.modulate({ brightness: 1.15 }),
  'cropped by 1.5 % at each edge': (picture, { width, height }) =>
    picture.extract({
      left: Math.round(width * 0.015),
      top: Math.round(height * 0.015),
      width: Math.round(width * 0.97),
      height: Math.round(height * 0.97),
    }),
};

async function fingerprint(bytes: Uint8Array): Promise<Uint8Array> {
  const image = await decodePicture(bytes);
  image.release();
  return fingerprintOf(image);
}

describe('the fingerprints of a picture and its copies', () => {
  const originals: { name: string; bytes: Uint8Array; fingerprint: Uint8Array }[] = [];

  before(async () => {
    for (const name of await readdir(examples)) {
      const bytes = await readFile(path.join(examples, name));
      originals.push({ name, bytes, fingerprint: await fingerprint(bytes) });
    }
    assert.ok(originals.length >= 6);
  });

  for (const [what, copy] of Object.entries(copies)) {
    test(`are near when it is ${what}`, async () => {
      for (const { name, bytes, fingerprint: original } of originals) {
        const { width, height } = await sharp(bytes).metadata();
        const picture = copy(sharp(bytes).removeAlpha(), { width, height });
        const quality = what === 'of low quality' ? 10 : 75;
        const distance = fingerprintDistance(original, await fingerprint(await picture.jpeg({ quality }).toBuffer()));
        assert.ok(distance <= NEAR_DUPLICATE_BITS, `${name}: ${distance} bits`);
      }
    });
  }

  test('are the same in every format that loses nothing', async () => {
    for (const { bytes, fingerprint: original } of originals) {
      const image = await decodePicture(bytes);
      const picture = await asSharp(image);
      image.release();
      assert.deepEqual(await fingerprint(await picture.png().toBuffer()), original);
    }
  });

  test('are far from those of other pictures', () => {
    for (const [i, one] of originals.entries()) {
      for (const other of originals.slice(i + 1)) {
        const distance = fingerprintDistance(one.fingerprint, other.fingerprint);
        assert.ok(distance > NEAR_DUPLICATE_BITS * 1.5, `${one.name}, ${other.name}: ${distance} bits`);
      }
    }
  });
});

describe('photographs that are no copies of each other', { skip: withoutShared() }, () => {
  test('are all told apart', async () => {
    const folder = path.join(shared, 'calibration');
    const prints: Uint8Array[] = [];
    for (const name of await readdir(folder)) prints.push(await fingerprint(await readFile(path.join(folder, name))));
    const distances = prints.flatMap((one, i) => prints.slice(i + 1).map((other) => fingerprintDistance(one, other)));
    assert.ok(distances.length > 18_000);
    assert.deepEqual(
      distances.filter((distance) => distance <= NEAR_DUPLICATE_BITS * 1.5),
      [],
    );
  });
});

describe('drawings', () => {
  const drawing = (shape: string) =>
    sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200">${shape}</svg>`))
      .flatten({ background: 'white' })
      .png();
  const circle = (colour: string) => drawing(`<circle cx="100" cy="100" r="60" fill="${colour}"/>`);
  const sheet = (colour: string) => drawing(`<rect width="200" height="200" fill="${colour}"/>`);

  test('that are symmetric or plain have near copies, since noise has no say where there is nothing', async () => {
    for (const picture of [circle('red'), circle('black'), sheet('blue'), sheet('#e03010')]) {
      const bytes = await picture.toBuffer();
      const copy = await sharp(bytes).resize(131).jpeg({ quality: 60 }).toBuffer();
      const distance = fingerprintDistance(await fingerprint(bytes), await fingerprint(copy));
      assert.ok(distance <= 8, `${distance} bits`);
    }
  });

  test('that differ in colour alone are told apart', async () => {
    const pairs = [
      [circle('red'), circle('black')],
      [circle('red'), circle('blue')],
      [sheet('red'), sheet('blue')],
      [sheet('white'), sheet('black')],
    ] as const;
    for (const [one, other] of pairs) {
      const prints = [await fingerprint(await one.toBuffer()), await fingerprint(await other.toBuffer())] as const;
      assert.ok(fingerprintDistance(...prints) > NEAR_DUPLICATE_BITS);
    }
  });
});

describe('a fingerprint', () => {
  const image = (layout: PixelLayout, pixel: readonly number[]): DecodedImage => ({
    ...{ width: 5, height: 3, layout },
    data: Uint8Array.from({ length: 15 * pixel.length }, (_, i) => pixel[i % pixel.length] as number),
  });

  test('takes what is transparent for white, and ink for what it leaves of the paper', () => {
    const white = fingerprintOf(image('rgb', [255, 255, 255]));
    assert.deepEqual(fingerprintOf(image('rgba', [9, 9, 9, 0])), white);
    assert.deepEqual(fingerprintOf(image('cmyk', [0, 0, 0, 0])), white);
    assert.deepEqual(fingerprintOf(image('cmyk', [255, 0, 0, 0])), fingerprintOf(image('rgba', [0, 255, 255, 255])));
  });

  test('has 32 bytes, also of a picture of one pixel', () => {
    const pixel: DecodedImage = { width: 1, height: 1, layout: 'rgb', data: Uint8Array.of(255, 0, 0) };
    assert.equal(fingerprintOf(pixel).length, 32);
    assert.deepEqual(fingerprintOf(pixel), fingerprintOf(image('rgb', [255, 0, 0])));
  });
});
