/** Puts an INT8 file into the model that it was made from. */
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sha256Of } from '../hashes.js';
import type { Bundle } from '../models/bundle.js';
import type { Manifest } from '../models/manifest.js';
import { referenceOf } from '../models/reference.js';
import type { Registry } from '../models/registry.js';
import { copyTrainedWith } from '../models/trained-with.js';
import type { QuantizedModel } from './quantize-model.js';

const FILE = 'model.int8.onnx';

/**
 * A model that comes with Kaiyan is left alone, and becomes a version of its own.
 * @throws AppError what the registry's `install` throws
 */
export async function installQuantized(
  registry: Registry,
  { folder, manifest }: Bundle,
  { bytes, report: quantization }: QuantizedModel,
): Promise<Bundle> {
  const { embedded } = await registry.locate(referenceOf(manifest));
  const kept = manifest.files.filter(({ precision }) => precision !== 'int8');
  const int8 = { precision: 'int8' as const, path: FILE, bytes: bytes.length, sha256: sha256Of(bytes) };
  const next: Manifest = { ...manifest, files: [...kept, int8], quantization };
  if (embedded) {
    next.version = await registry.nextVersion(manifest.name);
    // What is said there of INT8 is no longer so.
    next.source = { ...manifest.source, note: `From ${referenceOf(manifest)}, quantized anew.` };
  }
  const copied = [...kept.map(({ path: name }) => name), ...(manifest.licenseFile ? [manifest.licenseFile] : [])];
  const fill = async (draft: string) => {
    for (const name of copied) await copyFile(path.join(folder, name), path.join(draft, name));
    await copyTrainedWith(folder, draft);
    await writeFile(path.join(draft, FILE), bytes);
  };
  return registry.install(next, fill, { replace: true });
}
