/** From what was measured to what it says: figures over all rounds, ratios to the baseline, shares of the ideal. */
import { median } from '#kaiyan/statistics.js';
import type { Measured } from './load.js';

export type Side = 'kaiyan' | 'baseline';

export interface Run extends Measured {
  readonly side: Side;
}

export interface Figures {
  readonly side: Side;
  readonly clients: number;
  readonly picturesPerSecond: number;
  /** The same in single rounds. */
  readonly rounds: readonly number[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly requests: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly serverCpuMsPerPicture: number;
  readonly clientCpuMsPerPicture: number;
  /** CPU seconds of the clients in a second. */
  readonly clientCpuShare: number;
  /** Share of the machine that neither the server nor the clients used, 0..1. */
  readonly othersShare: number;
}

/** A figure that has a bound to aim at. */
export interface Aim {
  readonly value: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Comparison {
  readonly clients: number;
  /** Pictures a second, by the baseline's. */
  readonly speed: Aim;
  /** 99th percentile of latency, by the baseline's. */
  readonly p99: Aim;
  /** The server's CPU time a picture, by the baseline's: what other programs on the machine change the least. */
  readonly cpu: Aim;
}

export interface ShareOfIdeal {
  readonly clients: number;
  readonly expectedPicturesPerSecond: number;
  readonly share: Aim;
}

/** Once for each server and number of clients; all rounds taken together. */
export function figuresOf(runs: readonly Run[], cores: number): Figures {
  const [{ side, clients }] = runs as readonly [Run, ...Run[]];
  const total = (figure: (run: Run) => number) => runs.reduce((sum, run) => sum + figure(run), 0);
  const wallMs = total(({ clocks }) => clocks.atMs);
  const [serverMs, clientMs] = [total(({ clocks }) => clocks.serverMs), total(({ clocks }) => clocks.clientMs)];
  const answers = total((run) => run.answers);
  const latencies = runs.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  const others = (total(({ clocks }) => clocks.machineMs) - serverMs - clientMs) / (wallMs * cores);
  return {
    ...{ side, clients },
    picturesPerSecond: (answers * 1000) / wallMs,
    rounds: runs.map((run) => (run.answers * 1000) / run.clocks.atMs),
    p50Ms: median(latencies),
    p99Ms: percentile(latencies, 0.99),
    requests: latencies.length,
    errors: sumByKey(runs.map(({ errors }) => errors)),
    serverCpuMsPerPicture: serverMs / answers,
    clientCpuMsPerPicture: clientMs / answers,
    clientCpuShare: clientMs / wallMs,
    othersShare: Math.min(1, Math.max(0, others)),
  };
}

/** The smallest value that is not exceeded by this share of the sorted values; NaN for none. */
const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;

function sumByKey(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [key, value] of records.flatMap(Object.entries)) sums[key] = (sums[key] ?? 0) + value;
  return sums;
}

/** With the aims at 16 clients. */
export function compare(ours: Figures, theirs: Figures): Comparison {
  const aimed = ours.clients === 16;
  return {
    clients: ours.clients,
    speed: { value: ours.picturesPerSecond / theirs.picturesPerSecond, ...(aimed && { atLeast: 6 }) },
    p99: { value: ours.p99Ms / theirs.p99Ms, ...(aimed && { atMost: 0.2 }) },
    cpu: { value: ours.serverCpuMsPerPicture / theirs.serverCpuMsPerPicture },
  };
}

/** What HTTP leaves of the speed that `kaiyan bench` reaches without it, on the CPU time that the clients leave. */
export function shareOfIdeal(ours: Figures, endToEndPerSecond: number, cores: number): ShareOfIdeal {
  const { clients, picturesPerSecond, clientCpuShare } = ours;
  const expected = (endToEndPerSecond * (cores - clientCpuShare)) / cores;
  const aimed = clients === 4 || clients === 16;
  return {
    clients,
    expectedPicturesPerSecond: expected,
    share: { value: picturesPerSecond / expected, ...(aimed && { atLeast: 0.85 }) },
  };
}

export const isReached = ({ value, atLeast, atMost }: Aim): boolean =>
  value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY);
