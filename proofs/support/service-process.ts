/** A service as its users start it, in a process of its own, and what the system knows of it. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { command, examples } from '../../tests/support/paths.js';
import { photographs } from './files.js';
import { type Ended, endOf, isGroupRunning } from './processes.js';

export interface ServiceProcess {
  /** Of the service itself, not of a launcher before it. */
  readonly pid: number;
  readonly address: string;
  readonly port: number;
  readonly megabytes: () => number;
  readonly peakMegabytes: () => number;
  readonly descriptors: () => number;
  /** CPU seconds until now. */
  readonly cpuSeconds: () => number;
  /** What it has logged. */
  readonly log: () => Promise<string>;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
  /** Asks it to end, and waits until it has; the violations if it does not as it should. */
  readonly end: () => Promise<string[]>;
}

const START_SECONDS = 20;
const END_SECONDS = 30;

/** These proofs ask the system about the service. */
export const withoutProc = (): string | false => (existsSync('/proc/self/fd') ? false : 'needs Linux');

/** Photographs if the shared ones are there, else the examples. */
export function uploads(): string[] {
  const all = photographs();
  return all.length > 0 ? all : readdirSync(examples).map((name) => path.join(examples, name));
}

/** INT8 and a data directory of its own, so that it measures nothing meanwhile; `launcher` is another way to start it. */
export async function startService(
  args: readonly string[] = [],
  launcher: readonly [string, ...string[]] = [command, 'serve'],
): Promise<ServiceProcess> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'kaiyan-service-'));
  const logFile = path.join(home, 'log');
  const log = await open(logFile, 'w');
  const [program, ...before] = launcher;
  const child = spawn(
    program,
    [...before, '--port', '0', '--precision', 'int8', '--home', path.join(home, 'data'), ...args],
    { detached: true, stdio: ['ignore', 'ignore', log.fd] },
  );
  const leader = child.pid as number;
  const ended = endOf(child);
  await log.close();
  const killAll = () => {
    if (isGroupRunning(leader)) process.kill(-leader, 'SIGKILL');
  };
  process.once('exit', killAll);
  const readLog = () => readFile(logFile, 'utf8');
  const address = await addressIn(readLog, ended);
  const pid = lastOf(leader);
  const kilobytes = (name: string) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  };

  async function end(): Promise<string[]> {
    if (isGroupRunning(leader)) process.kill(pid, 'SIGTERM');
    const result = await Promise.race([ended, sleep(END_SECONDS * 1000, undefined, { ref: false })]);
    const leftOver = isGroupRunning(leader);
    killAll();
    process.off('exit', killAll);
    await rm(home, { recursive: true, force: true });
    if (!result) return [`the service had not ended after ${END_SECONDS} s`];
    return [
      ...(result.status === 0 ? [] : [`the service ended with ${result.signal ?? result.status}`]),
      ...(leftOver ? ['something of the service is still running'] : []),
    ];
  }

  return {
    pid,
    address,
    port: Number(new URL(address).port),
    megabytes: () => (kilobytes('VmRSS') * 1024) / 1e6,
    peakMegabytes: () => (kilobytes('VmHWM') * 1024) / 1e6,
    descriptors: () => readdirSync(`/proc/${pid}/fd`).length,
    cpuSeconds: () => {
      const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13) ?? [];
      return (Number(user) + Number(system)) / TICKS_PER_SECOND;
    },
    log: readLog,
    signal: (name) => process.kill(pid, name),
    ended,
    end,
  };
}

/** Linux has reported times in this unit for decades, whatever it uses inside. */
const TICKS_PER_SECOND = 100;

async function addressIn(readLog: () => Promise<string>, ended: Promise<Ended>): Promise<string> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  for (const end = performance.now() + START_SECONDS * 1000; performance.now() < end && !over; await sleep(10)) {
    const [address] = /http:\/\/[\w.:[\]]+(?=")/.exec(await readLog()) ?? [];
    if (address) return address;
  }
  throw new Error(`the service did not start: ${await readLog()}`);
}

/** The last child of a launcher's children, which is the service; without a launcher, itself. */
function lastOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === '' ? pid : lastOf(Number(children.split(' ').at(-1)));
}
