/** A model in 8 bits: calibrated with pictures, compared with the one that it was made from, and refused if it answers otherwise. */
import type { Settings } from '../config.js';
import { type LabelledPicture, spread } from '../dataset/labelled-pictures.js';
import { modelInputs } from '../dataset/model-inputs.js';
import { AppError } from '../errors.js';
import { usableCores } from '../inference/machine.js';
import { readVerified } from '../inference/session.js';
import { type Bundle, modelFile } from '../models/bundle.js';
import type { Quantization } from '../models/manifest.js';
import { parseModel, serializeModel } from '../onnx/model-file.js';
import { createCalibration } from './calibrate.js';
import { type Comparison, createComparer } from './comparison.js';
import type { Histogram } from './histogram.js';
import { nameOf, planQuantization } from './plan.js';
import { quantizeGraph } from './quantize-graph.js';

export interface QuantizeOptions {
  readonly settings: Settings;
  /** Pictures to calibrate with. */
  readonly samples: number;
  /** Values beyond it are cut off. */
  readonly percentile: number;
  readonly weightBits: 7 | 8;
  /** Share of the pictures for which the class has to stay the same. */
  readonly minAgreement: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Called with each picture that cannot be used. */
  readonly onUnusable: (path: string, error: AppError) => void;
}

interface Progress {
  readonly step: 'calibrate' | 'compare' | 'rank layers';
  readonly done: number;
  readonly total: number;
}

export interface QuantizedModel {
  readonly bytes: Uint8Array;
  /** Of the FP32 file that it was made from. */
  readonly originalBytes: number;
  readonly report: Quantization;
}

/** Fewer pictures than these say little about agreement: then those count too that it was calibrated with. */
const LEAST_HELD_OUT = 50;
/** At most this share of the layers stays in FP32. */
const MOST_EXCLUDED = 0.5;
const PICTURES_TO_RANK = 8;

/**
 * `pictures` are like those that the model will see; some calibrate it, the others tell how well it agrees.
 * @throws AppError PRECISION_UNAVAILABLE, MODEL_DAMAGED, MODEL_INVALID, QUANTIZATION_REFUSED, USAGE, ABORTED
 */
export async function quantizeModel(
  bundle: Bundle,
  pictures: readonly LabelledPicture[],
  options: QuantizeOptions,
): Promise<QuantizedModel> {
  const { settings, percentile, weightBits, minAgreement, signal, onProgress, onUnusable } = options;
  const file = modelFile(bundle, 'fp32');
  const { input, output, name } = bundle.manifest;
  const original = await readVerified(file);
  const face = { path: file.path, input: input.name, shape: file.shape, logits: output.logits };
  const samples = spread(pictures, options.samples);
  const others = pictures.filter((picture) => !samples.includes(picture));
  const heldOut = others.length >= LEAST_HELD_OUT;
  const checked = heldOut ? others : pictures;

  const unusable = new Set<string>();

  /** Runs pictures through `add`, and says how far it is. */
  async function feed(
    step: Progress['step'],
    some: readonly LabelledPicture[],
    add: (tensor: Float32Array, truth: number | undefined) => Promise<void>,
  ): Promise<void> {
    let done = 0;
    for await (const one of modelInputs(some, input, settings, signal)) {
      if ('tensor' in one) await add(one.tensor, one.picture.truth);
      else if (!unusable.has(one.picture.path)) {
        unusable.add(one.picture.path);
        onUnusable(one.picture.path, one.error);
      }
      onProgress({ step, done: ++done, total: some.length });
    }
  }

  async function calibrate(): Promise<ReadonlyMap<string, Histogram>> {
    const model = parseModel(original, file.path);
    const { points } = planQuantization(model, file.path);
    const calibration = await createCalibration(model, points, { ...face, threads: usableCores() });
    try {
      await feed('calibrate', samples, calibration.add);
    } finally {
      await calibration.release();
    }
    return calibration.histograms;
  }

  function quantizeWithout(histograms: ReadonlyMap<string, Histogram>, excluded: ReadonlySet<string>): Uint8Array {
    const model = parseModel(original, file.path);
    const plan = planQuantization(model, file.path, excluded);
    const ranges = new Map(plan.points.map((point) => [point, (histograms.get(point) as Histogram).range(percentile)]));
    quantizeGraph(plan, ranges, weightBits);
    return serializeModel(model);
  }

  async function compare(
    bytes: Uint8Array,
    step: Progress['step'],
    some: readonly LabelledPicture[],
  ): Promise<Comparison> {
    const comparer = await createComparer(original, bytes, face);
    try {
      await feed(step, some, comparer.add);
      return comparer.result();
    } finally {
      await comparer.release();
    }
  }

  /** The layers, those first that change the answer most when they alone are quantized. */
  async function rankLayers(histograms: ReadonlyMap<string, Histogram>): Promise<string[]> {
    const layers = planQuantization(parseModel(original, file.path), file.path).layers.map(nameOf);
    const errors = new Map<string, number>();
    for (const layer of layers) {
      const alone = quantizeWithout(histograms, new Set(layers.filter((one) => one !== layer)));
      const { error } = await compare(alone, 'rank layers', spread(checked, PICTURES_TO_RANK));
      errors.set(layer, error);
    }
    return layers.sort((a, b) => (errors.get(b) as number) - (errors.get(a) as number));
  }

  const histograms = await calibrate();
  if (samples.every(({ path }) => unusable.has(path))) {
    throw new AppError('USAGE', {
      problem: 'Expected pictures to calibrate with, but none of them can be decoded. Name others.',
    });
  }
  let excluded: readonly string[] = [];
  let ranked: readonly string[] | undefined;
  for (;;) {
    const bytes = quantizeWithout(histograms, new Set(excluded));
    const found = await compare(bytes, 'compare', checked);
    if (found.pictures === 0) {
      throw new AppError('USAGE', {
        problem: 'Expected pictures to compare the answers for, but none of them can be decoded. Name others.',
      });
    }
    if (found.agreement >= minAgreement) {
      const report = {
        samples: samples.length,
        percentile,
        weightBits,
        excluded: [...excluded],
        heldOut,
        ...summary(found),
      };
      return { bytes, originalBytes: original.length, report };
    }
    ranked ??= await rankLayers(histograms);
    const more = Math.max(1, excluded.length * 2);
    if (more > ranked.length * MOST_EXCLUDED) {
      throw new AppError('QUANTIZATION_REFUSED', {
        model: name,
        agreement: percent(found.agreement),
        least: percent(minAgreement),
      });
    }
    excluded = ranked.slice(0, more);
  }
}

const summary = ({ pictures, agreement, accuracy, speedup }: Comparison) => ({
  pictures,
  agreement,
  ...(accuracy && { accuracy }),
  speedup: Math.round(speedup * 100) / 100,
});

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
