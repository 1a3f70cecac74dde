/** CPU time on Linux: of a server with all its processes, of this process, and of the whole machine. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Clocks {
  readonly atMs: number;
  readonly serverMs: number;
  readonly clientMs: number;
  /** Sum over the cores, without idling; with the time that a hypervisor gave to other machines. */
  readonly machineMs: number;
}

/** Linux counts in ticks of this length on every architecture that Node runs on (USER_HZ). */
const TICK_MS = 10;

export function readClocks(serverPid: number): Clocks {
  const { user, system } = process.cpuUsage();
  return {
    atMs: performance.now(),
    serverMs: treeTicks(serverPid) * TICK_MS,
    clientMs: (user + system) / 1000,
    machineMs: machineTicks() * TICK_MS,
  };
}

export function elapsed(before: Clocks, after: Clocks): Clocks {
  return {
    atMs: after.atMs - before.atMs,
    serverMs: after.serverMs - before.serverMs,
    clientMs: after.clientMs - before.clientMs,
    machineMs: after.machineMs - before.machineMs,
  };
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Of all its threads, and of its children that have ended. */
  readonly ticks: number;
}

function treeTicks(root: number): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readProcess);
  const ticksFrom = (pid: number): number =>
    (processes.find((process) => process.pid === pid)?.ticks ?? 0) +
    processes.filter(({ parent }) => parent === pid).reduce((sum, child) => sum + ticksFrom(child.pid), 0);
  return ticksFrom(root);
}

function readProcess(pid: string): Process[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name comes second, in parentheses, and may contain anything.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [, parent = 0] = fields;
    // utime, stime, cutime and cstime: 14 to 17 in proc(5), where the state, our first, is 3.
    return [{ pid: Number(pid), parent, ticks: sum(fields.slice(11, 15)) }];
  } catch {
    // It has just ended.
    return [];
  }
}

/** user, nice, system, idle, iowait, irq, softirq, steal: what comes after is part of the first two. */
function machineTicks(): number {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return sum([user, nice, system, irq, softirq, steal]);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
