/** INT8 for a network whose weights were trained, or that never had it: calibrated with the pictures it was trained with. */
import type { Settings } from '../../config.js';
import { spread } from '../../dataset/labelled-pictures.js';
import { AppError } from '../../errors.js';
import type { Bundle } from '../../models/bundle.js';
import { quantizeModel } from '../../quantization/quantize-model.js';
import { withInt8 } from './trained-model.js';

export interface MakeInt8Options {
  readonly settings: Settings;
  /** Share of the pictures for which the class has to stay the same. */
  readonly minAgreement: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

const SAMPLES = 128;
/** Further ones tell how well it agrees. */
const COMPARED = 96;
const PERCENTILE = 99.999;

/** The draft as it was if INT8 would answer otherwise, or if it is aborted. @throws AppError what `quantizeModel` throws but for that */
export async function makeInt8(
  draft: Bundle,
  pictures: readonly { readonly path: string; readonly truth: number }[],
  { onProgress, ...options }: MakeInt8Options,
): Promise<Bundle> {
  try {
    const { bytes, report } = await quantizeModel(draft, spread(pictures, SAMPLES + COMPARED), {
      ...{ ...options, samples: SAMPLES, percentile: PERCENTILE, weightBits: 8 },
      onProgress: ({ done, total }) => onProgress(done, total),
      onUnusable: () => undefined,
    });
    return await withInt8(draft, bytes, report);
  } catch (error) {
    if (error instanceof AppError && (error.code === 'QUANTIZATION_REFUSED' || error.code === 'ABORTED')) return draft;
    throw error;
  }
}
