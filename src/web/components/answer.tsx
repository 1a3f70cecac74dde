/** An answer as people read it: the honest sentence first. */
import type { Classification } from '../api/types.ts';
import { useWords } from '../i18n/i18n.ts';
import styles from './answer.module.css';
import { answerMessages } from './answer-messages.ts';
import { usePercent } from './use-percent.ts';

/** Characters of a name that would fill a card by itself. */
const LONG = 40;

export type AnswerInWords = Pick<Classification, 'answer' | 'predictions'>;

/** "Probably dog 91.2 %", and below it "perhaps Norwegian elkhound 42.0 %". */
export function AnswerSentence({ answer, predictions }: AnswerInWords) {
  const say = useWords(answerMessages);
  const percent = usePercent();
  const [best] = predictions;
  return (
    <div className={styles.sentence}>
      <p className={styles.said} data-long={(answer.label ?? '').length > LONG || undefined}>
        {say(answer.level, { label: answer.label ?? '' })}{' '}
        {answer.level !== 'unsure' && <span className={styles.share}>{percent(answer.probability)}</span>}
      </p>
      {answer.level !== 'class' && best && (
        <p className={styles.perhaps}>
          {say('perhaps', { label: best.label })} <span className={styles.share}>{percent(best.probability)}</span>
        </p>
      )}
    </div>
  );
}

/** The same on one line, for a list or a caption. */
export function ShortAnswer({ answer, predictions }: AnswerInWords) {
  const say = useWords(answerMessages);
  const percent = usePercent();
  const label = answer.level === 'unsure' ? say('unsure') : answer.label;
  const probability = answer.level === 'unsure' ? predictions[0]?.probability : answer.probability;
  return (
    <span>
      {label} {answer.level !== 'unsure' && probability !== undefined && percent(probability, 0)}
    </span>
  );
}
