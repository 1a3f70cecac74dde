import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import * as v from 'valibot';
import { catalogue, fileNameOf, findEntry } from '#kaiyan/models/catalogue.js';
import { manifestSchema } from '#kaiyan/models/manifest.js';
import { referenceOf } from '#kaiyan/models/reference.js';
import { appError } from '../../support/errors.js';
import { project } from '../../support/paths.js';

describe('the catalogue', () => {
  test('has the files of TorchVision under their official names', () => {
    assert.deepEqual(
      catalogue.map(({ url }) => url.replace('https://download.pytorch.org/models/', '')),
      [
        'resnet18-f37072fd.pth',
        'resnet34-b627a593.pth',
        'resnet50-0676ba61.pth',
        'resnet50-11ad3fa6.pth',
        'resnet101-63fe2227.pth',
        'resnet101-cd907fc2.pth',
        'mobilenet_v2-b0353104.pth',
        'mobilenet_v2-7ebf99e0.pth',
        'mobilenet_v3_small-047dcff4.pth',
        'mobilenet_v3_large-8738ca79.pth',
        'mobilenet_v3_large-5c1a4163.pth',
        'efficientnet_b0_rwightman-7f5810bc.pth',
        'squeezenet1_1-b8a52dc0.pth',
      ],
    );
  });

  test('finds a version, or the newest', () => {
    assert.equal(findEntry('resnet50').version, '2');
    assert.equal(fileNameOf(findEntry('resnet50@1')), 'resnet50-0676ba61.pth');
    assert.equal(referenceOf(findEntry('squeezenet1_1')), 'squeezenet1_1@1');
    for (const unknown of ['resnet', 'resnet50@3', 'resnet50@', '', 'ResNet50'])
      assert.throws(
        () => findEntry(unknown),
        appError('MODEL_NOT_IN_CATALOGUE', `"${unknown}"`, 'resnet50@1, resnet50@2'),
      );
  });

  test('prepares pictures as the weights were evaluated', () => {
    const short = (reference: string) => findEntry(reference).input.resize;
    assert.deepEqual(short('resnet50@1'), { shortSide: 256, filter: 'bilinear' });
    assert.deepEqual(short('resnet50@2'), { shortSide: 232, filter: 'bilinear' });
    assert.deepEqual(short('efficientnet_b0'), { shortSide: 256, filter: 'bicubic' });
  });

  test('has entries that fit into a manifest, each name and version once', () => {
    for (const { name, version, architecture, license, metrics, input, url, sha256, bytes } of catalogue) {
      const files = [{ precision: 'fp32', path: 'model.fp32.onnx', bytes, sha256 }];
      const output = { logits: 'logits' };
      const source = { url, sha256 };
      const manifest = {
        name,
        version,
        architecture,
        license,
        metrics,
        input,
        source,
        output,
        files,
        labels: 'imagenet-1k',
      };
      assert.ok(v.safeParse(manifestSchema, manifest).success, name);
    }
    for (const keyOf of [referenceOf, fileNameOf]) assert.equal(new Set(catalogue.map(keyOf)).size, catalogue.length);
  });

  test('is what docs/models.md says', async () => {
    const document = await readFile(path.join(project, 'docs/models.md'), 'utf8');
    const rows = document.split('\n').filter((line) => /^\| `[\w.-]+@\d+`/.test(line));
    const cells = rows.map((row) => row.split('|').map((cell) => cell.trim().replaceAll('`', '')));
    assert.deepEqual(
      cells.map(([, ...row]) => row.slice(0, 6)),
      catalogue.map((entry) => {
        const [metric] = entry.metrics;
        const { shortSide, filter } = entry.input.resize;
        return [
          referenceOf(entry),
          fileNameOf(entry),
          `${(entry.bytes / 1e6).toFixed(1)} MB`,
          `${metric?.top1.toFixed(3)}`,
          `${metric?.top5?.toFixed(3)}`,
          `${shortSide}, ${filter}`,
        ];
      }),
    );
  });
});
