/**
 * Everything that `kaiyan bench` measures: after a round that does not count, rounds that take all contenders in turn.
 * The figures are medians over the half of the rounds in which other programs used the least of the machine.
 */
import { choosePrecision } from '../classification/precision.js';
import type { Settings } from '../config.js';
import { type Bundle, digestOf, modelFile } from '../models/bundle.js';
import type { Precision } from '../models/manifest.js';
import { createRegistry } from '../models/registry.js';
import { median, medians } from '../statistics.js';
import { describeMachine, type Machine, readVersions, type Versions } from './environment.js';
import { type Observed, observe, quieterHalf } from './interference.js';
import { exampleFolder, type Sample, type SampleSummary, samplePictures, summarize } from './pictures.js';
import { createPipelineBenchmark, type PipelineRound } from './pipeline.js';
import { createPrecisionBenchmark, type PrecisionFigures } from './precisions.js';
import { createPreparationBenchmark, type PreparationRound } from './preparation.js';
import { measureStartup, type StartupFigures } from './startup.js';

export interface BenchmarkOptions {
  readonly settings: Settings;
  /** A folder of pictures; the examples if not given. */
  readonly images: string | undefined;
  readonly quick: boolean;
  /** Ends the measurement; what is in work is waited for, then the call rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Called with what is measured next. */
  readonly onProgress: (stage: string) => void;
}

/** Sums and quotients of figures may differ a little from figures, as each is a median of its own. */
export interface BenchmarkResult {
  readonly machine: Machine;
  readonly versions: Versions;
  readonly model: {
    readonly name: string;
    readonly version: string;
    /** The precision end to end: the one that the classifier would choose, or that was asked for. */
    readonly precision: Precision;
    readonly digest: string;
  };
  readonly pictures: SampleSummary;
  readonly quick: boolean;
  /** Measured; the quieter half of them counts. */
  readonly rounds: number;
  /** Share of the machine that other programs used, 0..1: a median, in the rounds that count. */
  readonly otherProgramsShare: number;
  readonly preparation: PreparationRound;
  readonly inference: readonly PrecisionFigures[];
  readonly allCoresBusy: PipelineRound & {
    readonly picturesPerSecond: number;
    readonly lowestRatioToIdeal: number;
    readonly highestRatioToIdeal: number;
  };
  readonly startup: StartupFigures;
}

interface Plan {
  readonly rounds: number;
  /** How long each contender is measured in each round: one picture at a time, and with all cores busy. */
  readonly turnMs: number;
  readonly busyTurnMs: number;
  readonly starts: number;
  readonly startLoadMs: number;
  readonly pictures: number;
}

const THOROUGH: Plan = { rounds: 20, turnMs: 100, busyTurnMs: 400, starts: 5, startLoadMs: 1000, pictures: 24 };
const QUICK: Plan = { rounds: 4, turnMs: 30, busyTurnMs: 150, starts: 1, startLoadMs: 500, pictures: 6 };

/** @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, PRECISION_UNAVAILABLE, FILE_UNREADABLE, USAGE */
export async function runBenchmark(options: BenchmarkOptions): Promise<BenchmarkResult> {
  const { quick, signal, onProgress } = options;
  const plan = quick ? QUICK : THOROUGH;
  const machine = describeMachine();
  const bundle = await createRegistry(options.settings.home).open(options.settings.model);
  const { precision } = await choosePrecision(bundle, options.settings.precision, options.settings.home);
  // Not "auto": a classifier that has not decided yet would measure the precisions as soon as it is idle.
  const settings = { ...options.settings, precision };
  onProgress('reading the pictures');
  const sample = await samplePictures(options.images ?? exampleFolder, plan.pictures, settings, signal);
  const rounds = await measureRounds({ ...{ sample, bundle, precision, settings, machine }, plan }, options);
  onProgress('starting');
  const startup = await measureStartup(sample, settings, { times: plan.starts, loadMs: plan.startLoadMs }, signal);
  const { name, version } = bundle.manifest;
  return {
    ...{ machine, versions: await readVersions() },
    model: { name, version, precision, digest: digestOf(modelFile(bundle, precision)) },
    ...{ pictures: summarize(sample), quick, rounds: plan.rounds },
    ...{ ...rounds, startup },
  };
}

interface Subject {
  readonly sample: Sample;
  readonly bundle: Bundle;
  readonly precision: Precision;
  readonly settings: Settings;
  readonly machine: Machine;
  readonly plan: Plan;
}

async function measureRounds(
  { sample, bundle, precision, settings, machine, plan }: Subject,
  { signal, onProgress }: BenchmarkOptions,
): Promise<Pick<BenchmarkResult, 'otherProgramsShare' | 'preparation' | 'inference' | 'allCoresBusy'>> {
  const opened: { readonly close: () => Promise<void> }[] = [];
  const keep = <Benchmark extends (typeof opened)[number]>(benchmark: Benchmark): Benchmark => {
    opened.push(benchmark);
    return benchmark;
  };
  try {
    const preparation = keep(await createPreparationBenchmark(sample, bundle.manifest.input, settings));
    const precisions = keep(await createPrecisionBenchmark(sample, bundle, machine.cores));
    const pipeline = keep(await createPipelineBenchmark(sample, bundle, precision, settings, machine.cores));
    const prepared: Observed<PreparationRound>[] = [];
    const inferred: Observed<readonly number[]>[] = [];
    const busy: Observed<PipelineRound>[] = [];
    for (let round = 0; round <= plan.rounds; round++) {
      onProgress(round === 0 ? 'warming up' : `round ${round} of ${plan.rounds}`);
      prepared[round] = await observe(() => preparation.round(plan.turnMs, signal));
      inferred[round] = await observe(() => precisions.round(plan.turnMs, signal));
      busy[round] = await observe(() => pipeline.round(plan.busyTurnMs, signal));
    }
    const counted = figuresThatCount(busy);
    const middle = medians(counted);
    const ratios = counted.map(({ ratioToIdeal }) => ratioToIdeal);
    const range = { lowestRatioToIdeal: Math.min(...ratios), highestRatioToIdeal: Math.max(...ratios) };
    return {
      otherProgramsShare: median(quieterHalf(busy.slice(1)).map(({ othersShare }) => othersShare)),
      preparation: medians(figuresThatCount(prepared)),
      inference: precisions.figures(figuresThatCount(inferred)),
      allCoresBusy: { ...middle, picturesPerSecond: 1000 / middle.endToEndMsPerPicture, ...range },
    };
  } finally {
    await Promise.all(opened.map(({ close }) => close()));
  }
}

/** Without the first round, which warmed everything up. */
const figuresThatCount = <Figures>(rounds: readonly Observed<Figures>[]): Figures[] =>
  quieterHalf(rounds.slice(1)).map(({ figures }) => figures);
