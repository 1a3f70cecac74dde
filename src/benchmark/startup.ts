/**
 * How long Kaiyan takes to start, and how much memory it keeps, each time in a fresh process with the environment and
 * the Node options of this one (those of `bin/kaiyan.js` bound what freed memory is kept).
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Settings } from '../config.js';
import { AppError } from '../errors.js';
import { medians } from '../statistics.js';
import type { Sample } from './pictures.js';

/** What the probe is asked to do: to classify these pictures, again and again for so long. */
export interface StartupProbeSetup {
  readonly settings: Settings;
  readonly files: readonly string[];
  readonly loadMs: number;
}

export interface StartupProbeReport {
  /** `createClassifier`: the model loaded and a worker ready. */
  readonly createMs: number;
  /** The same and the first answer. */
  readonly firstAnswerMs: number;
  readonly residentAfterFirstAnswerBytes: number;
  readonly residentAtMostBytes: number;
  readonly residentAfterLoadBytes: number;
}

export type StartupProbeReply = { readonly report: StartupProbeReport } | { readonly problem: string };

export interface StartupFigures extends StartupProbeReport {
  /** `kaiyan classify` with one picture: the whole process, from its start to its end. */
  readonly classifyCommandMs: number;
}

const COMMAND = fileURLToPath(new URL('../../bin/kaiyan.js', import.meta.url));

/** One unmeasured start, which brings the files into memory, then the medians of `times` starts. */
export async function measureStartup(
  sample: Sample,
  settings: Settings,
  { times, loadMs }: { readonly times: number; readonly loadMs: number },
  signal: AbortSignal,
): Promise<StartupFigures> {
  const file = sample.pictures[0].file;
  const setup = { settings, files: sample.pictures.map((picture) => picture.file), loadMs };
  await timeClassifyCommand(file, settings, signal);
  const starts: StartupFigures[] = [];
  for (let i = 0; i < times; i++) {
    const classifyCommandMs = await timeClassifyCommand(file, settings, signal);
    starts.push({ ...(await runProbe(setup, signal)), classifyCommandMs });
  }
  return medians(starts as (StartupFigures & Record<keyof StartupFigures, number>)[]);
}

async function timeClassifyCommand(file: string, settings: Settings, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const flags = (['home', 'model', 'precision'] as const).flatMap((key) => [`--${key}`, settings[key]]);
  const begun = performance.now();
  const child = spawn(process.execPath, [...process.execArgv, COMMAND, 'classify', file, ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  });
  const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  const elapsed = performance.now() - begun;
  if (status !== 0) throw new AppError('INTERNAL', { reason: `kaiyan classify ended with ${status}: ${said.trim()}` });
  return elapsed;
}

async function runProbe(setup: StartupProbeSetup, signal: AbortSignal): Promise<StartupProbeReport> {
  signal.throwIfAborted();
  const child = fork(new URL('./startup-probe.js', import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    signal,
  });
  const replies: StartupProbeReply[] = [];
  child.on('message', (message) => replies.push(message as StartupProbeReply));
  child.send(setup);
  await once(child, 'exit');
  signal.throwIfAborted();
  const reply = replies[0] ?? { problem: 'the process that measures the start ended without a word' };
  if ('problem' in reply) throw new AppError('INTERNAL', { reason: reply.problem });
  return reply.report;
}
