/** Model bundles for tests: the real ones, and changed copies of them. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { DecodedImage } from '#kaiyan/image/input-spec.js';
import type { PoolOptions } from '#kaiyan/inference/pool.js';
import { modelFile, openBundle } from '#kaiyan/models/bundle.js';
import type { Precision } from '#kaiyan/models/manifest.js';
import { project } from './paths.js';

export const embedded = (name: string): string => path.join(project, 'models', name);

/** A manifest as it is in the file: whatever JSON can hold. */
export type ManifestJson = Record<string, unknown>;

export async function embeddedManifest(name = 'efficientnet-lite0'): Promise<ManifestJson> {
  return JSON.parse(await readFile(path.join(embedded(name), 'model.json'), 'utf8')) as ManifestJson;
}

/** A bundle `name` in a data directory, made of efficientnet-lite0's files and a manifest that is changed. */
export async function customBundle(home: string, name: string, changes: ManifestJson = {}): Promise<string> {
  const folder = path.join(home, 'models', name);
  await mkdir(folder, { recursive: true });
  for (const file of ['model.int8.onnx', 'model.fp32.onnx', 'LICENSE'])
    await symlink(path.join(embedded('efficientnet-lite0'), file), path.join(folder, file));
  await writeFile(path.join(folder, 'model.json'), JSON.stringify({ ...(await embeddedManifest()), name, ...changes }));
  return folder;
}

/** 1000 names of one's own. */
export const ownLabels = Array.from({ length: 1000 }, (_, i) => ({ en: `thing ${i}`, zh: `东西${i}` }));

/** What a pool needs to run efficientnet-lite0. */
export async function poolOptions(precision: Precision = 'int8'): Promise<PoolOptions> {
  const bundle = await openBundle(embedded('efficientnet-lite0'));
  return { file: modelFile(bundle, precision), spec: bundle.manifest.input, threads: 1, workers: 1 };
}

/** A picture of one grey. */
export const greyImage = (width = 32, height = 32): DecodedImage => ({
  width,
  height,
  layout: 'rgb',
  data: new Uint8Array(width * height * 3).fill(128),
});
