/** The rounds: in each, `kaiyan bench` without HTTP, then both servers in turn at each number of clients. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeMachine } from '#kaiyan/benchmark/environment.js';
import { mean } from '#kaiyan/statistics.js';
import { baselineService, kaiyanService, missingForBaseline } from './contenders.js';
import type { Measured } from './load.js';
import type { Options } from './options.js';
import { choosePictures, linkPictures } from './photographs.js';
import { type Command, runForJson, startServer } from './processes.js';
import type { Report } from './report.js';
import { compare, figuresOf, type Run, type Side, shareOfIdeal } from './summary.js';
import { measureWithoutHttp, type WithoutHttp } from './without-http.js';

export interface Surroundings {
  /** An empty folder. */
  readonly scratch: string;
  /** Ends the servers and whatever else runs; then the call rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Called with what is measured next. */
  readonly onProgress: (stage: string) => void;
}

/** As many as `kaiyan bench` takes of a folder, so that it measures with the same ones. */
const MOST_PICTURES = { thorough: 24, quick: 6 };
const WARM_UP_SECONDS = { thorough: 1.5, quick: 0.5 };
const LOAD = fileURLToPath(new URL('http.js', import.meta.url));

/** @throws Error if something cannot run; requests that fail are only counted */
export async function runRounds(options: Options, { scratch, signal, onProgress }: Surroundings): Promise<Report> {
  const { clients, rounds, seconds, quick } = options;
  const pace = quick ? 'quick' : 'thorough';
  const { source, files } = choosePictures(options.images, MOST_PICTURES[pace]);
  const images = linkPictures(files, path.join(scratch, 'pictures'));
  const withoutBaseline = reasonAgainstBaseline(options);
  const withoutHttp: WithoutHttp[] = [];
  const contenders = new Map<Side, string>();
  const runs: Run[] = [];

  async function measure(side: Side, service: Command, count: number): Promise<void> {
    const server = await startServer(service, path.join(scratch, `${side}.log`), signal);
    if (side === 'baseline') contenders.set(side, server.greeting);
    try {
      const load = { port: server.port, 'server-pid': server.pid, clients: count, seconds, images };
      const flags = Object.entries({ ...load, 'warm-up': WARM_UP_SECONDS[pace] });
      const args = [LOAD, ...flags.map(([name, value]) => `--${name}=${value}`)];
      runs.push({ side, ...(await runForJson<Measured>({ file: process.execPath, args }, signal)) });
    } finally {
      await server.stop();
    }
  }

  for (let round = 1; round <= rounds; round++) {
    onProgress(`round ${round} of ${rounds}: without HTTP`);
    const ours = await measureWithoutHttp(images, quick, signal);
    withoutHttp.push(ours);
    contenders.set('kaiyan', ours.description);
    for (const count of clients) {
      onProgress(`round ${round} of ${rounds}: ${count} clients at once`);
      await measure('kaiyan', kaiyanService(ours.precision), count);
      if (withoutBaseline === null) await measure('baseline', baselineService(options), count);
    }
  }
  const [{ pictures }] = withoutHttp as [WithoutHttp, ...WithoutHttp[]];
  return {
    pictures: { source, ...pictures },
    ...{ rounds, seconds, quick, withoutBaseline, contenders: Object.fromEntries(contenders) },
    ...summarize(runs, clients, 1000 / mean(withoutHttp.map(({ endToEndMsPerPicture }) => endToEndMsPerPicture))),
  };
}

function summarize(runs: readonly Run[], clients: readonly number[], endToEndPicturesPerSecond: number) {
  const { cpu, cores } = describeMachine();
  const rowsOf = (side: Side) =>
    clients
      .map((count) => runs.filter((run) => run.side === side && run.clients === count))
      .filter((rounds) => rounds.length > 0)
      .map((rounds) => figuresOf(rounds, cores));
  const [ours, theirs] = [rowsOf('kaiyan'), rowsOf('baseline')];
  return {
    machine: { cpu, cores },
    figures: [...ours, ...theirs],
    comparisons: theirs.map((row, i) => compare(ours[i] as (typeof ours)[number], row)),
    endToEndPicturesPerSecond,
    shares: ours.map((row) => shareOfIdeal(row, endToEndPicturesPerSecond, cores)),
  };
}

function reasonAgainstBaseline({ baseline }: Options): string | null {
  if (!baseline) return 'it was not wanted (--no-baseline)';
  const missing = missingForBaseline();
  if (missing === undefined) return null;
  return `it needs ${missing}, which this machine does not have; bench/README.md says how to install it`;
}
