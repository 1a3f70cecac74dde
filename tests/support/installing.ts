/** Models to install. */
import { createHash } from 'node:crypto';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseManifest } from '#kaiyan/models/bundle.js';
import type { Fill } from '#kaiyan/models/install.js';
import type { Manifest } from '#kaiyan/models/manifest.js';
import { createRegistry } from '#kaiyan/models/registry.js';
import { embedded, embeddedManifest, type ManifestJson } from './bundles.js';

export interface Installable {
  readonly manifest: Manifest;
  readonly fill: Fill;
}

const BYTES = 200_000;

/** A model of one file, whose every byte is `content`: it is stored and hashed, not run. */
export async function installable(
  name: string,
  version: string,
  content = 0,
  changes: ManifestJson = {},
): Promise<Installable> {
  const bytes = Buffer.alloc(BYTES, content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const files = [{ precision: 'fp32', path: 'model.onnx', bytes: BYTES, sha256 }];
  const { licenseFile: _, ...common } = await embeddedManifest();
  const manifest = parseManifest({ ...common, name, version, files, ...changes }, 'a manifest for a test');
  return { manifest, fill: (folder) => writeFile(path.join(folder, 'model.onnx'), bytes) };
}

/** Installs efficientnet-lite0's INT8 as another model, in the place of one of that version. */
export async function installCopy(
  home: string,
  name: string,
  version: string,
  changes: ManifestJson = {},
): Promise<void> {
  const { files, ...manifest } = (await embeddedManifest()) as ManifestJson & { files: { precision: string }[] };
  const int8 = files.filter(({ precision }) => precision === 'int8');
  const parsed = parseManifest({ ...manifest, name, version, files: int8, ...changes }, 'a manifest for a test');
  const fill = async (folder: string) => {
    for (const file of ['model.int8.onnx', 'LICENSE'])
      await copyFile(path.join(embedded('efficientnet-lite0'), file), path.join(folder, file));
  };
  await createRegistry(home).install(parsed, fill, { replace: true });
}
