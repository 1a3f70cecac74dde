/** The most probable classes as bars; `onPick` makes them a choice of one. */
import { useWords } from '../i18n/i18n.ts';
import { answerMessages } from './answer-messages.ts';
import { percent } from './format.ts';
import styles from './predictions.module.css';

export interface Bar {
  readonly index: number;
  readonly label: string;
  /** 0..1 */
  readonly probability: number;
}

interface PredictionsProps {
  readonly predictions: readonly Bar[];
  readonly picked?: number | undefined;
  readonly onPick?: (index: number) => void;
}

export function Predictions({ predictions, picked, onPick }: PredictionsProps) {
  const say = useWords(answerMessages);
  return (
    <ol className={styles.predictions} aria-label={say('predictions')}>
      {predictions.map((prediction) => (
        <li key={prediction.index}>
          {onPick ? (
            <button
              type="button"
              className={styles.row}
              aria-pressed={prediction.index === picked}
              onClick={() => onPick(prediction.index)}
            >
              <Row {...prediction} />
            </button>
          ) : (
            <div className={styles.row}>
              <Row {...prediction} />
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}

function Row({ label, probability }: Bar) {
  return (
    <>
      <span className={styles.label}>{label}</span> <span className={styles.share}>{percent(probability)}</span>
      <span className={styles.track} aria-hidden="true">
        <span className={styles.bar} style={{ inlineSize: `${probability * 100}%` }} />
      </span>
    </>
  );
}
