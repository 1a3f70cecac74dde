/** The figures in words. */
import { percent, table, visible } from '#kaiyan/cli/output.js';
import { type Aim, type Comparison, type Figures, isReached, type ShareOfIdeal } from './summary.js';
import type { PictureFigures } from './without-http.js';

export interface Report {
  readonly machine: { readonly cpu: string; readonly cores: number };
  readonly pictures: PictureFigures & { readonly source: string };
  readonly rounds: number;
  readonly seconds: number;
  readonly quick: boolean;
  /** Models and versions, by side. */
  readonly contenders: Readonly<Record<string, string>>;
  /** Why there is no baseline, if there is none. */
  readonly withoutBaseline: string | null;
  readonly figures: readonly Figures[];
  readonly comparisons: readonly Comparison[];
  /** Of `kaiyan bench`, without HTTP: the mean of one measurement a round. */
  readonly endToEndPicturesPerSecond: number;
  readonly shares: readonly ShareOfIdeal[];
}

export function inWords(report: Report): string {
  return [heading(report), load(report), comparison(report), ideal(report), ...(report.quick ? [QUICK] : [])].join(
    '\n\n',
  );
}

const QUICK = 'Quick: a rough measurement. Without --quick the figures are steadier.';

/** Of the machine, used by other programs. */
const NOTABLE_SHARE = 0.05;

function heading({ machine, pictures, rounds, seconds, contenders, figures }: Report): string {
  const othersShare = Math.max(...figures.map((row) => row.othersShare));
  return [
    `${machine.cpu}, ${machine.cores} cores; ${pictures.count} pictures of ${pictures.source}, on average ${(pictures.meanPixels / 1e6).toFixed(2)} megapixels and ${Math.round(pictures.meanBytes / 1e3)} kB`,
    `Closed-loop load, each server started anew for each measurement; ${rounds} × ${seconds} s`,
    ...Object.entries(contenders).map(([side, words]) => `${side}: ${words}`),
    ...(othersShare > NOTABLE_SHARE
      ? [`Other programs used up to ${percent(othersShare)} of the machine: only CPU times are worth comparing.`]
      : []),
  ]
    .map(visible)
    .join('\n');
}

function load({ figures }: Report): string {
  const header = ['', 'CLIENTS', 'PICTURES/S', 'P50', 'P99', 'SERVER CPU', 'CLIENT CPU', 'OTHERS', 'ERRORS'];
  const rows = figures.map((row) => [
    `  ${row.side}`,
    String(row.clients),
    row.picturesPerSecond.toFixed(1),
    ms(row.p50Ms),
    ms(row.p99Ms),
    ms(row.serverCpuMsPerPicture),
    ms(row.clientCpuMsPerPicture),
    percent(row.othersShare),
    errors(row),
  ]);
  return section('Under load (CPU time a picture; others: of the machine, used by other programs)', header, rows);
}

function errors({ errors: counts }: Figures): string {
  const list = Object.entries(counts).map(([reason, times]) => `${times} × ${reason}`);
  return list.length > 0 ? list.join(', ') : '0';
}

function comparison({ comparisons, withoutBaseline }: Report): string {
  if (withoutBaseline !== null) return `Without the baseline: ${withoutBaseline}`;
  const rows = comparisons.map(({ clients, speed, p99, cpu }) => [
    String(clients),
    `${speed.value.toFixed(2)} ×`,
    verdict(speed, (bound) => `${bound} ×`),
    `${p99.value.toFixed(3)} ×`,
    verdict(p99, (bound) => `${bound} ×`),
    `${cpu.value.toFixed(3)} ×`,
  ]);
  return section('Kaiyan / baseline', ['CLIENTS', 'PICTURES/S', '', 'P99', '', 'SERVER CPU'], rows);
}

function ideal({ endToEndPicturesPerSecond: endToEnd, shares, figures, machine }: Report): string {
  const rows = shares.map(({ clients, expectedPicturesPerSecond: expected, share }) => {
    const ours = figures.find((row) => row.side === 'kaiyan' && row.clients === clients);
    return [
      String(clients),
      (ours?.clientCpuShare ?? Number.NaN).toFixed(3),
      expected.toFixed(1),
      (ours?.picturesPerSecond ?? Number.NaN).toFixed(1),
      percent(share.value),
      verdict(share, percent),
    ];
  });
  const title = [
    `What HTTP leaves of kaiyan bench (end to end ${endToEnd.toFixed(1)} pictures/s without HTTP)`,
    `expected = end to end × (cores − client CPU share) / cores, with ${machine.cores} cores`,
    'client CPU share = CPU seconds of the clients in a second',
  ].join('\n');
  return section(title, ['CLIENTS', 'CLIENT CPU SHARE', 'EXPECTED', 'MEASURED', 'SHARE', ''], rows);
}

function verdict(aim: Aim, inUnits: (bound: number) => string): string {
  const { atLeast, atMost } = aim;
  if (atLeast === undefined && atMost === undefined) return '';
  const bound = atLeast === undefined ? `at most ${inUnits(atMost as number)}` : `at least ${inUnits(atLeast)}`;
  return `${isReached(aim) ? 'ok' : 'below'} (aim: ${bound})`;
}

/** Numbers stand under each other: every column is as wide as its widest cell. */
function section(title: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, i) => Math.max(name.length, ...rows.map((row) => (row[i] ?? '').length)));
  const isNumber = (i: number) => rows.every((row) => /^[\d.N]/.test(row[i] ?? ''));
  const aligned = [header, ...rows].map((row) =>
    row.map((cell, i) => (isNumber(i) && i < header.length - 1 ? cell.padStart(widths[i] as number) : cell)),
  );
  return `${title}\n${table(aligned)}`;
}

const ms = (value: number) => `${value.toFixed(value < 100 ? 2 : 0)} ms`;
