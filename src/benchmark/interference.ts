/** Other programs on the machine: how much of it they use, and the rounds in which they used the least. */
import os from 'node:os';

export interface Observed<Figures> {
  readonly figures: Figures;
  /** Share of the machine's CPU time that other processes took meanwhile, 0..1. */
  readonly othersShare: number;
}

/** Does the work, and compares the CPU time of the whole machine with that of this process (without its children). */
export async function observe<Figures>(work: () => Promise<Figures>): Promise<Observed<Figures>> {
  const before = readClocks();
  const figures = await work();
  const after = readClocks();
  const others = after.machineBusyMs - before.machineBusyMs - (after.processMs - before.processMs);
  const all = after.machineMs - before.machineMs;
  return { figures, othersShare: all > 0 ? Math.min(1, Math.max(0, others / all)) : 0 };
}

/** The half of the rounds (rounded up) that other programs disturbed the least, in their order. */
export function quieterHalf<Figures>(rounds: readonly Observed<Figures>[]): Observed<Figures>[] {
  const quiet = [...rounds].sort((a, b) => a.othersShare - b.othersShare).slice(0, Math.ceil(rounds.length / 2));
  return rounds.filter((round) => quiet.includes(round));
}

/** Sums over all cores, in milliseconds; the machine's are counted in ticks of 10 ms on most systems. */
function readClocks() {
  let machineMs = 0;
  let machineBusyMs = 0;
  for (const { times } of os.cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq;
    machineBusyMs += busy;
    machineMs += busy + times.idle;
  }
  const { user, system } = process.cpuUsage();
  return { machineMs, machineBusyMs, processMs: (user + system) / 1000 };
}
