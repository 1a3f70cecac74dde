/** A progress bar on stderr, if a person is looking and the results go elsewhere. */
import cliProgress, { type GenericFormatter, Presets, SingleBar } from 'cli-progress';

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
