/** One job: how far it is, and what was found. */
import { ArrowLeft } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { useLocation, useParams } from 'wouter';
import { ButtonLink } from '../../components/button-link.tsx';
import { Page } from '../../components/page.tsx';
import { Problem } from '../../components/problem.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { Filters, type View } from './filters.tsx';
import { hasEnded } from './following.ts';
import { JobHead } from './job-head.tsx';
import styles from './job-page.module.css';
import { nameOfJob } from './job-words.ts';
import { batchMessages } from './messages.ts';
import { PictureDetail } from './picture-detail.tsx';
import { ResultTable } from './result-table.tsx';
import { ResultWall } from './result-wall.tsx';
import { MOST_ROWS } from './rows.ts';
import { useJob } from './use-job.ts';
import { usePrinting } from './use-printing.ts';
import { useVocabulary } from './use-vocabulary.ts';
import { choicesIn, countsIn, filtered, filters, NO_FILTER, type Sort, sorted } from './view.ts';

export default function JobPage() {
  const { id = '' } = useParams<{ id: string }>();
  return <OneJob key={id} id={id} />;
}

function OneJob({ id }: { readonly id: string }) {
  const say = useWords(batchMessages);
  const { language } = usePreferences();
  const [, open] = useLocation();
  const { job, rows, isComplete, isLost, error, restart } = useJob(id);
  const vocabulary = useVocabulary(rows, language);
  const [filter, setFilter] = useState(NO_FILTER);
  const [sort, setSort] = useState<Sort | null>(null);
  const [view, setView] = useState<View>('table');
  const [opened, setOpened] = useState<number | null>(null);
  // Typing stays quick, however many there are to look through.
  const wanted = useDeferredValue(filter);
  const collator = useMemo(() => new Intl.Collator(language, { numeric: true }), [language]);
  const choices = useMemo(() => choicesIn(rows, vocabulary), [rows, vocabulary]);
  const shown = useMemo(
    () => sorted(filtered(rows, wanted, vocabulary), sort, vocabulary, collator),
    [rows, wanted, sort, vocabulary, collator],
  );
  const { isPrinting, print } = usePrinting();
  const title = job ? nameOfJob(rows[0]?.name, job.counts.total, say) : say('title');
  const openedRow = opened === null ? undefined : rows.find(({ item }) => item === opened);
  const list = { job: id, rows: shown, vocabulary, isPrinting, onOpen: setOpened };
  return (
    <Page
      title={title}
      actions={
        <ButtonLink href="/batch" icon={ArrowLeft}>
          {say('back')}
        </ButtonLink>
      }
    >
      {error !== undefined && <Problem error={error} onRetry={restart} />}
      {job && (
        <>
          <JobHead
            job={isComplete ? { ...job, counts: countsIn(job.counts, choices.shown) } : job}
            isLost={isLost}
            onPrint={rows.length > 0 && !isPrinting ? print : undefined}
            onRestart={restart}
            onDeleted={() => open('/batch')}
          />
          {rows.length > 0 && (
            <section className={styles.results} aria-label={say('results')}>
              <Filters
                {...{ filter, choices, view }}
                found={shown.length}
                isChanging={!hasEnded(job)}
                onFilter={setFilter}
                onView={setView}
              />
              {rows.length < job.counts.total && rows.length >= MOST_ROWS && (
                <p>{say('tooMany', { count: rows.length, total: job.counts.total })}</p>
              )}
              {shown.length === 0 && isComplete && filters(filter) && (
                <p className={styles.none}>{say('nothingFound')}</p>
              )}
              {shown.length > 0 &&
                (view === 'table' ? (
                  <ResultTable {...list} hasFlags={choices.flags.length > 0} sort={sort} onSort={setSort} />
                ) : (
                  <ResultWall {...list} />
                ))}
            </section>
          )}
        </>
      )}
      {openedRow && <PictureDetail {...list} row={openedRow} onMove={setOpened} onClose={() => setOpened(null)} />}
    </Page>
  );
}
