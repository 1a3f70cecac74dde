import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { resizeAndCrop } from '#kaiyan/image/geometry.js';
import { createPreprocessor } from '#kaiyan/image/preprocess.js';
import { openBundle } from '#kaiyan/models/bundle.js';
import { resample } from '#page/explanation/resample.js';
import { embedded } from '../../../support/bundles.js';
import { examples } from '../../../support/paths.js';

const { input } = (await openBundle(embedded('efficientnet-lite0'))).manifest;

for (const name of ['chelsea.png', 'coffee.png', 'alps.jpg'])
  test(`what the page shows of ${name} is what the network is given`, async () => {
    const picture = sharp(path.join(examples, name)).toColourspace('srgb');
    const { data, info } = await picture.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const { left, top, ...whole } = resizeAndCrop(width, height, input);
    const cut = { x: left, y: top, width: input.width, height: input.height };
    const found = resample({ data: new Uint8ClampedArray(data), width, height }, whole, cut);

    const rgb = await sharp(data, { raw: { width, height, channels: 4 } })
      .removeAlpha()
      .raw()
      .toBuffer();
    const preprocessor = await createPreprocessor(input);
    preprocessor.tensor({ width, height, layout: 'rgb', data: rgb });
    assert.deepEqual(
      found.filter((_, i) => i % 4 !== 3),
      new Uint8ClampedArray(preprocessor.pixels()),
    );
  });
