/** A job and its pictures as they are by now, kept up to date until it has ended. */
import { useCallback, useEffect, useState } from 'react';
import type { Job } from '../../api/types.ts';
import { followJob, hasEnded } from './following.ts';
import { createRows, type Row } from './rows.ts';

export interface FollowedJob {
  readonly job: Job | undefined;
  readonly rows: readonly Row[];
  /** Whether `rows` has all that was there when the page was opened. */
  readonly isComplete: boolean;
  /** The line is cut, and tried again. */
  readonly isLost: boolean;
  /** What ended it; undefined while nothing has. */
  readonly error: unknown;
}

/** Lists are sorted anew with each change, and nobody reads faster. */
const CHANGE_MS = 250;

const NOTHING: FollowedJob = { job: undefined, rows: [], isComplete: false, isLost: false, error: undefined };

export function useJob(id: string): FollowedJob & { readonly restart: () => void } {
  const [followed, setFollowed] = useState(NOTHING);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const rows = createRows();
    let job: Job | undefined;
    let isComplete = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (changes: Partial<FollowedJob>) => setFollowed((known) => ({ ...known, ...changes }));
    const showRows = () => {
      clearTimeout(timer);
      timer = undefined;
      if (job && hasEnded(job) && job.counts.canceled > 0) rows.cancelWaiting();
      // A further attempt shows what was there before until it has caught up.
      show({ job, ...((isComplete || attempt === 0) && { rows: rows.all() }), isComplete });
    };
    const showRowsSoon = () => {
      timer ??= setTimeout(showRows, CHANGE_MS);
    };
    show({ error: undefined, isLost: false, ...(attempt === 0 && NOTHING) });
    followJob(id, {
      signal,
      onJob: (told) => {
        job = told;
        showRowsSoon();
      },
      onItems: (items) => {
        rows.put(items);
        showRowsSoon();
      },
      onCaughtUp: () => {
        isComplete = true;
        showRows();
      },
      onLine: (isOpen) => show({ isLost: !isOpen }),
    }).then(showRows, (error: unknown) => {
      if (!signal.aborted) show({ error, isLost: false });
    });
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [id, attempt]);
  const restart = useCallback(() => setAttempt((count) => count + 1), []);
  return { ...followed, restart };
}
