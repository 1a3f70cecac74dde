/** The pixels that a network reckons with, at their real size, or larger. */
import { useEffect, useRef } from 'react';
import { drawSent, drawWindow, subjectOf } from './draw.ts';
import { UNTOUCHED } from './edits.ts';
import styles from './given-window.module.css';
import type { Lens } from './lens.ts';

interface GivenWindowProps {
  readonly bitmap: ImageBitmap;
  readonly lens: Lens;
  readonly label: string;
  readonly large?: boolean;
}

export function GivenWindow({ bitmap, lens, label, large = false }: GivenWindowProps) {
  const shown = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!shown.current) return;
    const sent = document.createElement('canvas');
    drawSent(sent, subjectOf(bitmap, lens), lens, UNTOUCHED);
    drawWindow(shown.current, sent, lens);
  }, [bitmap, lens]);
  const { width, height } = lens.window;
  return (
    <canvas
      ref={shown}
      role="img"
      aria-label={label}
      className={large ? styles.large : styles.real}
      style={large ? {} : { inlineSize: width, blockSize: height }}
    />
  );
}
