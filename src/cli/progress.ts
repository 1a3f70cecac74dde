/** Progress bars on stderr, if a person is looking. */
import cliProgress, { type GenericFormatter, Presets, SingleBar } from 'cli-progress';
import type { TransferProgress } from '../models/download/transfer.js';

export interface Progress {
  /** One more is done. */
  readonly step: () => void;
  /** One more was done before. */
  readonly skip: () => void;
  /** Takes the bar away, at the end or for a line on stderr; another step shows it again. */
  readonly hide: () => void;
}

const WORTH_A_BAR = 20;

const createBar = (format: GenericFormatter): SingleBar =>
  new SingleBar({ format, stream: process.stderr, hideCursor: true, clearOnComplete: true }, Presets.shades_classic);

const { BarFormat, TimeFormat } = cliProgress.Format;

export interface ProgressOptions {
  /** Whether results go to standard output: then there is no bar between them on a terminal, and else nothing at all. */
  readonly onStdout: boolean;
  /** What is to be done; counted while the work goes on, so that it need not wait for the number. */
  readonly items: () => AsyncIterable<unknown>;
}

export const noProgress: Progress = { step: () => undefined, skip: () => undefined, hide: () => undefined };

/** Between lines for a log. */
const LOG_MS = 60_000;

/** Where results go to a file and nobody is looking, a line every so often is for a log. */
export function createProgress({ onStdout, items }: ProgressOptions): Progress {
  if (process.stderr.isTTY ? onStdout && process.stdout.isTTY : onStdout) return noProgress;
  const bar = createBar(inWords);
  const pace = createPace();
  let [done, skipped, total] = [0, 0, UNKNOWN];
  let loggedAt = performance.now();

  async function count(): Promise<void> {
    let counted = 0;
    for await (const _item of items()) counted += 1;
    total = counted;
    bar.setTotal(total);
  }

  function advance(): void {
    done += 1;
    if (done === WORTH_A_BAR) void count();
    const perSecond = pace(done - skipped);
    if (process.stderr.isTTY) show({ perSecond });
    else log(perSecond);
  }

  function show(payload: { readonly perSecond: number }): void {
    if (bar.isActive) bar.update(done, payload);
    else if (done >= WORTH_A_BAR) bar.start(total, done, payload);
  }

  function log(perSecond: number): void {
    if (performance.now() - loggedAt < LOG_MS) return;
    loggedAt = performance.now();
    process.stderr.write(`${pictures(done, total, perSecond)}\n`);
  }

  function skip(): void {
    skipped += 1;
    advance();
  }

  return { step: advance, skip, hide: () => bar.stop() };
}

const UNKNOWN = 0;

const inWords: GenericFormatter = (options, { value, total, progress }, { perSecond }) =>
  total === UNKNOWN
    ? pictures(value, total, perSecond)
    : `${BarFormat(progress, options)} ${Math.floor(progress * 100)} % · ${pictures(value, total, perSecond)}`;

/** "120/1000 pictures · 202/s · 4s left" */
function pictures(done: number, total: number, perSecond: number): string {
  const count = total === UNKNOWN ? `${done}` : `${done}/${total}`;
  const left = Math.ceil((total - done) / perSecond);
  const ends =
    total !== UNKNOWN && Number.isFinite(left) ? ` · ${TimeFormat(left, { autopaddingChar: '' }, 5)} left` : '';
  return `${count} pictures · ${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s${ends}`;
}

export interface StepProgress {
  /** A step that has another name takes the place of the one before. */
  readonly show: (step: string, done: number, total: number) => void;
  readonly hide: () => void;
}

/** For work in steps, each of so many; where nobody is looking, a line every so often is for a log. */
export function createStepProgress(): StepProgress {
  if (!process.stderr.isTTY) return { show: logEverySoOften(), hide: () => undefined };
  let current = '';
  const bar = createBar(
    (options, { value, total, progress, eta }) =>
      `${BarFormat(progress, options)} ${current} · ${value}/${total} · ${TimeFormat(eta, options, 5)} left`,
  );

  function show(step: string, done: number, total: number): void {
    if (step !== current || !bar.isActive) {
      bar.stop();
      current = step;
      bar.start(total, done);
    } else bar.update(done);
  }

  return { show, hide: () => bar.stop() };
}

function logEverySoOften(): StepProgress['show'] {
  let loggedAt = performance.now();
  return (step, done, total) => {
    if (performance.now() - loggedAt < LOG_MS) return;
    loggedAt = performance.now();
    process.stderr.write(`${step} · ${done}/${total}\n`);
  };
}

export interface DownloadProgress {
  readonly update: (progress: TransferProgress) => void;
  /** Takes the bar away, at the end or for a line on stderr; another update shows it again. */
  readonly hide: () => void;
}

/** How far a download is; where nobody is looking, only `title` when it begins. */
export function createDownloadProgress(title: string): DownloadProgress {
  const announce = once(() => process.stderr.write(`${title}\n`));
  if (!process.stderr.isTTY) return { update: announce, hide: () => undefined };
  const bar = createBar(inMegabytes);
  const pace = createPace();

  function update({ done, total }: TransferProgress): void {
    announce();
    const payload = { bytesPerSecond: pace(done) };
    // The total may be an estimate.
    const most = Math.max(done, total);
    if (bar.isActive) {
      bar.setTotal(most);
      bar.update(done, payload);
    } else bar.start(most, done, payload);
  }

  return { update, hide: () => bar.stop() };
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}

const SAMPLE_MS = 250;
const SAMPLES = 20;

/** Bytes or pictures a second over the last 5 s; 0 while there is nothing to go by. */
function createPace(): (done: number) => number {
  const samples: { readonly at: number; readonly done: number }[] = [];
  return (done) => {
    const at = performance.now();
    const last = samples.at(-1);
    if (last === undefined || at - last.at > SAMPLE_MS) samples.push({ at, done });
    if (samples.length > SAMPLES) samples.shift();
    const [first] = samples;
    return first && at > first.at ? Math.max(0, ((done - first.done) * 1000) / (at - first.at)) : 0;
  };
}

const inMegabytes: GenericFormatter = (options, { value, total, progress }, { bytesPerSecond }) => {
  const left = bytesPerSecond > 0 ? TimeFormat(Math.ceil((total - value) / bytesPerSecond), options, 5) : '?';
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  return `${BarFormat(progress, options)} ${Math.floor(progress * 100)} % · ${megabytes(value)}/${megabytes(total)} MB · ${megabytes(bytesPerSecond)} MB/s · ${left} left`;
};
