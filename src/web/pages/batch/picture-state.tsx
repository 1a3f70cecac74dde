/** The state of a picture of a job, in a word and a sign. */
import { CircleAlert, CircleCheck, CircleSlash, Clock, type LucideIcon } from 'lucide-react';
import { useWords } from '../../i18n/i18n.ts';
import { batchMessages } from './messages.ts';
import styles from './picture-state.module.css';
import type { State } from './rows.ts';

const SIGNS: Readonly<Record<State, LucideIcon>> = {
  waiting: Clock,
  answered: CircleCheck,
  failed: CircleAlert,
  canceled: CircleSlash,
};

export function StateOfPicture({ state }: { readonly state: State }) {
  const say = useWords(batchMessages);
  const Sign = SIGNS[state];
  return (
    <span className={styles.state} data-state={state}>
      <Sign aria-hidden="true" />
      {say(state)}
    </span>
  );
}
