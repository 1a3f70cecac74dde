/** How far a job is, and what can be done with it. */
import { Ban, Printer, RotateCcw, Trash2, WifiOff } from 'lucide-react';
import { useState } from 'react';
import { call } from '../../api/call.ts';
import type { Job } from '../../api/types.ts';
import { useDeed } from '../../api/use-deed.ts';
import { Button } from '../../components/button.tsx';
import { Problem } from '../../components/problem.tsx';
import { dateAndTime, fromNow } from '../../components/times.ts';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { DeleteJob } from './delete-job.tsx';
import { Downloads } from './downloads.tsx';
import { addressOfJob, hasEnded } from './following.ts';
import styles from './job-head.module.css';
import { ProgressOfJob } from './job-progress.tsx';
import { batchMessages } from './messages.ts';
import { State } from './state.tsx';

interface JobHeadProps {
  readonly job: Job;
  /** The service is not heard for now. */
  readonly isLost: boolean;
  /** Undefined while there is nothing to print. */
  readonly onPrint: (() => void) | undefined;
  /** The job has changed in more than its progress. */
  readonly onRestart: () => void;
  readonly onDeleted: () => void;
}

export function JobHead({ job, isLost, onPrint, onRestart, onDeleted }: JobHeadProps) {
  const say = useWords(batchMessages);
  const notice = useNotice();
  const { language } = usePreferences();
  const [isDeleting, setDeleting] = useState(false);
  const { id, state, counts, created, expires } = job;
  const again = counts.failed + counts.canceled;
  const change = useDeed({
    mutationFn: (what: 'cancel' | 'retry') => call<Job>(`${addressOfJob(id)}/${what}`, { method: 'POST' }),
    onSuccess: (changed, what) => {
      if (what === 'cancel') notice(say('canceledNotice'));
      else notice(hasEnded(changed) ? say('retryNothing') : say('retrying', { count: changed.counts.waiting }));
      onRestart();
    },
  });
  return (
    <section className={styles.head} aria-label={say('progress')}>
      <p className={styles.line} role="status">
        <State state={state} />
        {isLost && (
          <span className={styles.lost}>
            <WifiOff aria-hidden="true" />
            {say('lineLost')}
          </span>
        )}
      </p>
      <ProgressOfJob job={job} />
      <p className={styles.quiet}>
        {dateAndTime(created, language)} · {say('expires', { when: fromNow(expires, language) })}
      </p>
      <div className={styles.actions}>
        {!hasEnded(job) && (
          <Button icon={Ban} waiting={change.isPending} onClick={() => change.mutate('cancel')}>
            {say('cancel')}
          </Button>
        )}
        {hasEnded(job) && again > 0 && (
          <Button icon={RotateCcw} waiting={change.isPending} onClick={() => change.mutate('retry')}>
            {say('retry', { count: again })}
          </Button>
        )}
        <Downloads id={id} />
        <Button icon={Printer} idle={!onPrint} onClick={onPrint}>
          {say('print')}
        </Button>
        <Button look="quiet" icon={Trash2} onClick={() => setDeleting(true)}>
          {say('delete')}
        </Button>
      </div>
      {change.isError && <Problem error={change.error} onRetry={() => change.mutate(change.variables)} />}
      <DeleteJob id={isDeleting ? id : null} onClose={() => setDeleting(false)} onDeleted={onDeleted} />
    </section>
  );
}
