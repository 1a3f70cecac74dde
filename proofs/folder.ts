/** A folder is worked through about as fast as `kaiyan bench` says, with level memory; interrupted and killed, each path has one line. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { withoutShared } from '../tests/support/requirements.js';
import { jsonLines, kaiyan } from '../tests/support/run-command.js';
import { photographs } from './support/files.js';
import { runThroughFolder, type Sample, type WatchedRun } from './support/folder-process.js';
import { prove, showProgress } from './support/proof.js';
import { withoutProc } from './support/service-process.js';
import { median } from './support/statistics.js';

const LEAST_SHARE = 0.9;
/** Of the median of the last quarter over that of the one before the last, in the last run. */
const MOST_GROWTH_MB = 15;
const LINES_PER_REPORT = 1_000;
const PHOTOGRAPHS = 8;
const PICTURES_PER_FOLDER = 1_000;
const MODEL = ['--precision', 'int8'];

await prove('folder', withoutProc() || withoutShared(), async ({ short }) => {
  const count = short ? 400 : 20_000;
  const place = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-folder-'));
  try {
    const names = await makePictures(place, count);
    const before = await benchmark(place, short);
    const runs = await interruptedTwice(place, count);
    // What a short run measures is not judged.
    const after = short ? before : await benchmark(place, short);
    showMemory(runs);
    const written = jsonLines(await readFile(path.join(place, 'answers.jsonl'), 'utf8'));
    return judge({ runs, names, files: written.map(({ file }) => String(file)), bench: meanOf(before, after), short });
  } finally {
    await rm(place, { recursive: true });
  }
});

interface Pace {
  readonly picturesPerSecond: number;
  /** Of all cores together. */
  readonly cpuMsPerPicture: number;
}

function meanOf(a: Pace, b: Pace): Pace {
  return {
    picturesPerSecond: (a.picturesPerSecond + b.picturesPerSecond) / 2,
    cpuMsPerPicture: (a.cpuMsPerPicture + b.cpuMsPerPicture) / 2,
  };
}

/** A few photographs under many names, each with bytes of its own behind its end, so that no two files are the same. */
async function makePictures(place: string, count: number): Promise<string[]> {
  const all = photographs().filter((file) => file.includes(`${path.sep}eval${path.sep}`));
  const chosen = all.filter((_, i) => i % Math.ceil(all.length / PHOTOGRAPHS) === 0);
  const pictures = await Promise.all(chosen.map((file) => readFile(file)));
  await mkdir(path.join(place, 'few'));
  for (const [i, file] of chosen.entries()) await copyFile(file, path.join(place, 'few', `${i}.jpg`));
  const names: string[] = [];
  for (let i = 0; i < count; i++) {
    const folder = path.join(place, 'pictures', `${Math.floor(i / PICTURES_PER_FOLDER)}`);
    await mkdir(folder, { recursive: true });
    const name = path.join(folder, `${i}.jpg`);
    await writeFile(name, Buffer.concat([pictures[i % pictures.length] as Buffer, Buffer.from(`${i}`)]));
    names.push(name);
  }
  return names;
}

/** End to end, of the same photographs in memory. */
async function benchmark(place: string, short: boolean): Promise<Pace> {
  const args = ['bench', ...MODEL, '--images', path.join(place, 'few'), '--json', ...(short ? ['--quick'] : [])];
  const { status, stdout, stderr } = await kaiyan(args);
  if (status !== 0) throw new Error(`kaiyan bench ended with ${status}: ${stderr}`);
  const { allCoresBusy } = JSON.parse(stdout) as {
    allCoresBusy: { picturesPerSecond: number; endToEndCpuMsPerPicture: number };
  };
  const { picturesPerSecond, endToEndCpuMsPerPicture } = allCoresBusy;
  return { picturesPerSecond, cpuMsPerPicture: endToEndCpuMsPerPicture };
}

async function interruptedTwice(place: string, count: number): Promise<WatchedRun[]> {
  const output = path.join(place, 'answers.jsonl');
  const args = ['classify', path.join(place, 'pictures'), '--recursive', ...MODEL, '--output', output, '--resume'];
  const runs: WatchedRun[] = [];
  for (const interrupt of [
    { atLines: count / 4, signal: 'SIGINT' },
    { atLines: count / 2, signal: 'SIGKILL' },
    undefined,
  ] as const)
    runs.push(await runThroughFolder(args, { output, interrupt, onLines: (lines) => showProgress(lines, count) }));
  return runs;
}

function showMemory(runs: readonly WatchedRun[]): void {
  let shown = 0;
  for (const { lines, megabytes } of runs.flatMap(({ samples }) => samples)) {
    if (lines < shown + LINES_PER_REPORT) continue;
    shown = lines - (lines % LINES_PER_REPORT);
    process.stderr.write(`  ${lines} pictures: ${megabytes.toFixed(0)} MB\n`);
  }
}

/** From the first sight of a line to the last: without the start. */
function paceOf({ samples }: WatchedRun): Pace {
  const [first, last] = [samples[0], samples.at(-1)] as [Sample, Sample];
  const lines = last.lines - first.lines;
  return {
    picturesPerSecond: (lines * 1000) / (last.atMs - first.atMs),
    cpuMsPerPicture: (last.cpuMs - first.cpuMs) / lines,
  };
}

interface Evidence {
  readonly runs: readonly WatchedRun[];
  readonly names: readonly string[];
  readonly files: readonly string[];
  readonly bench: Pace;
  readonly short: boolean;
}

function judge({ runs, names, files, bench, short }: Evidence) {
  const [first, second, last] = runs as [WatchedRun, WatchedRun, WatchedRun];
  const distinct = new Set(files);
  const missing = names.filter((name) => !distinct.has(name)).length;
  const paces = runs.map(paceOf);
  const share = median(paces.map(({ picturesPerSecond }) => picturesPerSecond)) / bench.picturesPerSecond;
  const cpuMs = median(paces.map(({ cpuMsPerPicture }) => cpuMsPerPicture));
  const level = (from: number, to: number) =>
    median(last.samples.slice(last.samples.length * from, last.samples.length * to).map(({ megabytes }) => megabytes));
  const growth = level(0.75, 1) - level(0.5, 0.75);
  const highest = Math.max(...runs.flatMap(({ samples }) => samples.map(({ megabytes }) => megabytes)));
  const figures = [
    `${names.length} pictures, interrupted by SIGINT and SIGKILL: ${files.length} lines, ${missing} paths missing, ${files.length - distinct.size} doubled`,
    `${paces.map(({ picturesPerSecond }) => picturesPerSecond.toFixed(0)).join(', ')} pictures a second, bench ${bench.picturesPerSecond.toFixed(0)}: ${(share * 100).toFixed(0)} % (bound ${LEAST_SHARE * 100} %)`,
    `${cpuMs.toFixed(1)} ms of CPU time each, bench ${bench.cpuMsPerPicture.toFixed(1)} ms`,
    `at most ${highest.toFixed(0)} MB, ${growth.toFixed(1)} MB more in the last quarter (bound ${MOST_GROWTH_MB} MB)`,
  ];
  const violations = [
    first.status !== 130 && `after SIGINT it ended with ${first.signal ?? first.status}`,
    second.signal !== 'SIGKILL' && `SIGKILL came too late: it had ended with ${second.status}`,
    missing > 0 && `${missing} paths have no line`,
    files.length !== distinct.size && `${files.length - distinct.size} paths have more than one line`,
    distinct.size > names.length && `${distinct.size - names.length} lines are about other paths`,
    // A short run shows that it works; a time may not fail it.
    !short && !(share >= LEAST_SHARE) && `only ${(share * 100).toFixed(0)} % of the bench's pictures a second`,
    !short && !(growth <= MOST_GROWTH_MB) && `memory grew by ${growth.toFixed(1)} MB`,
  ].filter((violation) => violation !== false);
  return { figures: figures.join(', '), violations };
}
