/** All six steps on paper, with room for notes. */
import { AnswerSentence } from '../../components/answer.tsx';
import { Predictions } from '../../components/predictions.tsx';
import { usePercent } from '../../components/use-percent.ts';
import { HeatPicture } from '../../explanation/heat-picture.tsx';
import { useWords } from '../../i18n/i18n.ts';
import styles from './handout.module.css';
import { tourMessages } from './messages.ts';
import type { Shown } from './shown.ts';
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
        <section key={name} className={styles.step}>
          <h2>
            {i + 1}. {say(`${name}Title`)}
          </h2>
          <p>{textOf(name)}</p>
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
          {name === 'limits' && (
            <div className={styles.cards}>
              <Cards />
            </div>
          )}
          <p className={styles.question}>
            <strong>{say('discuss')}:</strong> {say(`${name}Question`)}
          </p>
          <div className={styles.notes}>{say('notes')}</div>
        </section>
      ))}
    </div>
  );
}
