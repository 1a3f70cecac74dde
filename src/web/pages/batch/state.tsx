/** The state of a job, or of a picture of one, in a word and a sign. */
import { CircleAlert, CircleCheck, CircleSlash, Clock, Loader, type LucideIcon } from 'lucide-react';
import type { Job } from '../../api/types.ts';
import { useWords } from '../../i18n/i18n.ts';
import { batchMessages } from './messages.ts';
import type { State as StateOfPicture } from './rows.ts';
import styles from './state.module.css';

type AnyState = Job['state'] | StateOfPicture;

const SIGNS: Readonly<Record<AnyState, LucideIcon>> = {
  pending: Clock,
  in_progress: Loader,
  completed: CircleCheck,
  waiting: Clock,
  answered: CircleCheck,
  failed: CircleAlert,
  canceled: CircleSlash,
};

interface StateProps {
  readonly state: AnyState;
  /** Whether it is one of many, and says little by itself. */
  readonly quiet?: boolean;
}

export function State({ state, quiet = false }: StateProps) {
  const say = useWords(batchMessages);
  const Sign = SIGNS[state];
  return (
    <span className={styles.state} data-state={state} data-quiet={quiet || undefined}>
      <Sign aria-hidden="true" />
      {say(state)}
    </span>
  );
}
