/** The state of a job in a word and a sign, and how far it is. */
import { CircleAlert, CircleCheck, CircleSlash, Clock, Loader, type LucideIcon } from 'lucide-react';
import type { Job } from '../../api/types.ts';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { duration } from '../../components/times.ts';
import { useWords } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { hasEnded } from './following.ts';
import styles from './job-state.module.css';
import { batchMessages } from './messages.ts';

const SIGNS: Readonly<Record<Job['state'], LucideIcon>> = {
  pending: Clock,
  in_progress: Loader,
  completed: CircleCheck,
  failed: CircleAlert,
  canceled: CircleSlash,
};

export function StateOfJob({ state }: Pick<Job, 'state'>) {
  const say = useWords(batchMessages);
  const Sign = SIGNS[state];
  return (
    <span className={styles.state} data-state={state}>
      <Sign aria-hidden="true" />
      {say(state)}
    </span>
  );
}

export function ProgressOfJob({ job }: { readonly job: Job }) {
  const say = useWords(batchMessages);
  const { language } = usePreferences();
  const { total, answered, failed } = job.counts;
  const parts = [
    say('doneOf', { done: answered + failed, total }),
    failed > 0 && say('failedCount', { count: failed }),
    !hasEnded(job) && job.secondsLeft !== null && say('left', { time: duration(job.secondsLeft, language) }),
  ];
  return (
    <div className={styles.progress}>
      <ProgressBar
        label={say('progress')}
        share={total > 0 ? (answered + failed) / total : 0}
        failed={total > 0 ? failed / total : 0}
      />
      <p className={styles.numbers}>{parts.filter(Boolean).join(' · ')}</p>
    </div>
  );
}
