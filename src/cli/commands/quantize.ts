/** `kaiyan models quantize`: adds an INT8 file to a model, if it answers as the FP32 file does. */
import type { Configuration } from '../../config.js';
import { findLabelledPictures } from '../../dataset/labelled-pictures.js';
import type { Bundle } from '../../models/bundle.js';
import { referenceOf } from '../../models/reference.js';
import { createRegistry } from '../../models/registry.js';
import { openWithFp32 } from '../../models/with-fp32.js';
import { installQuantized } from '../../quantization/install-quantized.js';
import { type QuantizedModel, quantizeModel } from '../../quantization/quantize-model.js';
import { describeFailure } from '../description.js';
import { catchInterrupt } from '../interrupt.js';
import { percent, table, visible } from '../output.js';
import { createStepProgress } from '../progress.js';

export interface QuantizeFlags {
  readonly calibration: string;
  readonly samples: number;
  readonly percentile: number;
  readonly weights: 7 | 8;
  readonly minAgreement: number;
  readonly json: boolean;
}

/** @throws AppError as `quantizeModel` and the registry's `install` do */
export async function quantize(reference: string, { settings }: Configuration, flags: QuantizeFlags): Promise<void> {
  const signal = catchInterrupt();
  const registry = createRegistry(settings.home);
  const bundle = await openWithFp32(registry, reference);
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
  const installed = await installQuantized(registry, bundle, quantized);
  if (flags.json) {
    const { name, version, files, quantization } = installed.manifest;
    return void process.stdout.write(`${JSON.stringify({ name, version, files, quantization }, null, 2)}\n`);
  }
  report(installed, quantized);
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
