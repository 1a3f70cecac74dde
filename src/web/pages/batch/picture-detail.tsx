/** One picture of a job, with all that was found. */
import { useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect, useEffectEvent, useRef } from 'react';
import { CallError, call, callForBlob } from '../../api/call.ts';
import type { JobItem, Results } from '../../api/types.ts';
import { AnswerSentence } from '../../components/answer.tsx';
import { answerMessages } from '../../components/answer-messages.ts';
import { IconButton } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Predictions } from '../../components/predictions.tsx';
import { Problem } from '../../components/problem.tsx';
import { usePercent } from '../../components/use-percent.ts';
import { NotRight } from '../../corrections/not-right.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { addressOfJob, addressOfThumbnail } from './following.ts';
import { batchMessages } from './messages.ts';
import styles from './picture-detail.module.css';
import type { Row } from './rows.ts';
import { State } from './state.tsx';
import { Thumbnail } from './thumbnail.tsx';
import type { Vocabulary } from './vocabulary.ts';

interface PictureDetailProps {
  /** Id of its job. */
  readonly job: string;
  /** Those that are shown, in their order. */
  readonly rows: readonly Row[];
  readonly row: Row;
  readonly vocabulary: Vocabulary;
  readonly onMove: (item: number) => void;
  readonly onClose: () => void;
}

export function PictureDetail({ job, rows, row, vocabulary, onMove, onClose }: PictureDetailProps) {
  const say = useWords(batchMessages);
  const { item } = row;
  const position = rows.findIndex((each) => each.item === item);
  const move = (by: 1 | -1) => {
    const to = position < 0 ? undefined : rows[position + by];
    if (to) onMove(to.item);
  };
  const detail = useRef<HTMLDivElement>(null);
  const onKey = useEffectEvent(({ key, target }: KeyboardEvent) => {
    // A window over this one has its own use for them.
    if (!(target instanceof Node && detail.current?.closest('[role=dialog]')?.contains(target))) return;
    if (key === 'ArrowLeft') move(-1);
    if (key === 'ArrowRight') move(1);
  });
  useEffect(() => {
    const ending = new AbortController();
    // The window keeps keys to itself.
    document.addEventListener('keydown', (event) => onKey(event), { capture: true, signal: ending.signal });
    return () => ending.abort();
  }, []);
  return (
    <Dialog title={row.name} open onClose={onClose}>
      <div ref={detail} className={styles.detail}>
        <div className={styles.stage}>
          <IconButton icon={ChevronLeft} label={say('previous')} idle={position <= 0} onClick={() => move(-1)} />
          <div className={styles.picture}>
            <Thumbnail job={job} row={row} eager />
          </div>
          <IconButton
            icon={ChevronRight}
            label={say('next')}
            idle={position >= rows.length - 1}
            onClick={() => move(1)}
          />
        </div>
        <p className={styles.position} role="status">
          {position >= 0 && say('position', { position: position + 1, count: rows.length })}
          {row.state === 'answered' && !row.hasThumbnail && ` · ${say('noPicture')}`}
        </p>
        <Outcome key={item} {...{ job, row, vocabulary }} />
      </div>
    </Dialog>
  );
}

type OutcomeProps = Pick<PictureDetailProps, 'job' | 'row' | 'vocabulary'>;

/** Lists keep little of it, so it is looked up. */
function Outcome({ job, row, vocabulary }: OutcomeProps) {
  const say = useWords(batchMessages);
  const { item, state, sequence, code, error } = row;
  const isAnswered = state === 'answered';
  const found = useQuery({
    queryKey: ['picture of a job', job, item, sequence],
    queryFn: ({ signal }) =>
      call<Results>(`${addressOfJob(job)}/results`, { query: { from: item, limit: 1 }, signal }).then(
        ({ items }) => items[0]?.result ?? null,
      ),
    enabled: isAnswered,
  });
  if (found.isError) return <Problem error={found.error} onRetry={found.refetch} />;
  if (isAnswered)
    return found.data ? (
      <>
        <Answer result={vocabulary.result(found.data)} />
        {row.hasThumbnail && (
          <div>
            <NotRight
              small
              answer={vocabulary.result(found.data)}
              picture={() => callForBlob(addressOfThumbnail(job, item))}
            />
          </div>
        )}
      </>
    ) : null;
  if (state === 'failed') return <Problem error={refusalOf(code, error)} />;
  return (
    <div className={styles.answer}>
      <State state={state} />
      <p>{say(state === 'canceled' ? 'wasCanceled' : 'notYet')}</p>
    </div>
  );
}

/** As the service would have refused it if it had been sent alone. */
const refusalOf = (code: string, sentence: string): CallError =>
  new CallError({ kind: 'refused', status: 422, code, sentence, retryAfter: null });

function Answer({ result }: { readonly result: NonNullable<JobItem['result']> }) {
  const say = useWords(batchMessages);
  const sayAnswer = useWords(answerMessages);
  const { model, categories, flags } = result;
  return (
    <div className={styles.answer}>
      <AnswerSentence {...result} />
      <Predictions predictions={result.predictions} />
      <Shares
        heading={sayAnswer('categories')}
        entries={categories.map(({ label, probability }) => ({ label, probability }))}
      />
      <Shares
        heading={sayAnswer('flags')}
        entries={flags.map(({ name, probability }) => ({ label: name, probability }))}
      />
      <p className={styles.quiet}>
        {say('answeredBy', { model: `${model.name}@${model.version} · ${model.precision.toUpperCase()}` })}
      </p>
    </div>
  );
}

interface SharesProps {
  readonly heading: string;
  readonly entries: readonly { readonly label: string; readonly probability: number }[];
}

function Shares({ heading, entries }: SharesProps) {
  const percent = usePercent();
  if (entries.length === 0) return null;
  return (
    <div>
      <h3 className={styles.heading}>{heading}</h3>
      <ul className={styles.shares}>
        {entries.map(({ label, probability }) => (
          <li key={label}>
            {label} <span className={styles.quiet}>{percent(probability)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
