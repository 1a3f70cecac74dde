/** Work that is interrupted at any moment, by a signal, a deadline or Ctrl-C, ends soon and cleanly. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { command, examples } from '../tests/support/paths.js';
import { shared, withoutShared } from '../tests/support/requirements.js';
import { oddPictures, photographs } from './support/files.js';
import type { InterruptReport } from './support/interrupt-process.js';
import { inLanes } from './support/lanes.js';
import { endOf, isGroupRunning, startProcess } from './support/processes.js';
import { prove, showProgress } from './support/proof.js';
import { createRandom, type Random } from './support/random.js';

/** From the interrupt to the end of the process. */
const MOST_SECONDS = 5;
const LATEST_MS = 1_500;
const RUNS_A_PROCESS = 25;
/** One command in four gets SIGTERM. */
const STATUS = { SIGINT: 130, SIGTERM: 143 } as const;
type Interrupt = keyof typeof STATUS;

await prove('interrupts', withoutShared(), async ({ short, seed }) => {
  const runs = short ? 42 : 1_000;
  const third = Math.round(runs / 3);
  const parts = [
    await interruptLibrary('signal', third, seed),
    await interruptLibrary('deadline', third, seed),
    await interruptCommands(runs - 2 * third, seed),
  ];
  return {
    figures: `${runs} runs; ${parts.map(({ figures }) => figures).join('; ')} (bound ${MOST_SECONDS} s)`,
    violations: parts.flatMap(({ violations }) => violations),
  };
});

interface Part {
  readonly figures: string;
  readonly violations: readonly string[];
}

/** Processes that use the library, each with some runs; the last run of each meets its close(). */
async function interruptLibrary(way: 'signal' | 'deadline', runs: number, seed: number): Promise<Part> {
  const pictures = libraryPictures();
  const reports: InterruptReport[] = [];
  const violations: string[] = [];
  let processes = 0;
  for (let left = runs; left > 0; left -= RUNS_A_PROCESS) {
    const now = Math.min(left, RUNS_A_PROCESS);
    const sane = path.join(examples, 'chelsea.png');
    const started = startProcess('interrupt-process.js', [way, `${now}`, `${seed * 1000 + left}`, sane, ...pictures]);
    for await (const line of started.lines) reports.push(JSON.parse(line) as InterruptReport);
    const written = performance.now();
    const { status, signal } = await started.ended;
    const seconds = (performance.now() - written) / 1000;
    if (status !== 0) violations.push(`${way}: the process ended with ${signal ?? status}`);
    if (seconds > MOST_SECONDS)
      violations.push(`${way}: the process ended ${seconds.toFixed(1)} s after its last word`);
    processes += 1;
    showProgress(runs - left + now, runs);
  }
  violations.push(...reports.flatMap((report) => report.violations.map((violation) => `${way}: ${violation}`)));
  const sum = (key: 'answered' | 'interrupted') => reports.reduce((total, report) => total + report[key], 0);
  const slowest = Math.max(...reports.map(({ slowestMs }) => slowestMs));
  const name = way === 'signal' ? 'AbortSignal' : 'deadlineMs';
  return {
    figures: `${runs} by ${name} in ${processes} processes: ${sum('interrupted')} pictures given up, ${sum('answered')} answered, slowest ${slowest.toFixed(0)} ms late`,
    violations,
  };
}

/** Photographs, and pictures of every other format. */
function libraryPictures(): string[] {
  const others = ['.png', '.webp', '.gif', '.tif', '.avif', '.bmp', '.heic'];
  const odd = oddPictures().filter((file) => !file.includes('robustness'));
  return [
    ...photographs().slice(0, 20),
    ...others.flatMap((end) => odd.filter((file) => file.endsWith(end)).slice(0, 2)),
  ];
}

interface CommandRun {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly interrupt: Interrupt;
  readonly afterMs: number;
  /** From the interrupt to the end. */
  readonly seconds: number;
  readonly lines: readonly string[];
  /** How many lines it writes if nothing interrupts it. */
  readonly pictures: number;
  /** Something of its group still runs. */
  readonly leftOver: boolean;
}

/** Real commands, two at once, each with a folder of its own length. */
async function interruptCommands(runs: number, seed: number): Promise<Part> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-interrupts-'));
  const few = path.join(home, 'few');
  await mkdir(few);
  for (const file of photographs().slice(0, 8)) await symlink(file, path.join(few, path.basename(file)));
  const folders = [path.join(shared, 'calibration'), path.join(shared, 'calibration'), few];
  const all: CommandRun[] = [];
  const violations: string[] = [];
  await inLanes(2, runs, async (index) => {
    const random = createRandom(seed, index);
    const run = await interruptCommand(random.pick(folders), home, random);
    all.push(run);
    violations.push(...brokenPromises(run));
    showProgress(all.length, runs);
  });
  await rm(home, { recursive: true });

  const ended = (text: string, matches: (run: CommandRun) => boolean) => `${all.filter(matches).length} ${text}`;
  const early = all.filter(({ signal, lines }) => signal !== null && lines.length === 0);
  const late = all.filter(hadAnsweredAll);
  const latestEarly = early.length > 0 ? ` (the latest after ${Math.max(...early.map((run) => run.afterMs))} ms)` : '';
  const list = [
    ended('with 130', ({ status }) => status === 130),
    ended('with 143', ({ status }) => status === 143),
    ended('had finished', ({ status }) => status === 0),
    `${early.length} before Node listened to signals${latestEarly}`,
    `${late.length} while Node left, after the last answer`,
  ];
  const slowest = Math.max(...all.map(({ seconds }) => seconds)).toFixed(1);
  return { figures: `${runs} commands by Ctrl-C or SIGTERM: ${list.join(', ')}, slowest ${slowest} s`, violations };
}

/** A group of its own, so that the signal reaches all of it, as from a terminal. */
async function interruptCommand(folder: string, home: string, random: Random): Promise<CommandRun> {
  const interrupt: Interrupt = random.chance(0.25) ? 'SIGTERM' : 'SIGINT';
  const afterMs = random.below(LATEST_MS);
  const child = spawn(command, ['classify', '--json', '--home', home, folder], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const group = child.pid as number;
  const ended = endOf(child);
  const lines: string[] = [];
  const pictures = (await readdir(folder)).length;
  const reader = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await Promise.race([sleep(afterMs), ended]);
  const begun = performance.now();
  if (isGroupRunning(group)) process.kill(-group, interrupt);
  const watch = setTimeout(() => process.kill(-group, 'SIGKILL'), 4 * MOST_SECONDS * 1000);
  const result = await ended;
  clearTimeout(watch);
  reader.close();
  const seconds = (performance.now() - begun) / 1000;
  return { ...result, interrupt, afterMs, seconds, lines, pictures, leftOver: isGroupRunning(group) };
}

/** Node gives the signals back to the system a few milliseconds before a process ends. */
function hadAnsweredAll({ signal, interrupt, lines, pictures }: CommandRun): boolean {
  return signal === interrupt && lines.length === pictures;
}

function brokenPromises(run: CommandRun): string[] {
  const { status, signal, interrupt, afterMs, seconds, lines, leftOver } = run;
  const what = `${interrupt} after ${afterMs} ms`;
  const expected: (number | null)[] = [STATUS[interrupt], 0];
  const early = signal === interrupt && lines.length === 0;
  return [
    ...(early || hadAnsweredAll(run) || expected.includes(status)
      ? []
      : [`${what}: it ended with ${signal ?? status}`]),
    ...(seconds <= MOST_SECONDS ? [] : [`${what}: it took ${seconds.toFixed(1)} s to end`]),
    ...(leftOver ? [`${what}: something of it is still running`] : []),
    ...lines.filter((line) => !isAnswer(line)).map((line) => `${what}: not a JSON line: ${line}`),
  ];
}

function isAnswer(line: string): boolean {
  try {
    return 'file' in JSON.parse(line);
  } catch {
    return false;
  }
}
