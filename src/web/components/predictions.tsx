/** The most probable classes as bars; `onPick` makes them a choice of one. */
import { useWords } from '../i18n/i18n.ts';
import { answerMessages } from './answer-messages.ts';
import styles from './predictions.module.css';
import { ShareRow } from './share-row.tsx';
import { usePercent } from './use-percent.ts';

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
              className={styles.choice}
              aria-pressed={prediction.index === picked}
              onClick={() => onPick(prediction.index)}
            >
              <Row {...prediction} />
            </button>
          ) : (
            <Row {...prediction} />
          )}
        </li>
      ))}
    </ol>
  );
}

function Row({ label, probability }: Bar) {
  const percent = usePercent();
  return <ShareRow label={label} figure={percent(probability)} share={probability} />;
}
