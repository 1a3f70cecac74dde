/** All six steps on paper, two on a sheet, with room for notes. */
import { useEffect, useRef } from 'react';
import { AnswerSentence } from '../../components/answer.tsx';
import { Predictions } from '../../components/predictions.tsx';
import { usePercent } from '../../components/use-percent.ts';
import { HeatPicture } from '../../explanation/heat-picture.tsx';
import { useWords } from '../../i18n/i18n.ts';
import styles from './handout.module.css';
import { tourMessages } from './messages.ts';
import type { Shown } from './shown.ts';
import { DRAWN, drawPixels } from './steps/draw-pixels.ts';
import { Cards } from './steps/steps.tsx';
import { STEPS } from './tour-steps.ts';
import { useStepText } from './use-step-text.ts';

const SHOWN = 5;

export function Handout({ shown }: { readonly shown: Shown }) {
  const say = useWords(tourMessages);
  const percent = usePercent();
  const textOf = useStepText(shown);
  const { picture, answer, explanation } = shown;
  const alt = say('picture', { name: picture.file.name });
  const drawn = (opacity: number) => <HeatPicture {...{ picture, alt, explanation, opacity }} />;
  return (
    <div className={styles.handout}>
      <p className={styles.title}>{say('title')}</p>
      {STEPS.map(({ name }, i) => (
        <section key={name} className={styles.step} data-last={i % 2 === 1}>
          <h2>
            {i + 1}. {say(`${name}Title`)}
          </h2>
          <div className={styles.told}>
            <div className={styles.words}>
              <p>{textOf(name)}</p>
              <p className={styles.question}>
                <strong>{say('discuss')}:</strong> {say(`${name}Question`)}
              </p>
            </div>
            {name === 'numbers' && (
              <figure className={styles.picture}>
                <Pixels bitmap={shown.bitmap} />
                <figcaption>{say('fewPixels', { count: sideOf(shown.bitmap) ** 2 })}</figcaption>
              </figure>
            )}
            {name === 'given' && <div className={styles.picture}>{drawn(0)}</div>}
            {name === 'answer' && (
              <div className={styles.answer}>
                <AnswerSentence {...answer} />
                <Predictions predictions={answer.predictions.slice(0, SHOWN)} />
              </div>
            )}
            {name === 'heat' && (
              <figure className={styles.picture}>
                {drawn(0.85)}
                <figcaption>
                  {explanation.class.label} {percent(explanation.class.probability)}
                </figcaption>
              </figure>
            )}
          </div>
          {name === 'limits' && (
            <div className={styles.cards}>
              <Cards />
            </div>
          )}
          <div className={styles.notes}>{say('notes')}</div>
        </section>
      ))}
    </div>
  );
}

/** Few enough for their numbers to be read on paper. */
const FEW_PIXELS = 5;

/** Pixels of the square in the middle of the picture, or all there are. */
const sideOf = ({ width, height }: ImageBitmap): number => Math.min(FEW_PIXELS, width, height);

function Pixels({ bitmap }: Pick<Shown, 'bitmap'>) {
  const say = useWords(tourMessages);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current) return;
    const side = sideOf(bitmap);
    const begin = (length: number) => Math.floor((length - side) / 2);
    drawPixels(canvas.current, bitmap, { x: begin(bitmap.width), y: begin(bitmap.height), side });
  }, [bitmap]);
  return (
    <canvas
      ref={canvas}
      width={DRAWN}
      height={DRAWN}
      className={styles.pixels}
      role="img"
      aria-label={say('lensLabel')}
    />
  );
}
