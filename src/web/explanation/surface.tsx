/** The enlarged window, on which people cover, paint and move, with the mouse, a finger or the keyboard. */
import { type CSSProperties, type KeyboardEvent, type PointerEvent, type Ref, useId, useRef, useState } from 'react';
import { useWords } from '../i18n/i18n.ts';
import { covered, type Edits, moved, type Point, strokeBegun, strokeContinued, zoomed } from './edits.ts';
import type { Grid } from './heat.ts';
import { Heat } from './heat-picture.tsx';
import type { Lens } from './lens.ts';
import { explanationMessages } from './messages.ts';
import styles from './surface.module.css';

export type Tool = 'cover' | 'paint' | 'move';

interface SurfaceProps {
  /** What the network is given is drawn here. */
  readonly ref: Ref<HTMLCanvasElement>;
  readonly lens: Lens;
  readonly edits: Edits;
  readonly onEdit: (edit: (edits: Edits) => Edits) => void;
  readonly tool: Tool;
  /** Of the card and of the brush, in sides of the window. */
  readonly size: number;
  readonly onSize: (size: number) => void;
  readonly pixelated: boolean;
  readonly heat: Grid | undefined;
}

const STEP = 1 / 28;
const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -STEP, y: 0 },
  ArrowRight: { x: STEP, y: 0 },
  ArrowUp: { x: 0, y: -STEP },
  ArrowDown: { x: 0, y: STEP },
};
const SIZES: Readonly<Record<string, number>> = { '+': 1, '=': 1, '-': -1, '−': -1 };
export const SMALLEST = 0.05;
export const LARGEST = 0.8;
const MIDDLE: Point = { x: 0.5, y: 0.5 };
const HEAT = 0.75;
/** A brush is finer than a card. */
const BRUSH = 0.4;

export function Surface({ ref, lens, edits, onEdit, tool, size, onSize, pixelated, heat }: SurfaceProps) {
  const say = useWords(explanationMessages);
  const help = useId();
  const [brush, setBrush] = useState(MIDDLE);
  // Moves come faster than they are drawn: each counts from the one before.
  const last = useRef<Point>(undefined);
  const brushWidth = size * BRUSH;

  const begin = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const point = pointOf(event);
    last.current = point;
    setBrush(point);
    if (tool === 'cover') onEdit((known) => covered(known, point, size));
    if (tool === 'paint') onEdit((known) => strokeBegun(known, point, brushWidth));
  };
  const drag = (event: PointerEvent<HTMLElement>) => {
    const point = pointOf(event);
    if (tool === 'paint') setBrush(point);
    const before = last.current;
    if (!before) return;
    last.current = point;
    if (tool === 'cover') onEdit((known) => covered(known, point, size));
    if (tool === 'paint') onEdit((known) => strokeContinued(known, point));
    if (tool === 'move') onEdit((known) => moved(known, point.x - before.x, point.y - before.y));
  };
  const end = () => {
    last.current = undefined;
  };

  const act = (key: string, shifted: boolean): boolean => {
    const by = ARROWS[key];
    if (by) step(by, shifted);
    else if (key in SIZES) grow(SIZES[key] ?? 0);
    else if (key === ' ' || key === 'Enter') dab();
    else if ((key === 'Delete' || key === 'Backspace') && tool === 'cover')
      onEdit((known) => ({ ...known, card: null }));
    else return false;
    return true;
  };
  const step = (by: Point, shifted: boolean) => {
    if (tool === 'move') return onEdit((known) => moved(known, by.x, by.y));
    const from = tool === 'cover' ? (edits.card ?? MIDDLE) : brush;
    const to = { x: within(from.x + by.x), y: within(from.y + by.y) };
    if (tool === 'cover') return onEdit((known) => covered(known, to, size));
    setBrush(to);
    if (shifted) onEdit((known) => strokeContinued(strokeBegun(known, from, brushWidth), to));
  };
  const grow = (by: number) => {
    if (tool === 'move') onEdit((known) => zoomed(known, 1.1 ** by));
    else onSize(Math.min(LARGEST, Math.max(SMALLEST, size + by * SMALLEST)));
  };
  const dab = () => {
    if (tool === 'cover') onEdit((known) => covered(known, known.card ?? MIDDLE, size));
    if (tool === 'paint') onEdit((known) => strokeBegun(known, brush, brushWidth));
  };
  const press = (event: KeyboardEvent) => {
    const { key, shiftKey, ctrlKey, altKey, metaKey } = event;
    if (ctrlKey || altKey || metaKey) return;
    if (act(key, shiftKey)) event.preventDefault();
  };

  const { width, height } = lens.window;
  return (
    <div>
      <div className={styles.surface} style={{ aspectRatio: `${width} / ${height}` }} data-tool={tool}>
        <canvas ref={ref} className={styles.picture} data-pixelated={pixelated} />
        {heat && (
          <div className={styles.heat}>
            <Heat grid={heat} opacity={HEAT} />
          </div>
        )}
        {edits.card && <span className={styles.card} style={placeOf(edits.card, edits.card.size)} />}
        {tool === 'paint' && <span className={styles.brush} style={placeOf(brush, brushWidth)} />}
        <button
          type="button"
          className={styles.touch}
          aria-label={`${say('enlarged')}: ${say(tool)}`}
          aria-describedby={help}
          onPointerDown={begin}
          onPointerMove={drag}
          onPointerUp={end}
          onPointerCancel={end}
          onKeyDown={press}
        />
      </div>
      <p id={help} className={styles.help}>
        {say(`${tool}Help`)} <span>{say(`${tool}Keys`)}</span>
      </p>
    </div>
  );
}

const within = (share: number) => Math.min(1, Math.max(0, share));

function pointOf({ currentTarget, clientX, clientY }: PointerEvent<HTMLElement>): Point {
  const { left, top, width, height } = currentTarget.getBoundingClientRect();
  return { x: within((clientX - left) / width), y: within((clientY - top) / height) };
}

const placeOf = ({ x, y }: Point, size: number): CSSProperties => ({
  left: `${(x - size / 2) * 100}%`,
  top: `${(y - size / 2) * 100}%`,
  width: `${size * 100}%`,
  height: `${size * 100}%`,
});
