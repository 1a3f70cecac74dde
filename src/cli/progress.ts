/** A progress bar on stderr, if a person is looking and the results go elsewhere. */
import cliProgress, { type GenericFormatter, Presets, SingleBar } from 'cli-progress';
import type { TransferProgress } from '../models/download/transfer.js';

export interface Progress {
  /** One more is done. */
  readonly step: () => void;
  /** Takes the bar away, at the end or for a line on stderr; another step shows it again. */
  readonly hide: () => void;
}

const WORTH_A_BAR = 20;

/** `items` are what is to be done: they are counted while the work goes on, so that it need not wait for their number. */
export function createProgress(items: AsyncIterable<unknown>): Progress {
  if (!process.stderr.isTTY || process.stdout.isTTY) return { step: () => undefined, hide: () => undefined };
  const options = { format: inWords, stream: process.stderr, hideCursor: true, clearOnComplete: true };
  const bar = new SingleBar(options, Presets.shades_classic);
  let done = 0;
  let total = UNKNOWN;

  async function count(): Promise<void> {
    let counted = 0;
    for await (const _item of items) counted += 1;
    total = counted;
    bar.setTotal(total);
  }

  function step(): void {
    done += 1;
    if (done === WORTH_A_BAR) void count();
    if (bar.isActive) bar.update(done);
    else if (done >= WORTH_A_BAR) bar.start(total, done);
  }

  return { step, hide: () => bar.stop() };
}

const { BarFormat, TimeFormat } = cliProgress.Format;
const UNKNOWN = 0;

const inWords: GenericFormatter = (options, { value, total, progress, eta }) => {
  if (total === UNKNOWN) return `${value} pictures`;
  const percentage = Math.floor(progress * 100);
  return `${BarFormat(progress, options)} ${percentage} % · ${value}/${total} pictures · ${TimeFormat(eta, options, 5)} left`;
};

export interface DownloadProgress {
  readonly update: (progress: TransferProgress) => void;
  /** Takes the bar away, at the end or for a line on stderr; another update shows it again. */
  readonly hide: () => void;
}

/** How far a download is; where nobody is looking, only `title` when it begins. */
export function createDownloadProgress(title: string): DownloadProgress {
  const announce = once(() => process.stderr.write(`${title}\n`));
  if (!process.stderr.isTTY) return { update: announce, hide: () => undefined };
  const options = { format: inMegabytes, stream: process.stderr, hideCursor: true, clearOnComplete: true };
  const bar = new SingleBar(options, Presets.shades_classic);
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

/** Bytes a second over the last 5 s; 0 while there is nothing to go by. */
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
