/** A process that works through a folder, watched from outside: the lines of its output, its memory. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { command } from '../../tests/support/paths.js';
import { type Ended, endOf } from './processes.js';

export interface Sample {
  readonly atMs: number;
  /** In the output. */
  readonly lines: number;
  /** Resident memory. */
  readonly megabytes: number;
  /** CPU time of all threads until now. */
  readonly cpuMs: number;
}

export interface WatchedRun extends Ended {
  /** From the first line that it wrote on. */
  readonly samples: readonly Sample[];
}

export interface RunOptions {
  readonly output: string;
  /** Sent once so many lines are in the output. */
  readonly interrupt: { readonly atLines: number; readonly signal: NodeJS.Signals } | undefined;
  readonly onLines: (lines: number) => void;
}

const LOOK_MS = 50;

/** Runs the command with its own settings of memory, and watches what it writes. */
export async function runThroughFolder(args: readonly string[], options: RunOptions): Promise<WatchedRun> {
  const { output, interrupt, onLines } = options;
  const counter = createLineCounter(output);
  const before = await counter.count();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => {
    errors += text;
  });
  const samples: Sample[] = [];
  let ended: Ended | undefined;
  void endOf(child).then((end) => {
    ended = end;
  });
  while (!ended) {
    await sleep(LOOK_MS);
    const lines = await counter.count();
    const sample = sampleOf(child.pid as number, lines);
    if (sample && lines > (samples.at(-1)?.lines ?? before)) samples.push(sample);
    onLines(lines);
    if (interrupt && !child.killed && lines >= interrupt.atLines) child.kill(interrupt.signal);
  }
  await counter.close();
  if (ended.status !== 0 && !child.killed) throw new Error(`it ended with ${ended.signal ?? ended.status}: ${errors}`);
  return { ...ended, samples };
}

/** Reads only what was added since it last looked. */
function createLineCounter(file: string) {
  const buffer = Buffer.alloc(1 << 20);
  let handle: Awaited<ReturnType<typeof open>> | undefined;
  let [position, lines] = [0, 0];

  async function count(): Promise<number> {
    if (!handle && !existsSync(file)) return 0;
    handle ??= await open(file);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) return lines;
      position += bytesRead;
      for (let at = buffer.indexOf(10); at >= 0 && at < bytesRead; at = buffer.indexOf(10, at + 1)) lines += 1;
    }
  }

  return { count, close: async () => void (await handle?.close()) };
}

/** Linux has reported times in this unit for decades, whatever it uses inside. */
const MS_PER_TICK = 10;

/** Undefined for a process that has ended. */
function sampleOf(pid: number, lines: number): Sample | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13) ?? [];
    if (kilobytes === undefined) return undefined;
    const cpuMs = (Number(user) + Number(system)) * MS_PER_TICK;
    return { atMs: performance.now(), lines, megabytes: (Number(kilobytes) * 1024) / 1e6, cpuMs };
  } catch {
    return undefined;
  }
}
