/** `kaiyan models export`: a model in a folder of its own, for other programs. */
import path from 'node:path';
import type { Configuration } from '../../config.js';
import { exportModel } from '../../models/export/export-model.js';
import type { Precision } from '../../models/manifest.js';
import { referenceOf } from '../../models/reference.js';
import { createRegistry } from '../../models/registry.js';
import { catchInterrupt } from '../interrupt.js';
import { visible } from '../output.js';

export interface ExportFlags {
  /** `./NAME-VERSION`, if undefined. */
  readonly output: string | undefined;
  readonly precision: Precision | undefined;
}

/** @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, and what `exportModel` throws */
export async function exportTo(reference: string, { settings }: Configuration, flags: ExportFlags): Promise<void> {
  const signal = catchInterrupt();
  const bundle = await createRegistry(settings.home).open(reference);
  const { name, version } = bundle.manifest;
  const { precision, output = `${name}-${version}` } = flags;
  const exported = await exportModel(bundle, { folder: output, precision, signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  if (!exported) return;
  const { folder, manifest } = exported;
  const networks = manifest.files.map((file) => `${file.path} (${(file.bytes / 1e6).toFixed(1)} MB)`).join(', ');
  const lines = [
    `Exported ${referenceOf(manifest)} to ${folder}: ${networks}.`,
    `How to run it elsewhere: ${path.join(folder, 'README.md')}`,
  ];
  process.stdout.write(`${lines.map(visible).join('\n')}\n`);
}
