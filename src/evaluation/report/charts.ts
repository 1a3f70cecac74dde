/** Charts as SVG in the page: no scripts, colours of the page. */
import { escapeHtml } from '../../html.js';

export type Point = readonly [x: number, y: number];

export interface Axes {
  /** What is at the left end and at the right one, and at the bottom and the top. */
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly xName: string;
  readonly yName: string;
  /** Values that are marked, and how they are written. */
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
  readonly xText: (value: number) => string;
  readonly yText: (value: number) => string;
}

const WIDTH = 340;
const HEIGHT = 260;
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 10, 26, 42] as const;

export interface Plane {
  readonly at: (point: Point) => Point;
  /** A whole chart; `label` says in words what there is to see. */
  readonly chart: (label: string, content: readonly string[]) => string;
}

export function createPlane(axes: Axes): Plane {
  const scale = (value: number, [from, to]: readonly [number, number]) =>
    to === from ? 0.5 : (value - from) / (to - from);
  const at = ([x, y]: Point): Point => [
    round(LEFT + scale(x, axes.x) * (WIDTH - LEFT - RIGHT)),
    round(HEIGHT - BOTTOM - scale(y, axes.y) * (HEIGHT - TOP - BOTTOM)),
  ];
  const [left, bottom] = at([axes.x[0], axes.y[0]]);
  const [right] = at([axes.x[1], axes.y[0]]);
  const grid = axes.yTicks.map((tick) => {
    const [, y] = at([axes.x[0], tick]);
    return `<path class="axis" d="M${left} ${y}H${right}"/>${text([left - 6, y + 4], axes.yText(tick), 'text-anchor="end"')}`;
  });
  const xMarks = axes.xTicks.map((tick) =>
    text([at([tick, axes.y[0]])[0], bottom + 17], axes.xText(tick), 'text-anchor="middle"'),
  );
  const names = [text([right, bottom + 36], axes.xName, 'text-anchor="end"'), text([0, 12], axes.yName)];

  const chart = (label: string, content: readonly string[]) =>
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(label)}">${[...grid, ...xMarks, ...names, ...content].join('')}</svg>`;
  return { at, chart };
}

export const text = ([x, y]: Point, words: string, attributes = ''): string =>
  `<text x="${x}" y="${y}" ${attributes}>${escapeHtml(words)}</text>`;

/** Points that are not finite part the line. */
export function line(points: readonly Point[], { at }: Plane, className = 'line'): string {
  let isDrawing = false;
  const path = points.map((point) => {
    if (!point.every(Number.isFinite)) {
      isDrawing = false;
      return '';
    }
    const step = `${isDrawing ? 'L' : 'M'}${at(point).join(' ')}`;
    isDrawing = true;
    return step;
  });
  return `<path class="${className}" d="${path.join('')}"/>`;
}

export const dot = (point: Point, { at }: Plane, radius: number): string => {
  const [x, y] = at(point);
  return `<circle class="dot" cx="${x}" cy="${y}" r="${round(radius)}"/>`;
};

const round = (value: number) => Math.round(value * 100) / 100;

/** Round numbers over a range, five or so. */
export function niceTicks(from: number, to: number): number[] {
  const rough = (to - from) / 4 || 1;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((step) => step >= rough) as number;
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor(to / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
