/** A progress bar on stderr, if a person is looking and the results do not scroll by there. */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  readonly step: () => void;
  readonly stop: () => void;
}

const WORTH_A_BAR = 20;

export function createProgress(total: number, resultsElsewhere: boolean): Progress {
  const quiet = !process.stderr.isTTY || total < WORTH_A_BAR || (process.stdout.isTTY && !resultsElsewhere);
  if (quiet) return { step: () => undefined, stop: () => undefined };
  const bar = new SingleBar(
    {
      format: '{bar} {percentage} % · {value}/{total} pictures · {eta_formatted} left',
      stream: process.stderr,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { step: () => bar.increment(), stop: () => bar.stop() };
}
