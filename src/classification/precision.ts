/**
 * Which precision answers on this machine. INT8 is smaller and usually faster, but not on every CPU, and on x86 without
 * VNNI its sums saturate; so both are measured, and the verdict is kept in the data directory.
 */
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { makeFolder } from '../folders.js';
import { describeCpu } from '../inference/machine.js';
import { runtimeVersion } from '../inference/runtime-version.js';
import { type Bundle, modelFile, precisionsOf } from '../models/bundle.js';
import type { Precision } from '../models/manifest.js';
import type { ProbeSetup } from './precision-probe.js';

const measurementSchema = v.strictObject({
  /** Milliseconds a picture on one thread. */
  int8Ms: v.number(),
  fp32Ms: v.number(),
  /** Share of the probe pictures for which both name the same class. */
  agreement: v.number(),
  /** Mean over the probe pictures of the total variation distance between both answers, 0..1. */
  distance: v.number(),
});

export type Measurement = v.InferOutput<typeof measurementSchema>;

export interface Verdict extends Measurement {
  readonly precision: Precision;
}

/** INT8 is taken only where it agrees this well; see docs/architecture.md for what was measured. */
const MIN_AGREEMENT = 0.85;
const MAX_DISTANCE = 0.1;

export function judge(measured: Measurement): Verdict {
  const agrees = measured.agreement >= MIN_AGREEMENT && measured.distance <= MAX_DISTANCE;
  return { precision: agrees && measured.int8Ms < measured.fp32Ms ? 'int8' : 'fp32', ...measured };
}

export interface PrecisionChoice {
  readonly precision: Precision;
  /** Chosen by what the CPU has, because this machine was not measured yet. */
  readonly provisional: boolean;
}

/** @throws AppError PRECISION_UNAVAILABLE */
export async function choosePrecision(
  bundle: Bundle,
  wanted: Precision | 'auto',
  home: string,
): Promise<PrecisionChoice> {
  const [first, ...others] = precisionsOf(bundle) as [Precision, ...Precision[]];
  if (wanted !== 'auto') {
    modelFile(bundle, wanted);
    return { precision: wanted, provisional: false };
  }
  if (others.length === 0) return { precision: first, provisional: false };
  const verdict = await readVerdict(bundle, home);
  if (verdict) return { precision: verdict.precision, provisional: false };
  return { precision: describeCpu().fastInt8 ? 'int8' : 'fp32', provisional: true };
}

/** Measurements of this process, for when the data directory cannot be written. */
const remembered = new Map<string, Measurement>();

/** One CPU, one runtime, one pair of model files. */
function measurementKey(bundle: Bundle): string {
  const { model, architecture } = describeCpu();
  const hashes = bundle.manifest.files.map(({ precision, sha256 }) => `${precision}:${sha256}`).sort();
  return createHash('sha256')
    .update([model, architecture, runtimeVersion, ...hashes].join('\n'))
    .digest('hex')
    .slice(0, 32);
}

const measurementFile = (home: string, key: string) => path.join(home, 'measurements', `precision-${key}.json`);

export async function readVerdict(bundle: Bundle, home: string): Promise<Verdict | undefined> {
  const key = measurementKey(bundle);
  const measured = (await readMeasurement(measurementFile(home, key))) ?? remembered.get(key);
  return measured && judge(measured);
}

async function readMeasurement(file: string): Promise<Measurement | undefined> {
  try {
    return v.parse(measurementSchema, JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

async function keepMeasurement(bundle: Bundle, home: string, measured: Measurement): Promise<void> {
  const key = measurementKey(bundle);
  remembered.set(key, measured);
  const file = measurementFile(home, key);
  const draft = `${file}.${process.pid}`;
  try {
    await makeFolder(path.dirname(file));
    await writeFile(draft, `${JSON.stringify(measured)}\n`);
    await rename(draft, file);
  } catch {
    // Remembered for as long as this process lives.
  }
}

/**
 * Measures both precisions in a process of its own and keeps the verdict; undefined for a bundle with one precision,
 * or if the measurement was aborted or failed.
 */
export async function measurePrecision(
  bundle: Bundle,
  home: string,
  signal?: AbortSignal,
): Promise<Verdict | undefined> {
  if (precisionsOf(bundle).length < 2) return undefined;
  const { input, temperature } = bundle.manifest;
  const setup: ProbeSetup = {
    int8: modelFile(bundle, 'int8'),
    fp32: modelFile(bundle, 'fp32'),
    spec: input,
    temperature,
  };
  const measured = await runProbe(setup, signal);
  if (!measured) return undefined;
  await keepMeasurement(bundle, home, measured);
  return judge(measured);
}

function runProbe(setup: ProbeSetup, signal: AbortSignal | undefined): Promise<Measurement | undefined> {
  return new Promise((resolve) => {
    const child = fork(new URL('./precision-probe.js', import.meta.url), {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
      ...(signal && { signal }),
      killSignal: 'SIGKILL',
    });
    let measured: Measurement | undefined;
    child.on('message', (message) => {
      measured = message as Measurement;
    });
    // A process that could not be started never exits; one that is aborted is waited for.
    child.on('error', () => {
      if (child.pid === undefined) resolve(undefined);
    });
    child.once('exit', () => resolve(measured));
    if (child.pid !== undefined) child.send(setup);
  });
}

export interface IdleMeasurement {
  /** Ends the measurement, and the process that may be doing it. */
  readonly stop: () => Promise<void>;
}

export interface IdleMeasurementOptions {
  readonly isIdle: () => boolean;
  readonly onVerdict: (precision: Precision) => Promise<void>;
  /** Called once it is over, with a verdict or without, unless it was stopped. */
  readonly onEnd?: () => void;
  readonly onNotice: (notice: string) => void;
}

const IDLE_CHECK_MS = 5_000;

/** Waits until nothing was in work at two checks in a row, then measures, once. */
export function measureWhenIdle(bundle: Bundle, home: string, options: IdleMeasurementOptions): IdleMeasurement {
  const controller = new AbortController();
  let work: Promise<void> = Promise.resolve();
  let idleBefore = false;
  const timer = setInterval(() => {
    const idle = options.isIdle();
    if (idle && idleBefore) {
      clearInterval(timer);
      work = measure();
    }
    idleBefore = idle;
  }, IDLE_CHECK_MS);
  timer.unref();

  async function measure(): Promise<void> {
    try {
      const verdict = await measurePrecision(bundle, home, controller.signal);
      if (verdict && !controller.signal.aborted) await options.onVerdict(verdict.precision);
    } catch (error) {
      options.onNotice(`The precisions could not be compared: ${(error as Error).message}`);
    }
    if (!controller.signal.aborted) options.onEnd?.();
  }

  return {
    stop: async () => {
      clearInterval(timer);
      controller.abort();
      await work;
    },
  };
}
