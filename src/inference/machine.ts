/** What this machine offers to inference: cores and memory (container limits too), and instructions for 8-bit arithmetic. */
import { readFileSync } from 'node:fs';
import os from 'node:os';

/** Cores that this process may use: the CPU affinity and, in a container, the CFS quota of its cgroup. */
export function usableCores(): number {
  const affinity = os.availableParallelism();
  const quota = cgroupCores();
  return quota === undefined ? affinity : Math.max(1, Math.min(affinity, Math.ceil(quota)));
}

/** Node 20's availableParallelism() does not see the quota. Version 2 has `quota period` in one file, version 1 in two. */
function cgroupCores(): number | undefined {
  const v2 = readText('/sys/fs/cgroup/cpu.max')?.split(' ');
  const [quota, period] = v2 ?? [
    readText('/sys/fs/cgroup/cpu/cpu.cfs_quota_us'),
    readText('/sys/fs/cgroup/cpu/cpu.cfs_period_us'),
  ];
  const cores = Number(quota) / Number(period);
  return Number.isFinite(cores) && cores > 0 ? cores : undefined;
}

/** Bytes of memory that this process may use: the machine's, or in a container what its cgroup allows. */
export function usableMemory(): number {
  // Without a limit this is nothing, or more than any machine has.
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(os.totalmem(), limit) : os.totalmem();
}

export interface Cpu {
  readonly model: string;
  readonly architecture: string;
  /** Whether the CPU multiplies and adds 8-bit integers in one instruction; undefined where that cannot be told. */
  readonly fastInt8: boolean | undefined;
}

export function describeCpu(): Cpu {
  const model = os.cpus()[0]?.model.trim() || 'CPU without a name';
  return { model, architecture: process.arch, fastInt8: hasFastInt8() };
}

/** VNNI on x86, the dot-product extension on arm64. Every Apple silicon chip has the latter. */
function hasFastInt8(): boolean | undefined {
  if (process.platform === 'darwin') return process.arch === 'arm64';
  const flags = readText('/proc/cpuinfo')?.match(/^(flags|Features)\s*:.*$/m)?.[0];
  if (flags === undefined) return undefined;
  return /\b(avx512_vnni|avx_vnni|asimddp)\b/.test(flags);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
