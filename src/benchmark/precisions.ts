/** Inference alone, one picture at a time on an idle machine: each precision of the model, with each number of threads. */
import { createPool, type Pool } from '../inference/pool.js';
import { type Bundle, modelFile, precisionsOf } from '../models/bundle.js';
import type { Precision } from '../models/manifest.js';
import { mean, median } from '../statistics.js';
import type { Sample } from './pictures.js';
import { saturate } from './saturate.js';

export interface PrecisionFigures {
  readonly precision: Precision;
  /** Of one run (intra-op). */
  readonly threads: number;
  readonly inferenceMs: number;
  /** How many times as fast as the baseline, in the same rounds. */
  readonly speedup: number;
  /** FP32 on one thread; for a model that has no FP32, its only precision on one thread. */
  readonly baseline: boolean;
}

export interface PrecisionBenchmark {
  /** Milliseconds a picture of each contender, in their order. */
  readonly round: (turnMs: number, signal: AbortSignal) => Promise<readonly number[]>;
  readonly figures: (rounds: readonly (readonly number[])[]) => PrecisionFigures[];
  readonly close: () => Promise<void>;
}

interface Contender {
  readonly precision: Precision;
  readonly threads: number;
  readonly pool: Pool;
}

/** @throws AppError MODEL_INVALID */
export async function createPrecisionBenchmark(
  { pictures }: Sample,
  bundle: Bundle,
  cores: number,
): Promise<PrecisionBenchmark> {
  const precisions = precisionsOf(bundle).sort();
  const contenders: Contender[] = precisions.flatMap((precision) =>
    threadCounts(cores).map((threads) => ({
      precision,
      threads,
      pool: createPool({ file: modelFile(bundle, precision), spec: bundle.manifest.input, workers: 1, threads }),
    })),
  );
  const close = async () => void (await Promise.all(contenders.map(({ pool }) => pool.close())));
  try {
    await Promise.all(contenders.map(({ pool }) => pool.ready()));
  } catch (error) {
    await close();
    throw error;
  }

  async function round(durationMs: number, signal: AbortSignal): Promise<number[]> {
    const items = pictures.map(({ image }) => image);
    const figures: number[] = [];
    for (const { pool } of contenders) {
      const { results } = await saturate({ items, inWork: 1, durationMs, signal, work: (image) => pool.run(image) });
      figures.push(mean(results.map(({ inferenceMs }) => inferenceMs)));
    }
    return figures;
  }

  function figures(rounds: readonly (readonly number[])[]): PrecisionFigures[] {
    const of = (contender: number) => rounds.map((round) => round[contender] as number);
    // "fp32" sorts before "int8", and the contenders of one precision begin with one thread.
    const baseline = of(0);
    return contenders.map(({ precision, threads }, i) => ({
      precision,
      threads,
      inferenceMs: median(of(i)),
      speedup: median(of(i).map((ms, round) => (baseline[round] as number) / ms)),
      baseline: i === 0,
    }));
  }

  return { round, figures, close };
}

/** 1, 2, 3, 4, then doubling, and all cores. */
export function threadCounts(cores: number): number[] {
  const counts = [1, 2, 3, 4];
  for (let count = 8; count < cores; count *= 2) counts.push(count);
  return [...new Set([...counts.filter((count) => count < cores), cores])];
}
