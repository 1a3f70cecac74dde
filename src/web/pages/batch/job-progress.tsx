/** How far a job is. */
import type { Job } from '../../api/types.ts';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { duration } from '../../components/times.ts';
import { useWords } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { hasEnded } from './following.ts';
import styles from './job-progress.module.css';
import { batchMessages } from './messages.ts';

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
