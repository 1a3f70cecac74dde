/** Why a model does not answer that has answered before: it may have been removed meanwhile. */
import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { CircleAlert, RotateCw } from 'lucide-react';
import { Button } from '../components/button.tsx';
import styles from '../components/problem.module.css';
import { Problem } from '../components/problem.tsx';
import { useWords } from '../i18n/i18n.ts';
import { explanationMessages } from './messages.ts';
import { isOfNoModel, WHOLE_ANSWER } from './use-seen.ts';

interface AskedProblemProps {
  /** Whatever was thrown. */
  readonly error: unknown;
  readonly onRetry: () => void;
}

/** As `Problem`; where there is no such model any more, with the way to the one that answers now. */
export function AskedProblem({ error, onRetry }: AskedProblemProps) {
  const say = useWords(explanationMessages);
  const queries = useQueryClient();
  const asking = useIsFetching({ queryKey: WHOLE_ANSWER });
  if (!isOfNoModel(error)) return <Problem error={error} onRetry={onRetry} />;
  return (
    <div className={styles.problem} role="alert">
      <CircleAlert aria-hidden="true" className={styles.icon} />
      <div className={styles.words}>
        <h2>{say('modelRemoved')}</h2>
        <p>{say('modelRemovedAdvice')}</p>
        <Button
          look="primary"
          icon={RotateCw}
          waiting={asking > 0}
          onClick={() => void queries.invalidateQueries({ queryKey: WHOLE_ANSWER })}
        >
          {say('askPresent')}
        </Button>
      </div>
    </div>
  );
}
