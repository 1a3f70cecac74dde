/**
 * What it costs to make pixels ready, one picture at a time on an idle machine: the exact resampler against sharp's own
 * resize, which is what most programs use (libvips shrinks while it decodes; only crop and scaling are left to do).
 */
import type { Settings } from '../config.js';
import { createDecoder } from '../image/decode.js';
import { decodeOptions } from '../image/decode-options.js';
import type { InputSpec } from '../image/input-spec.js';
import { createPreprocessor } from '../image/preprocess.js';
import { mean } from '../statistics.js';
import type { Sample } from './pictures.js';
import { saturate } from './saturate.js';

/** Milliseconds a picture. */
export interface PreparationRound {
  readonly decodeMs: number;
  readonly resampleMs: number;
  readonly sharpDecodeAndResizeMs: number;
  readonly sharpCropMs: number;
  /** Decoding and resampling exactly, divided by the same with sharp's resize. */
  readonly ratio: number;
}

export interface PreparationBenchmark {
  readonly round: (turnMs: number, signal: AbortSignal) => Promise<PreparationRound>;
  readonly close: () => Promise<void>;
}

export async function createPreparationBenchmark(
  { pictures }: Sample,
  spec: InputSpec,
  settings: Settings,
): Promise<PreparationBenchmark> {
  const decoder = createDecoder(decodeOptions(settings, 1));
  const preprocessor = await createPreprocessor(spec);

  async function measure(shrinkToShortSide: number, durationMs: number, signal: AbortSignal) {
    const { results } = await saturate({
      ...{ items: pictures, inWork: 1, durationMs, signal },
      work: async ({ bytes }) => {
        const begun = performance.now();
        const image = await decoder.decode(bytes, undefined, shrinkToShortSide);
        const decoded = performance.now();
        preprocessor.tensor(image);
        image.release();
        return { decodeMs: decoded - begun, resampleMs: performance.now() - decoded };
      },
    });
    return {
      decodeMs: mean(results.map(({ decodeMs }) => decodeMs)),
      resampleMs: mean(results.map(({ resampleMs }) => resampleMs)),
    };
  }

  async function round(turnMs: number, signal: AbortSignal): Promise<PreparationRound> {
    const { decodeMs, resampleMs } = await measure(0, turnMs, signal);
    const { decodeMs: sharpDecodeAndResizeMs, resampleMs: sharpCropMs } = await measure(
      spec.resize.shortSide,
      turnMs,
      signal,
    );
    const ratio = (decodeMs + resampleMs) / (sharpDecodeAndResizeMs + sharpCropMs);
    return { decodeMs, resampleMs, sharpDecodeAndResizeMs, sharpCropMs, ratio };
  }

  return { round, close: decoder.close };
}
