/** What is to be seen and done in each of the six steps. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { classify } from '../../../api/classify.ts';
import type { Classification } from '../../../api/types.ts';
import { AnswerSentence } from '../../../components/answer.tsx';
import { Predictions } from '../../../components/predictions.tsx';
import { Problem } from '../../../components/problem.tsx';
import { Segmented } from '../../../components/segmented.tsx';
import { ClassSearch } from '../../../explanation/class-search.tsx';
import { pngOf } from '../../../explanation/draw.ts';
import { GivenWindow } from '../../../explanation/given-window.tsx';
import { HeatLegend } from '../../../explanation/heat-legend.tsx';
import { HeatPicture } from '../../../explanation/heat-picture.tsx';
import { explanationMessages } from '../../../explanation/messages.ts';
import { useSeen } from '../../../explanation/use-seen.ts';
import { Workbench } from '../../../explanation/workbench.tsx';
import { useWords } from '../../../i18n/i18n.ts';
import { usePreferences } from '../../../preferences/preferences.ts';
import { tourMessages } from '../messages.ts';
import type { Shown } from '../shown.ts';
import { drawNothing, type Nothing } from './nothing.ts';
import { PixelLens } from './pixel-lens.tsx';
import styles from './steps.module.css';

const SHOWN = 5;

export const NumbersStep = ({ bitmap }: Shown) => <PixelLens bitmap={bitmap} />;

export function GivenStep({ picture, bitmap, explanation, lens }: Shown) {
  const say = useWords(tourMessages);
  const sayGiven = useWords(explanationMessages);
  const { width, height } = lens.window;
  return (
    <div className={styles.beside}>
      <HeatPicture
        picture={picture}
        alt={say('picture', { name: picture.file.name })}
        explanation={explanation}
        opacity={0}
      />
      <figure className={styles.given}>
        <GivenWindow bitmap={bitmap} lens={lens} label={sayGiven('enlarged')} large />
        <div className={styles.small}>
          <GivenWindow bitmap={bitmap} lens={lens} label={sayGiven('given', { width, height })} />
          <figcaption>{sayGiven('given', { width, height })}</figcaption>
        </div>
      </figure>
    </div>
  );
}

type Subject = 'picture' | Nothing;

export function AnswerStep({ picture, answer, explanation }: Shown) {
  const say = useWords(tourMessages);
  const [subject, setSubject] = useState<Subject>('picture');
  return (
    <div className={styles.stack}>
      <Segmented
        label={say('showIt')}
        labelShown
        value={subject}
        options={[
          { value: 'picture', label: say('showPicture') },
          { value: 'noise', label: say('showNoise') },
          { value: 'grey', label: say('showGrey') },
        ]}
        onChange={setSubject}
      />
      {subject === 'picture' ? (
        <div className={styles.beside}>
          <HeatPicture
            picture={picture}
            alt={say('picture', { name: picture.file.name })}
            explanation={explanation}
            opacity={0}
          />
          <Answer answer={answer} />
        </div>
      ) : (
        <NothingAnswered key={subject} nothing={subject} />
      )}
    </div>
  );
}

function Answer({ answer }: { readonly answer: Classification }) {
  return (
    <div className={styles.stack}>
      <div role="status">
        <AnswerSentence {...answer} />
      </div>
      <Predictions predictions={answer.predictions.slice(0, SHOWN)} />
    </div>
  );
}

function NothingAnswered({ nothing }: { readonly nothing: Nothing }) {
  const say = useWords(tourMessages);
  const { language, threshold, key } = usePreferences();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current) drawNothing(canvas.current, nothing);
  }, [nothing]);
  const { data, error, refetch } = useQuery({
    queryKey: ['nothing', nothing, language, threshold, key],
    queryFn: async ({ signal }) => {
      const drawn = document.createElement('canvas');
      drawNothing(drawn, nothing);
      return classify(await pngOf(drawn), { signal, top: SHOWN });
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <div className={styles.beside}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={say(nothing === 'noise' ? 'showNoise' : 'showGrey')}
        className={styles.nothing}
      />
      {data && <Answer answer={data} />}
      {error && <Problem error={error} onRetry={() => void refetch()} />}
    </div>
  );
}

const HEAT = 0.85;

export function HeatStep({ picture, answer }: Shown) {
  const say = useWords(tourMessages);
  const [picked, setPicked] = useState<number>();
  const { explanation, error, retry } = useSeen(picture, picked);
  return (
    <div className={styles.beside}>
      <HeatPicture
        picture={picture}
        alt={say('picture', { name: picture.file.name })}
        explanation={explanation}
        opacity={HEAT}
      />
      <div className={styles.stack}>
        {error && <Problem error={error} onRetry={retry} />}
        <Predictions
          predictions={answer.predictions.slice(0, SHOWN)}
          picked={explanation?.class.index}
          onPick={setPicked}
        />
        <HeatLegend />
        <ClassSearch answer={answer} picked={explanation?.class.index} onPick={setPicked} />
      </div>
    </div>
  );
}

export const CoverStep = ({ bitmap, lens, answer, explanation }: Shown) => (
  <Workbench bitmap={bitmap} lens={lens} answer={answer} explanation={explanation} simple />
);

export function LimitsStep({ answer }: Shown) {
  const say = useWords(tourMessages);
  return (
    <div className={styles.limits}>
      <ClassSearch answer={answer} label={say('knows')} />
      <Cards />
    </div>
  );
}

export function Cards() {
  const say = useWords(tourMessages);
  const cards = [
    [say('cannot'), [say('cannot1'), say('cannot2'), say('cannot3'), say('cannot4')]],
    [say('people'), [say('people1'), say('people2'), say('people3'), say('people4')]],
  ] as const;
  return cards.map(([title, lines]) => (
    <section key={title} className={styles.card}>
      <h3>{title}</h3>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  ));
}
