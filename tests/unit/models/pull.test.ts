import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { findEntry } from '#kaiyan/models/catalogue.js';
import { pull } from '#kaiyan/models/pull.js';
import { createRegistry } from '#kaiyan/models/registry.js';
import { temporaryFolder } from '../../support/folders.js';
import { formulaNetwork, safetensorsOf } from '../../support/formula-weights.js';
import { sha256 } from '../../support/goldens.js';
import { startMirror } from '../../support/mirror.js';

test('a model of the catalogue is installed with what the catalogue says of it, and leaves no download behind', async (t) => {
  const home = await temporaryFolder(t);
  const registry = createRegistry(home);
  const weights = safetensorsOf(formulaNetwork('mobilenet_v2'));
  const entry = { ...findEntry('mobilenet_v2@2'), sha256: sha256(weights), bytes: weights.length };
  const file = path.posix.basename(entry.url);
  const mirror = await startMirror(t, { files: { [file]: weights } });
  const options = {
    home,
    from: mirror.url,
    surroundings: { httpProxy: '', httpsProxy: '', noProxy: '', torchCheckpoints: path.join(home, 'torch') },
    signal: new AbortController().signal,
  };
  const { manifest } = await pull(entry, registry, options);
  assert.deepEqual(
    [manifest.name, manifest.version, manifest.architecture, manifest.license, manifest.labels],
    ['mobilenet_v2', '2', 'mobilenet_v2', 'BSD-3-Clause', 'imagenet-1k'],
  );
  assert.equal(manifest.input.resize.shortSide, 232);
  assert.equal(manifest.metrics[0]?.top1, 72.154);
  assert.deepEqual([manifest.source.url, manifest.source.sha256], [entry.url, entry.sha256]);
  assert.deepEqual(await readdir(path.join(home, 'downloads')), []);
  // Again, as with --force, over the one that is there.
  assert.equal((await pull(entry, registry, options)).manifest.version, '2');
});
