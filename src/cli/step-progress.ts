/** A progress bar for work in steps, on stderr, if a person is looking. */
import cliProgress, { Presets, SingleBar } from 'cli-progress';

export interface StepProgress {
  /** A step that has another name takes the place of the one before. */
  readonly show: (step: string, done: number, total: number) => void;
  readonly hide: () => void;
}

export function createStepProgress(): StepProgress {
  if (!process.stderr.isTTY) return { show: () => undefined, hide: () => undefined };
  const { BarFormat, TimeFormat } = cliProgress.Format;
  let current = '';
  const bar = new SingleBar(
    {
      format: (options, { value, total, progress, eta }) =>
        `${BarFormat(progress, options)} ${current} · ${value}/${total} · ${TimeFormat(eta, options, 5)} left`,
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_classic,
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
