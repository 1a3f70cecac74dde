import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as v from 'valibot';
import { manifestSchema } from '#kaiyan/models/manifest.js';
import { describeIssue } from '#kaiyan/validation.js';
import { embeddedManifest, type ManifestJson } from '../../support/bundles.js';

const manifest = await embeddedManifest();

/** Where the schema finds fault with the manifest of efficientnet-lite0, changed so. */
function faultOf(changes: ManifestJson): string | undefined {
  const parsed = v.safeParse(manifestSchema, { ...manifest, ...changes });
  return parsed.success ? undefined : describeIssue(parsed.issues[0]).path;
}

const without = (key: string) => ({ [key]: undefined });
const input = manifest.input as ManifestJson;
const [file] = manifest.files as [ManifestJson];

describe('a manifest', () => {
  test('of an embedded model is valid', () => {
    assert.equal(faultOf({}), undefined);
  });

  test('may have labels of its own, and leave out temperature, parameters and metrics', () => {
    assert.equal(
      faultOf({
        labels: [
          { en: 'good', zh: '合格' },
          { en: 'bad', zh: '不合格' },
        ],
      }),
      undefined,
    );
    const bare = v.parse(manifestSchema, {
      ...manifest,
      temperature: undefined,
      parameters: undefined,
      metrics: undefined,
    });
    assert.deepEqual([bare.temperature, bare.metrics], [1, []]);
  });

  const faults: readonly [what: string, changes: ManifestJson, where: string | RegExp][] = [
    ['a name with a folder in it', { name: '../other' }, 'name'],
    ['no name', without('name'), 'name'],
    ['a name that is no header', { name: '开眼' }, 'name'],
    ['a version that is no header', { version: '一' }, 'version'],
    ['a version of two lines', { version: '1\nX-Other: 2' }, 'version'],
    ['a version with a space', { version: '1 beta' }, 'version'],
    ['a version that is a path', { version: '1/2' }, 'version'],
    ['a version that is hidden', { version: '.1' }, 'version'],
    ['a version without an end', { version: '1'.repeat(65) }, 'version'],
    ['no licence', without('license'), 'license'],
    ['no output', without('output'), 'output'],
    ['a key that means nothing', { temprature: 1 }, 'temprature'],
    ['a script to run', { script: 'run.js' }, 'script'],
    ['a temperature of 0', { temperature: 0 }, 'temperature'],
    ['an unknown label set', { labels: 'imagenet-21k' }, 'labels'],
    ['one label', { labels: [{ en: 'all', zh: '全' }] }, /^labels/],
    [
      'a label without a name',
      {
        labels: [
          { en: 'a', zh: '' },
          { en: 'b', zh: '乙' },
        ],
      },
      /^labels/,
    ],
    [
      'an unknown filter',
      { input: { ...input, resize: { shortSide: 256, filter: 'lanczos' } } },
      'input.resize.filter',
    ],
    ['a deviation of 0', { input: { ...input, std: [128, 0, 128] } }, 'input.std.1'],
    ['two means', { input: { ...input, mean: [1, 2] } }, /^input\.mean/],
    ['a side of 0', { input: { ...input, width: 0 } }, 'input.width'],
    ['a crop larger than the resized picture', { input: { ...input, width: 512 } }, 'input'],
    ['no files', { files: [] }, 'files'],
    ['a path out of the folder', { files: [{ ...file, path: '../model.onnx' }] }, 'files.0.path'],
    ['a path into another folder', { files: [{ ...file, path: 'weights/model.onnx' }] }, 'files.0.path'],
    ['an absolute path', { files: [{ ...file, path: '/etc/passwd' }] }, 'files.0.path'],
    ['a Windows path', { files: [{ ...file, path: 'C:\\model.onnx' }] }, 'files.0.path'],
    ['a path with a zero', { files: [{ ...file, path: 'model.onnx\0.txt' }] }, 'files.0.path'],
    ['a licence out of the folder', { licenseFile: '../../LICENSE' }, 'licenseFile'],
    ['a hash that is too short', { files: [{ ...file, sha256: 'abc' }] }, 'files.0.sha256'],
    ['an unknown precision', { files: [{ ...file, precision: 'fp16' }] }, 'files.0.precision'],
    ['one precision twice', { files: [file, file] }, /^files/],
  ];
  for (const [what, changes, where] of faults) {
    test(`with ${what} is refused, and the place named`, () => {
      const place = faultOf(changes);
      if (typeof where === 'string') assert.equal(place, where);
      else assert.match(place ?? 'no fault', where);
    });
  }
});
