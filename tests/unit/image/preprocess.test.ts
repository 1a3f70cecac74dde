import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import sharp from 'sharp';
import type { DecodedImage, InputSpec } from '#kaiyan/image/input-spec.js';
import { createPreprocessor } from '#kaiyan/image/preprocess.js';
import { gradient, largestDifference } from '../../support/drawings.js';
import {
  exactGoldens,
  type GeometryName,
  geometries,
  geometryNames,
  pillowPicture,
  sha256,
  tolerantGoldens,
} from '../../support/goldens.js';
import { decodePicture } from '../../support/pictures.js';
import { shared, withoutShared } from '../../support/requirements.js';

interface Golden extends Record<GeometryName, string> {
  readonly file: string;
}
const photographGoldens = async () =>
  JSON.parse(await readFile(path.join(shared, 'golden/pipeline/pixels.json'), 'utf8')) as Golden[];

describe('preprocessing', () => {
  for (const name of geometryNames) {
    test(`gives the pixels of Pillow and TorchVision for 40 photographs (${name})`, {
      skip: withoutShared(),
    }, async () => {
      const preprocessor = await createPreprocessor(geometries[name]);
      const photographs = await photographGoldens();
      assert.equal(photographs.length, 40);
      for (const golden of photographs) {
        preprocessor.tensor(await decodePicture(path.join(shared, 'eval', golden.file)));
        assert.equal(sha256(preprocessor.pixels()), golden[name], golden.file);
      }
    });
  }

  test('gives the same pixels for PNG, lossless WebP and TIFF copies', { skip: withoutShared() }, async () => {
    const preprocessor = await createPreprocessor(geometries.bicubic256crop224);
    for (const golden of (await photographGoldens()).filter((_, i) => i % 5 === 0)) {
      const photograph = sharp(path.join(shared, 'eval', golden.file), { ignoreIcc: true })
        .autoOrient()
        .toColourspace('srgb');
      const copies = {
        PNG: await photograph.clone().png({ compressionLevel: 1 }).toBuffer(),
        WebP: await photograph.clone().webp({ lossless: true, effort: 0 }).toBuffer(),
        TIFF: await photograph.clone().tiff({ compression: 'lzw' }).toBuffer(),
      };
      for (const [format, copy] of Object.entries(copies)) {
        preprocessor.tensor(await decodePicture(copy));
        assert.equal(sha256(preprocessor.pixels()), golden.bicubic256crop224, `${golden.file} as ${format}`);
      }
    }
  });
});

describe("Pillow's goldens for generated pictures", () => {
  for (const golden of exactGoldens) {
    test(`${golden.file} gives the crops of Pillow in all three geometries`, async () => {
      const image = await decodePicture(pillowPicture(golden.file));
      for (const name of geometryNames) {
        const preprocessor = await createPreprocessor(geometries[name]);
        preprocessor.tensor(image);
        assert.equal(sha256(preprocessor.pixels()), golden[name], name);
      }
    });
  }

  for (const golden of tolerantGoldens) {
    test(`${golden.file} gives the crop of Pillow within the tolerance for its kind`, async () => {
      const expected = await sharp(pillowPicture(golden.golden as string))
        .removeAlpha()
        .raw()
        .toBuffer();
      const preprocessor = await createPreprocessor(geometries.bicubic256crop224);
      preprocessor.tensor(await decodePicture(pillowPicture(golden.file)));
      const pixels = preprocessor.pixels();
      const mean = pixels.reduce((sum, value, i) => sum + Math.abs(value - (expected[i] as number)), 0) / pixels.length;
      const worst = largestDifference(pixels, expected);
      const [mostMean, mostWorst] = toleranceFor(golden.file);
      assert.ok(mean <= mostMean && worst <= mostWorst, `mean ${mean}, worst ${worst}`);
    });
  }
});

/** Mean and largest difference, of 255. AVIF with halved colours differs: libheif does not smooth them as libavif does. */
function toleranceFor(file: string): readonly [mean: number, worst: number] {
  if (file.includes('avif-420')) return [8, 160];
  return file.endsWith('.avif') ? [0.5, 4] : [0.1, 1];
}

/** A spec that leaves a picture of this size as it is, so that only the conversion to RGB shows. */
const identity = (side: number): InputSpec => ({
  width: side,
  height: side,
  resize: { shortSide: side, filter: 'bicubic' },
  mean: [0, 0, 0],
  std: [1, 1, 1],
});

async function asRgb(side: number, image: DecodedImage): Promise<number[]> {
  const preprocessor = await createPreprocessor(identity(side));
  preprocessor.tensor(image);
  return [...preprocessor.pixels()];
}

describe('conversion to RGB', () => {
  test('lays alpha on white', async () => {
    const data = Uint8Array.of(10, 20, 30, 255, 10, 20, 30, 0, 0, 0, 0, 128, 200, 100, 0, 64);
    const rgb = await asRgb(2, { width: 2, height: 2, layout: 'rgba', data });
    // 255 - alpha of white and the rest of the colour, rounded.
    const expected = [10, 20, 30, 255, 255, 255, 127, 127, 127, 241, 216, 191];
    assert.ok(largestDifference(Uint8Array.from(rgb), Uint8Array.from(expected)) <= 1, `${rgb}`);
    assert.deepEqual(rgb.slice(0, 6), expected.slice(0, 6), 'opaque and transparent are exact');
  });

  test("takes CMYK's inks off white, as Pillow does", async () => {
    const data = Uint8Array.of(0, 255, 255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 100, 50, 0, 100);
    const rgb = await asRgb(2, { width: 2, height: 2, layout: 'cmyk', data });
    // Image.new('CMYK', (1, 1), (100, 50, 0, 100)).convert('RGB') is (94, 125, 155).
    assert.deepEqual(rgb, [255, 0, 0, 0, 0, 0, 255, 255, 255, 94, 125, 155]);
  });
});

describe('the tensor', () => {
  test('is planar RGB, each channel less its mean and divided by its deviation', async () => {
    const spec: InputSpec = { ...identity(2), mean: [10, 20, 30], std: [2, 4, 8] };
    const data = Uint8Array.of(10, 20, 30, 12, 24, 38, 0, 0, 0, 255, 255, 255);
    const tensor = (await createPreprocessor(spec)).tensor({ width: 2, height: 2, layout: 'rgb', data });
    assert.deepEqual([...tensor], [0, 1, -5, 122.5, 0, 1, -5, 58.75, 0, 1, -3.75, 28.125]);
  });

  test('of one picture does not depend on those before it', async () => {
    const spec = geometries.bicubic256crop224;
    const images = [gradient(300, 500), gradient(40, 3), gradient(1200, 900), gradient(7, 800)].map((drawing) => ({
      ...drawing,
      layout: 'rgb' as const,
    }));
    const shared = await createPreprocessor(spec);
    for (const image of [...images, ...images.toReversed()]) {
      const alone = await createPreprocessor(spec);
      assert.deepEqual(
        sha256(new Uint8Array(Float32Array.from(shared.tensor(image)).buffer)),
        sha256(new Uint8Array(Float32Array.from(alone.tensor(image)).buffer)),
      );
    }
  });

  test('of a picture of one colour is that colour, whatever its size', async () => {
    const preprocessor = await createPreprocessor(geometries.bicubic256crop224);
    for (const [width, height] of [
      [1, 1],
      [1, 300],
      [2, 3],
      [223, 225],
      [256, 256],
      [1000, 10],
      [3000, 2000],
    ] as const) {
      preprocessor.tensor({ width, height, layout: 'rgb', data: new Uint8Array(width * height * 3).fill(77) });
      const pixels = preprocessor.pixels();
      assert.equal(pixels.length, 224 * 224 * 3);
      assert.ok(
        pixels.every((value) => value === 77),
        `${width}×${height}`,
      );
    }
  });
});

describe('memory of the preprocessor', () => {
  const shapes: readonly (readonly [width: number, height: number])[] = [
    [7000, 7000],
    [1, 2_000_000],
    [2_000_000, 1],
    [20_000, 2000],
  ];
  for (const [width, height] of shapes) {
    test(`stays within a few rows for ${width}×${height} pixels`, async () => {
      const preprocessor = await createPreprocessor(geometries.bicubic256crop224);
      const tensor = preprocessor.tensor({
        width,
        height,
        layout: 'rgb',
        data: new Uint8Array(width * height * 3).fill(200),
      });
      assert.ok(tensor.every((value) => value === Math.fround((200 - 127) / 128)));
      assert.ok(tensor.buffer.byteLength < 12_000_000, `${tensor.buffer.byteLength} bytes`);
    });
  }
});
