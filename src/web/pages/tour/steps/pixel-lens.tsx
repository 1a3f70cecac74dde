/** Zooms in to the pixels of a picture, until one can read their numbers. */
import { ZoomIn } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, useEffect, useId, useRef, useState } from 'react';
import { Button } from '../../../components/button.tsx';
import { Range } from '../../../components/range.tsx';
import { usePercent } from '../../../components/use-percent.ts';
import { useWords } from '../../../i18n/i18n.ts';
import { tourMessages } from '../messages.ts';
import { FEWEST_PIXELS, regionOf } from '../region.ts';
import { DRAWN, drawPixels } from './draw-pixels.ts';
import styles from './pixel-lens.module.css';

const ARROWS: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function PixelLens({ bitmap }: { readonly bitmap: ImageBitmap }) {
  const say = useWords(tourMessages);
  const percent = usePercent();
  const help = useId();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [zoom, setZoom] = useState(0);
  const [middle, setMiddle] = useState({ x: 0.5, y: 0.5 });
  const [colour, setColour] = useState<readonly number[]>([0, 0, 0]);
  const [grabbed, setGrabbed] = useState<{ x: number; y: number }>();
  const region = regionOf(bitmap, middle, zoom);
  const { x, y, side } = region;

  useEffect(() => {
    if (canvas.current) setColour(drawPixels(canvas.current, bitmap, { x, y, side }));
  }, [bitmap, x, y, side]);

  /** By shares of what is to be seen. */
  const move = (right: number, down: number) =>
    setMiddle({
      x: within((x + side / 2 + right * side) / bitmap.width),
      y: within((y + side / 2 + down * side) / bitmap.height),
    });
  const drag = (event: PointerEvent<HTMLElement>) => {
    if (!grabbed) return;
    const { width, height } = event.currentTarget.getBoundingClientRect();
    const [right, down] = [(grabbed.x - event.clientX) / width, (grabbed.y - event.clientY) / height];
    // Less than a pixel is kept for the next move.
    if (Math.max(Math.abs(right), Math.abs(down)) * side < 1) return;
    move(right, down);
    setGrabbed({ x: event.clientX, y: event.clientY });
  };
  const press = (event: KeyboardEvent) => {
    const by = ARROWS[event.key];
    if (!by) return;
    event.preventDefault();
    const step = Math.max(1 / side, 1 / FEWEST_PIXELS);
    move(by[0] * step, by[1] * step);
  };
  const [red, green, blue] = colour;
  return (
    <div className={styles.lens}>
      <div className={styles.view}>
        <canvas ref={canvas} width={DRAWN} height={DRAWN} className={styles.pixels} />
        <button
          type="button"
          className={styles.touch}
          aria-label={say('lensLabel')}
          aria-describedby={help}
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            setGrabbed({ x: event.clientX, y: event.clientY });
          }}
          onPointerMove={drag}
          onPointerUp={() => setGrabbed(undefined)}
          onPointerCancel={() => setGrabbed(undefined)}
          onKeyDown={press}
        />
      </div>
      <div className={styles.controls}>
        <Range
          label={say('zoom')}
          value={zoom}
          {...{ min: 0, max: 1, step: 0.01 }}
          shown={percent(zoom, 0)}
          onChange={setZoom}
        />
        <Button icon={ZoomIn} onClick={() => setZoom(1)}>
          {say('zoomAll')}
        </Button>
        <p className={styles.colour}>
          <span className={styles.sample} aria-hidden="true" style={{ background: `rgb(${red} ${green} ${blue})` }} />
          {say('middle', { red: red ?? 0, green: green ?? 0, blue: blue ?? 0 })}
        </p>
        <p id={help} className={styles.help}>
          {say('lensHelp')}
        </p>
      </div>
    </div>
  );
}

const within = (share: number) => Math.min(1, Math.max(0, share));
