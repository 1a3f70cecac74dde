/** Which model took over from which, and the way back. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Undo2 } from 'lucide-react';
import { useId } from 'react';
import { Link } from 'wouter';
import { manage } from '../../api/manage.ts';
import type { Promotions as History, Promotion } from '../../api/training-types.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button } from '../../components/button.tsx';
import { dateAndTime } from '../../components/times.ts';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { inboxMessages } from './corrections-messages.ts';
import styles from './corrections-page.module.css';
import shared from './train.module.css';

const PROMOTIONS = 'api/v1/promotions';
const MOST_SHOWN = 20;

export const usePromotions = () =>
  useQuery({
    queryKey: ['promotions'],
    queryFn: ({ signal }) => manage<History>(PROMOTIONS, { signal }),
  });

/** Lets the model answer that did before. */
function useRollback() {
  const say = useWords(inboxMessages);
  const notice = useNotice();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => manage<{ readonly promotion: Promotion }>(`${PROMOTIONS}/rollback`, { method: 'POST' }),
    onSuccess: async ({ promotion }) => {
      notice(say('rolled', { to: promotion.to.reference }));
      // What was answered until now is the answer of another model.
      await queries.invalidateQueries();
    },
  });
}

/** The way back from a model that has just taken over; nothing for one that did not do so last. */
export function GoBack({ from }: { readonly from: string }) {
  const say = useWords(inboxMessages);
  const { data } = usePromotions();
  const rollback = useRollback();
  const [last] = data?.promotions ?? [];
  if (last?.kind !== 'promotion' || last.to.reference !== from) return null;
  return (
    <>
      <Button icon={Undo2} waiting={rollback.isPending} onClick={() => rollback.mutate()}>
        {say('backTo', { from: last.from.reference })}
      </Button>
      {rollback.isError && <ManagedProblem error={rollback.error} onRetry={() => rollback.mutate()} />}
    </>
  );
}

export function Promotions() {
  const say = useWords(inboxMessages);
  const title = useId();
  const { data } = usePromotions();
  const rollback = useRollback();
  if (!data || data.promotions.length === 0) return null;
  return (
    <section className={shared.card} aria-labelledby={title}>
      <div className={shared.sectionHead}>
        <h2 id={title}>{say('promotions')}</h2>
        <Button icon={Undo2} waiting={rollback.isPending} onClick={() => rollback.mutate()}>
          {say('rollback')}
        </Button>
      </div>
      <p className={shared.quiet} role="status">
        {say(rollback.isPending ? 'rollingBack' : 'promotionsAbout')}
      </p>
      {rollback.isError && <ManagedProblem error={rollback.error} onRetry={() => rollback.mutate()} />}
      <ol className={styles.promotions}>
        {data.promotions.slice(0, MOST_SHOWN).map((promotion) => (
          <OnePromotion key={promotion.id} promotion={promotion} />
        ))}
      </ol>
    </section>
  );
}

function OnePromotion({ promotion: { at, kind, from, to, training, by } }: { readonly promotion: Promotion }) {
  const say = useWords(inboxMessages);
  const { language } = usePreferences();
  const names = { from: from.reference, to: to.reference };
  return (
    <li className={styles.promotion}>
      <span>
        {say(kind === 'rollback' ? 'rolledBack' : 'promoted', names)}
        {by === 'command' && ` (${say('byCommand')})`}
        {training !== null && (
          <>
            {' · '}
            <Link href={`/train/runs/${encodeURIComponent(training)}`}>{say('ofTraining')}</Link>
          </>
        )}
      </span>
      <time dateTime={at}>{dateAndTime(at, language)}</time>
    </li>
  );
}
