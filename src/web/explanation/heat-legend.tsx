/** What the colours of heat mean. */
import { useEffect, useRef } from 'react';
import { useWords } from '../i18n/i18n.ts';
import { heatColour } from './colour-map.ts';
import styles from './heat-legend.module.css';
import { explanationMessages } from './messages.ts';

const STEPS = 128;

export function HeatLegend() {
  const say = useWords(explanationMessages);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const pixels = new Uint8ClampedArray(STEPS * 4);
    for (let i = 0; i < STEPS; i++) pixels.set(heatColour(i / (STEPS - 1)), i * 4);
    canvas.current?.getContext('2d')?.putImageData(new ImageData(pixels, STEPS, 1), 0, 0);
  }, []);
  return (
    <div className={styles.legend}>
      <span>{say('cold')}</span>
      <canvas ref={canvas} width={STEPS} height={1} className={styles.scale} />
      <span>{say('hot')}</span>
    </div>
  );
}
