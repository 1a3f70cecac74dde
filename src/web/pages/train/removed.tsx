/** What was deleted last can be had back as long as it says so here; it stays in view. */
import { Undo2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { datasetMessages } from './dataset-messages.ts';
import { undoRemoval, useRemovals } from './removal.ts';
import styles from './removed.module.css';

interface RemovedProps {
  readonly dataset: string;
  /** What else is to be said there. */
  readonly children?: ReactNode;
}

export function Removed({ dataset, children }: RemovedProps) {
  const say = useWords(datasetMessages);
  const notice = useNotice();
  const { undoable } = useRemovals();
  const count = undoable?.dataset === dataset ? undoable.pictures.length : 0;
  return (
    <div className={styles.notes}>
      <div role="status">
        {count > 0 && (
          <div className={styles.removed}>
            <p>{say('removed', { count })}</p>
            <Button
              look="quiet"
              icon={Undo2}
              onClick={() => {
                undoRemoval();
                notice(say('undone'));
              }}
            >
              {say('undo')}
            </Button>
          </div>
        )}
      </div>
      {children}
    </div>
  );
}
