/** One picture, and what each model says of it. */
import { X } from 'lucide-react';
import { useId } from 'react';
import type { Comparison } from '../../api/types.ts';
import { AnswerSentence } from '../../components/answer.tsx';
import { IconButton } from '../../components/button.tsx';
import { milliseconds } from '../../components/format.ts';
import { Predictions } from '../../components/predictions.tsx';
import { Problem } from '../../components/problem.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { type Picture, removePicture } from '../../pictures/collection.ts';
import { PictureImage } from '../../pictures/picture-image.tsx';
import { type Choice, nameOf } from './choice.ts';
import styles from './compare.module.css';
import { compareMessages } from './compare-messages.ts';
import { Named } from './named.tsx';

interface ComparedPictureProps {
  readonly picture: Picture;
  readonly choices: readonly Choice[];
  /** Undefined until there are answers. */
  readonly compared: Extract<Comparison['pictures'][number], { readonly agreed: boolean }> | undefined;
  readonly waiting: boolean;
  /** Why there are none, if it is the picture's fault. */
  readonly error: Error | null;
}

export function ComparedPicture({ picture, choices, compared, waiting, error }: ComparedPictureProps) {
  const say = useWords(compareMessages);
  const id = useId();
  const { name } = picture.file;
  return (
    <article className={styles.row} aria-labelledby={id}>
      <div className={styles.picture}>
        <PictureImage key={picture.id} picture={picture} alt="" className={styles.image} />
        <div className={styles.caption}>
          <h2 id={id} className={styles.fileName}>
            {name}
          </h2>
          <IconButton icon={X} label={say('remove', { name })} onClick={() => removePicture(picture.id)} />
        </div>
        {compared && (
          <p className={styles.verdict} data-agreed={compared.agreed}>
            {say(compared.agreed ? 'agree' : 'disagree')}
          </p>
        )}
      </div>
      {error && <Problem error={error} />}
      {!error && (compared || waiting) && (
        <ul className={styles.answers}>
          {choices.map((choice, at) => {
            const answer = compared?.answers[at];
            return (
              <li key={nameOf(choice)} className={styles.answer}>
                <h3 className={styles.answerHead}>
                  <Named choice={choice} at={at} />
                </h3>
                {answer ? (
                  <>
                    <AnswerSentence {...answer} />
                    <Predictions predictions={answer.predictions} />
                    <p className={styles.quiet}>{milliseconds(answer.timing.inferenceMs)}</p>
                  </>
                ) : (
                  <p className={styles.quiet}>{say('waiting')}</p>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </article>
  );
}
