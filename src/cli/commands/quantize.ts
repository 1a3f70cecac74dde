/** `kaiyan models quantize`: adds an INT8 file to a model, if it answers as the FP32 file does. */
import { createHash } from 'node:crypto';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Configuration } from '../../config.js';
import { findLabelledPictures } from '../../dataset/labelled-pictures.js';
import type { Bundle } from '../../models/bundle.js';
import type { Manifest } from '../../models/manifest.js';
import { referenceOf } from '../../models/reference.js';
import { createRegistry, type Registry } from '../../models/registry.js';
import { type QuantizedModel, quantizeModel } from '../../quantization/quantize-model.js';
import { describeFailure } from '../description.js';
import { catchInterrupt } from '../interrupt.js';
import { percent, table, visible } from '../output.js';
import { createStepProgress } from '../step-progress.js';

export interface QuantizeFlags {
  readonly calibration: string;
  readonly samples: number;
  readonly percentile: number;
  readonly weights: 7 | 8;
  readonly minAgreement: number;
  readonly json: boolean;
}

const FILE = 'model.int8.onnx';

/** @throws AppError as `quantizeModel` and the registry's `install` do */
export async function quantize(reference: string, { settings }: Configuration, flags: QuantizeFlags): Promise<void> {
  const signal = catchInterrupt();
  const registry = createRegistry(settings.home);
  const bundle = await registry.open(reference);
  const pictures = await findLabelledPictures(flags.calibration, bundle.labels);
  const progress = createStepProgress();
  const quantized = await quantizeModel(bundle, pictures, {
    settings,
    samples: flags.samples,
    percentile: flags.percentile,
    weightBits: flags.weights,
    minAgreement: flags.minAgreement,
    signal,
    onProgress: ({ step, done, total }) => progress.show(step, done, total),
    onUnusable: (file, { message, code }) => {
      progress.hide();
      process.stderr.write(`${describeFailure(file, message, code)}\n`);
    },
  }).finally(progress.hide);
  const installed = await install(registry, reference, bundle, quantized);
  if (flags.json) {
    const { name, version, files, quantization } = installed.manifest;
    return void process.stdout.write(`${JSON.stringify({ name, version, files, quantization }, null, 2)}\n`);
  }
  report(installed, quantized);
}

/** Into the model itself; one that comes with Kaiyan is left alone, and becomes a version of its own. */
async function install(
  registry: Registry,
  reference: string,
  { folder, manifest }: Bundle,
  { bytes, report: quantization }: QuantizedModel,
): Promise<Bundle> {
  const { embedded } = await registry.locate(reference);
  const kept = manifest.files.filter(({ precision }) => precision !== 'int8');
  const int8 = {
    precision: 'int8' as const,
    path: FILE,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  const next: Manifest = {
    ...manifest,
    version: embedded ? await registry.nextVersion(manifest.name) : manifest.version,
    // What is said there of INT8 is no longer so.
    source: embedded ? { ...manifest.source, note: `From ${reference}, quantized anew.` } : manifest.source,
    files: [...kept, int8],
    quantization,
  };
  const copied = [...kept.map(({ path: name }) => name), ...(manifest.licenseFile ? [manifest.licenseFile] : [])];
  const fill = async (draft: string) => {
    for (const name of copied) await copyFile(path.join(folder, name), path.join(draft, name));
    await writeFile(path.join(draft, FILE), bytes);
  };
  return registry.install(next, fill, { replace: true });
}

function report({ manifest }: Bundle, { bytes, originalBytes, report: quantization }: QuantizedModel): void {
  const { samples, pictures, heldOut, agreement, accuracy, speedup, excluded, percentile, weightBits } = quantization;
  const megabytes = (size: number) => `${(size / 1e6).toFixed(1)} MB`;
  const rows = [
    ['size', `${megabytes(bytes.length)} instead of ${megabytes(originalBytes)}`],
    ['speed', `${speedup.toFixed(2)} times that of FP32 on this machine (one thread)`],
    [
      'agreement',
      `${percent(agreement)} of ${pictures} pictures${heldOut ? ', none of which it was calibrated with' : ''}`,
    ],
    ...(accuracy
      ? [
          [
            'accuracy',
            `${percent(accuracy.int8)}; FP32 ${percent(accuracy.fp32)} (${accuracy.pictures} labelled pictures)`,
          ],
        ]
      : []),
    ['calibration', `${samples} pictures, percentile ${percentile}, weights of ${weightBits} bits`],
    ...(excluded.length > 0 ? [['in FP32', excluded.join(', ')]] : []),
  ];
  process.stdout.write(`${visible(`${referenceOf(manifest)} has INT8 now.`)}\n${table(rows)}\n`);
}
