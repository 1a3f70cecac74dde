/** One picture with its answer, and, when the answer was read, with its heat. */
import { useEffect, useState } from 'react';
import { AnswerSentence } from '../../components/answer.tsx';
import { Predictions } from '../../components/predictions.tsx';
import { Problem } from '../../components/problem.tsx';
import { HeatPicture } from '../../explanation/heat-picture.tsx';
import { useSeen } from '../../explanation/use-seen.ts';
import { useWords } from '../../i18n/i18n.ts';
import type { Picture } from '../../pictures/collection.ts';
import { exhibitionMessages } from './messages.ts';
import styles from './showing.module.css';

const HEAT_AFTER_MS = 1200;
const MOST = 3;

export function Showing({ picture }: { readonly picture: Picture }) {
  const say = useWords(exhibitionMessages);
  const { answer, explanation, error, retry } = useSeen(picture);
  const [heated, setHeated] = useState(false);
  const isSeen = explanation !== undefined;
  useEffect(() => {
    if (!isSeen) return;
    const timer = setTimeout(() => setHeated(true), HEAT_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isSeen]);
  return (
    <div className={styles.showing}>
      <div className={styles.picture}>
        <HeatPicture
          picture={picture}
          alt={explanation ? say('picture', { label: explanation.class.label }) : say('plainPicture')}
          explanation={explanation}
          opacity={heated ? 0.85 : 0}
        />
      </div>
      <div className={styles.answer}>
        <div role="status" className={styles.sentence}>
          {answer ? <AnswerSentence {...answer} /> : !error && <p>{say('looking')}</p>}
        </div>
        {error && <Problem error={error} onRetry={retry} />}
        {answer && <Predictions predictions={answer.predictions.slice(0, MOST)} />}
        {explanation && <p className={styles.where}>{say('where')}</p>}
      </div>
    </div>
  );
}
