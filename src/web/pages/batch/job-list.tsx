/** The jobs of the service, the newest first. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useId, useState } from 'react';
import { Link } from 'wouter';
import { call } from '../../api/call.ts';
import type { Job, Jobs, Results } from '../../api/types.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Problem } from '../../components/problem.tsx';
import { dateAndTime, fromNow } from '../../components/times.ts';
import { useWords } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { DeleteJob } from './delete-job.tsx';
import { addressOfJob, hasEnded } from './following.ts';
import styles from './job-list.module.css';
import { ProgressOfJob } from './job-progress.tsx';
import { nameOfJob } from './job-words.ts';
import { batchMessages } from './messages.ts';
import { rowOf } from './rows.ts';
import { State } from './state.tsx';
import { Thumbnail } from './thumbnail.tsx';

const PAGE = 20;
const AGAIN_MS = 1500;
/** Programs and other people send jobs too. */
const QUIET_MS = 10_000;

export function JobList() {
  const say = useWords(batchMessages);
  const title = useId();
  const [deleting, setDeleting] = useState<string | null>(null);
  const { data, error, isError, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['jobs'],
    queryFn: ({ signal, pageParam }) => call<Jobs>('api/v1/jobs', { query: { limit: PAGE, after: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ jobs }) => jobs.some((job) => !hasEnded(job))) ? AGAIN_MS : QUIET_MS,
    refetchOnWindowFocus: true,
  });
  const jobs = data?.pages.flatMap((page) => page.jobs);
  return (
    <section className={styles.section} aria-labelledby={title}>
      <h2 id={title}>{say('jobs')}</h2>
      {isError && !jobs && <Problem error={error} onRetry={refetch} />}
      {jobs?.length === 0 && <p className={styles.none}>{say('noJobs')}</p>}
      {jobs && jobs.length > 0 && (
        <ul className={styles.jobs}>
          {jobs.map((job) => (
            <OneJob key={job.id} job={job} onDelete={() => setDeleting(job.id)} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button waiting={isFetchingNextPage} onClick={() => fetchNextPage()} className={styles.more}>
          {say('moreJobs')}
        </Button>
      )}
      <DeleteJob
        id={deleting}
        onClose={() => setDeleting(null)}
        onDeleted={(gone) => setDeleting((asked) => (asked === gone ? null : asked))}
      />
    </section>
  );
}

/** Pictures that say which job it is. */
const FEW = 4;

function OneJob({ job, onDelete }: { readonly job: Job; readonly onDelete: () => void }) {
  const say = useWords(batchMessages);
  const { language } = usePreferences();
  const { id, counts, created, expires, state } = job;
  const { data } = useQuery({
    queryKey: ['job', id, 'first', Math.min(job.recorded, FEW), hasEnded(job)],
    queryFn: ({ signal }) =>
      call<Results>(`${addressOfJob(id)}/results`, { query: { limit: FEW }, signal }).then(({ items }) =>
        items.map(rowOf),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (known) => known,
  });
  const first = data ?? [];
  const name = nameOfJob(first[0]?.name, counts.total, say);
  return (
    <li className={styles.job}>
      <Link href={`/batch/${id}`} className={styles.link}>
        <span className={styles.pictures} aria-hidden="true">
          {first.map((row) => (
            <Thumbnail key={row.item} job={id} row={row} />
          ))}
        </span>
        <span className={styles.name}>{name}</span>
      </Link>
      <div className={styles.facts}>
        <p className={styles.line}>
          <State state={state} />
          <span className={styles.quiet}>
            {dateAndTime(created, language)} · {say('expires', { when: fromNow(expires, language) })}
          </span>
        </p>
        <ProgressOfJob job={job} />
      </div>
      <IconButton icon={Trash2} label={say('deleteNamed', { name })} onClick={onDelete} className={styles.delete} />
    </li>
  );
}
