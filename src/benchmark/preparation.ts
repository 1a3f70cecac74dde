/**
 * What it costs to make pixels ready, one picture at a time on an idle machine: the exact resampler against sharp's own
 * resize, which is what most programs use (libvips shrinks while it decodes; only crop and scaling are left to do).
 */
import type { Settings } from '../config.js';
import { createDecoder, type Decoder } from '../image/decode.js';
import type { InputSpec } from '../image/input-spec.js';
import { createPreprocessor } from '../image/preprocess.js';
import { decodeOptions, type Sample } from './pictures.js';
import { saturate } from './saturate.js';
import { mean } from './statistics.js';

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
  const exact = createDecoder(decodeOptions(settings, 1));
  const sharp = createDecoder({ ...decodeOptions(settings, 1), shrinkToShortSide: spec.resize.shortSide });
  const preprocessor = await createPreprocessor(spec);

  async function measure(decoder: Decoder, durationMs: number, signal: AbortSignal) {
    const { results } = await saturate({
      ...{ items: pictures, inWork: 1, durationMs, signal },
      work: async ({ bytes }) => {
        const begun = performance.now();
        const image = await decoder.decode(bytes);
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
    const { decodeMs, resampleMs } = await measure(exact, turnMs, signal);
    const { decodeMs: sharpDecodeAndResizeMs, resampleMs: sharpCropMs } = await measure(sharp, turnMs, signal);
    const ratio = (decodeMs + resampleMs) / (sharpDecodeAndResizeMs + sharpCropMs);
    return { decodeMs, resampleMs, sharpDecodeAndResizeMs, sharpCropMs, ratio };
  }

  return { round, close: async () => void (await Promise.all([exact.close(), sharp.close()])) };
}
