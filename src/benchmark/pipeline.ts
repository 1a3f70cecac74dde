/**
 * How near the whole way of a picture comes to the sum of its parts, with every core busy.
 *
 * The parts are measured under the load under which they run: decoding while as many decodes as there are cores are
 * under way; resampling and inference while every core has a worker that does both. Twice as many pictures are in work
 * as that takes, so that no core waits for the next one. A stage's figure is then the time for which one picture holds
 * one core, and their sum divided by the cores is the ideal time per picture: every core working without a gap, and
 * nothing between the stages. End to end goes through the real classifier, one worker with one thread per core, on the
 * same pictures in memory. Each round does all three, a moment apart, and gives one ratio; the result is their median.
 *
 * The same is counted in CPU time, which other programs on the machine hardly change. If that ratio is near 1 and the
 * ratio to the ideal is not, cores were left without work, or others used them.
 */
import { createClassifier } from '../classification/classifier.js';
import type { Settings } from '../config.js';
import { createDecoder } from '../image/decode.js';
import { decodeOptions } from '../image/decode-options.js';
import { shrunkShortSide } from '../image/input-spec.js';
import { createPool } from '../inference/pool.js';
import { type Bundle, modelFile } from '../models/bundle.js';
import type { Precision } from '../models/manifest.js';
import { mean } from '../statistics.js';
import type { Sample } from './pictures.js';
import { saturate } from './saturate.js';

export interface PipelineRound {
  /** Milliseconds of one core a picture. */
  readonly decodeMs: number;
  readonly preprocessMs: number;
  readonly inferenceMs: number;
  readonly sumMs: number;
  /** The sum divided by the cores. */
  readonly idealMsPerPicture: number;
  readonly endToEndMsPerPicture: number;
  /** End to end divided by the ideal: 1 is perfect. */
  readonly ratioToIdeal: number;
  /** CPU time of the process instead: that of the parts, that of end to end, and their ratio. */
  readonly partsCpuMsPerPicture: number;
  readonly endToEndCpuMsPerPicture: number;
  readonly cpuRatio: number;
}

export interface PipelineBenchmark {
  readonly round: (turnMs: number, signal: AbortSignal) => Promise<PipelineRound>;
  readonly close: () => Promise<void>;
}

/** @throws AppError MODEL_INVALID */
export async function createPipelineBenchmark(
  { pictures }: Sample,
  bundle: Bundle,
  precision: Precision,
  settings: Settings,
  cores: number,
): Promise<PipelineBenchmark> {
  const { input } = bundle.manifest;
  const images = pictures.map(({ image }) => image);
  const decodes = cores;
  const decoder = createDecoder({
    ...decodeOptions(settings, decodes * 2),
    maxPixelsInFlight: Number.MAX_SAFE_INTEGER,
  });
  const shortSide = settings.shrinkOnLoad ? shrunkShortSide(input) : 0;
  const crew = { workers: cores, threads: 1 };
  const unbounded = { queueRequests: Number.MAX_SAFE_INTEGER, queueBytes: Number.MAX_SAFE_INTEGER };
  const pool = createPool({ file: modelFile(bundle, precision), spec: input, ...crew });
  const close = async () => void (await Promise.all([pool.close(), decoder.close()]));
  const classifier = await pool
    .ready()
    .then(() => createClassifier({ ...settings, ...crew, ...unbounded, precision }))
    .catch(async (error) => {
      await close();
      throw error;
    });

  async function decoding(durationMs: number, signal: AbortSignal) {
    const { msPerItem, cpuMsPerItem } = await saturate({
      ...{ items: pictures, inWork: decodes * 2, durationMs, signal },
      work: async ({ bytes }) => (await decoder.decode(bytes, undefined, shortSide)).release(),
    });
    return { decodeMs: msPerItem * decodes, decodeCpuMs: cpuMsPerItem };
  }

  async function working(durationMs: number, signal: AbortSignal) {
    const { results, cpuMsPerItem } = await saturate({
      ...{ items: images, inWork: cores * 2, durationMs, signal },
      work: (image) => pool.run(image),
    });
    return {
      preprocessMs: mean(results.map(({ preprocessMs }) => preprocessMs)),
      inferenceMs: mean(results.map(({ inferenceMs }) => inferenceMs)),
      workCpuMs: cpuMsPerItem,
    };
  }

  async function round(durationMs: number, signal: AbortSignal): Promise<PipelineRound> {
    const { decodeMs, decodeCpuMs } = await decoding(durationMs, signal);
    const { preprocessMs, inferenceMs, workCpuMs } = await working(durationMs, signal);
    const endToEnd = await saturate({
      ...{ items: pictures, inWork: classifier.concurrency, durationMs, signal },
      work: ({ bytes }) => classifier.classify(bytes),
    });
    const sumMs = decodeMs + preprocessMs + inferenceMs;
    const partsCpuMsPerPicture = decodeCpuMs + workCpuMs;
    return {
      ...{ decodeMs, preprocessMs, inferenceMs, sumMs },
      idealMsPerPicture: sumMs / cores,
      endToEndMsPerPicture: endToEnd.msPerItem,
      ratioToIdeal: (endToEnd.msPerItem * cores) / sumMs,
      partsCpuMsPerPicture,
      endToEndCpuMsPerPicture: endToEnd.cpuMsPerItem,
      cpuRatio: endToEnd.cpuMsPerItem / partsCpuMsPerPicture,
    };
  }

  return { round, close: async () => void (await Promise.all([close(), classifier.close()])) };
}
