/** One picture, where the network looked in it, and the bench on which it can be changed. */
import { useState } from 'react';
import type { Classification, Explanation } from '../../api/types.ts';
import { AnswerSentence } from '../../components/answer.tsx';
import { Predictions } from '../../components/predictions.tsx';
import { Problem } from '../../components/problem.tsx';
import { Range } from '../../components/range.tsx';
import { usePercent } from '../../components/use-percent.ts';
import { ClassSearch } from '../../explanation/class-search.tsx';
import { HeatLegend } from '../../explanation/heat-legend.tsx';
import { HeatPicture } from '../../explanation/heat-picture.tsx';
import { explanationMessages } from '../../explanation/messages.ts';
import { type Seen, useBitmap, useSeen } from '../../explanation/use-seen.ts';
import { Workbench } from '../../explanation/workbench.tsx';
import { useWords } from '../../i18n/i18n.ts';
import type { Picture } from '../../pictures/collection.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { seeMessages } from './messages.ts';
import styles from './seeing.module.css';

export function Seeing({ picture }: { readonly picture: Picture }) {
  const say = useWords(seeMessages);
  const percent = usePercent();
  const [picked, setPicked] = useState<number>();
  const [opacity, setOpacity] = useState(0.8);
  const seen = useSeen(picture, picked);
  const { answer, explanation, error, retry } = seen;
  const { name } = picture.file;
  return (
    <>
      <section className={styles.where} aria-labelledby="where">
        <h2 id="where" className="visually-hidden">
          {say('where')}
        </h2>
        <figure className={styles.stage}>
          <HeatPicture
            picture={picture}
            alt={explanation ? say('heatAlt', { name, label: explanation.class.label }) : say('pictureAlt', { name })}
            explanation={explanation}
            opacity={opacity}
          />
          {explanation && (
            <figcaption className={styles.caption}>
              <Meaning explanation={explanation} />
            </figcaption>
          )}
        </figure>
        <div className={styles.panel}>
          <div role="status">{answer ? <AnswerSentence {...answer} /> : !error && <p>{say('looking')}</p>}</div>
          {error && <Problem error={error} onRetry={retry} />}
          {answer && <Classes answer={answer} picked={explanation?.class.index} onPick={setPicked} />}
          {explanation && (
            <div>
              <Range
                label={say('strength')}
                value={opacity}
                {...{ min: 0, max: 1, step: 0.05 }}
                shown={percent(opacity, 0)}
                onChange={setOpacity}
              />
              <HeatLegend />
            </div>
          )}
        </div>
      </section>
      <Bench picture={picture} seen={seen} />
    </>
  );
}

interface ClassesProps {
  readonly answer: Classification;
  readonly picked: number | undefined;
  readonly onPick: (index: number) => void;
}

function Classes({ answer, picked, onPick }: ClassesProps) {
  const say = useWords(seeMessages);
  const { top } = usePreferences();
  return (
    <div className={styles.classes}>
      <h3>{say('pick')}</h3>
      <Predictions predictions={answer.predictions.slice(0, top)} picked={picked} onPick={onPick} />
      <ClassSearch answer={answer} picked={picked} onPick={onPick} />
    </div>
  );
}

/** From so little on, heat is told to mean little. */
const IMPROBABLE = 0.01;

function Meaning({ explanation: { class: shown, grid, exact, crop, picture } }: { readonly explanation: Explanation }) {
  const say = useWords(seeMessages);
  const percent = usePercent();
  const words = { label: shown.label, share: percent(shown.probability) };
  const speaks = Math.max(...grid.values) > 0;
  const cells = grid.rows * grid.columns;
  const isCut = crop.width < picture.width || crop.height < picture.height;
  return (
    <>
      <p role="status" className={styles.shows}>
        {say(speaks ? (shown.probability < IMPROBABLE ? 'improbable' : 'shows') : 'nothing', words)}
      </p>
      <p>
        <strong className={styles.kind}>{say(exact ? 'exact' : 'approximate')}</strong>{' '}
        {say(exact ? 'exactWhy' : 'approximateWhy', { cells })} {isCut && say('outside')}
      </p>
    </>
  );
}

function Bench({ picture, seen: { answer, explanation, lens } }: { readonly picture: Picture; readonly seen: Seen }) {
  const say = useWords(seeMessages);
  const sayBench = useWords(explanationMessages);
  const bitmap = useBitmap(picture);
  if (!answer || !explanation || !lens) return null;
  return (
    <section className={styles.bench} aria-labelledby="bench">
      <div>
        <h2 id="bench">{say('change')}</h2>
        <p className={styles.intro}>{say('changeIntro')}</p>
      </div>
      {bitmap ? (
        <Workbench bitmap={bitmap} lens={lens} answer={answer} explanation={explanation} />
      ) : (
        <p className={styles.intro}>{sayBench(bitmap === null ? 'cannotDraw' : 'preparing')}</p>
      )}
    </section>
  );
}
