/** What the camera sees: the steady answer, its bars, and how quick it is. */
import type { RefObject } from 'react';
import { AnswerSentence } from '../components/answer.tsx';
import { answerMessages } from '../components/answer-messages.ts';
import { milliseconds } from '../components/format.ts';
import { Predictions } from '../components/predictions.tsx';
import { Problem } from '../components/problem.tsx';
import { useWords } from '../i18n/i18n.ts';
import { usePreferences } from '../preferences/preferences.ts';
import type { Figures } from './figures.ts';
import styles from './live-answer.module.css';
import { cameraMessages } from './messages.ts';
import { steadyAnswer } from './smoothing.ts';
import { useAnnouncement } from './use-announcement.ts';
import { useRecognition, type Watched } from './use-recognition.ts';

interface LiveAnswerProps {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly side: number;
  readonly watching: Watched;
  /** The active one, if not given. */
  readonly model?: string;
  readonly onRetry: () => void;
}

export function LiveAnswer({ video, side, watching, model, onRetry }: LiveAnswerProps) {
  const say = useWords(cameraMessages);
  const sayAnswer = useWords(answerMessages);
  const { top } = usePreferences();
  const { smoothed, figures, problem } = useRecognition(video, watching, side, model);
  const steady = smoothed && steadyAnswer(smoothed, top);
  const announced = useAnnouncement(steady ? sayAnswer(steady.answer.level, { label: steady.answer.label ?? '' }) : '');
  return (
    <section className={styles.answer} aria-label={say('answer')}>
      {steady ? (
        <>
          <div className={styles.sentence}>
            <AnswerSentence {...steady} />
          </div>
          <Predictions predictions={steady.predictions} />
        </>
      ) : (
        !problem && <p className={styles.looking}>{sayAnswer('looking')}</p>
      )}
      {problem && <Problem error={problem.error} onRetry={onRetry} />}
      <Speed figures={watching === 'live' ? figures : undefined} />
      {/* The answer above changes all the time; this is what is read out of it. */}
      <p className="visually-hidden" role="status">
        {announced}
      </p>
    </section>
  );
}

/** The places are kept while there is nothing to say, so that nothing jumps. */
function Speed({ figures }: { readonly figures: Figures | undefined }) {
  const say = useWords(cameraMessages);
  const rows = [
    ['rate', figures?.framesPerSecond.toFixed(1)],
    ['latency', figures && milliseconds(figures.latencyMs)],
    ['model', figures && milliseconds(figures.modelMs)],
  ] as const;
  return (
    <dl className={styles.speed}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{say(name)}</dt>
          <dd>{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  );
}
