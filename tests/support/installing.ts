/** Models to install whose files are bytes and no networks: they are stored and hashed, not run. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseManifest } from '#kaiyan/models/bundle.js';
import type { Fill } from '#kaiyan/models/install.js';
import type { Manifest } from '#kaiyan/models/manifest.js';
import { embeddedManifest, type ManifestJson } from './bundles.js';

export interface Installable {
  readonly manifest: Manifest;
  readonly fill: Fill;
}

const BYTES = 200_000;

/** A model of one file, whose every byte is `content`. */
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
