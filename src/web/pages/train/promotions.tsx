/** Which model took over from which, and the way back. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Undo2 } from 'lucide-react';
import { useId } from 'react';
import { Link } from 'wouter';
import { manage } from '../../api/manage.ts';
import type { Promotions as History, Promotion } from '../../api/training-types.ts';
import { useDeed } from '../../api/use-deed.ts';
import { ManagedProblem } from '../../components/admin-token.tsx';
import { Button } from '../../components/button.tsx';
import { dateAndTime } from '../../components/times.ts';
import { useNotice } from '../../components/toast.tsx';
import { useWords } from '../../i18n/i18n.ts';
import { usePreferences } from '../../preferences/preferences.ts';
import { inboxMessages } from './corrections-messages.ts';
import styles from './corrections-page.module.css';
import shared from './train.module.css';
import { useActiveModel } from './use-active-model.ts';

const PROMOTIONS = 'api/v1/promotions';
const MOST_SHOWN = 20;

export const usePromotions = () =>
  useQuery({
    queryKey: ['promotions'],
    queryFn: ({ signal }) => manage<History>(PROMOTIONS, { signal }),
  });

/** The way back to the model that answered before; nothing where there is none. */
export function GoBack() {
  const say = useWords(inboxMessages);
  const notice = useNotice();
  const queries = useQueryClient();
  const { data } = usePromotions();
  const active = useActiveModel();
  const rollback = useDeed({
    mutationFn: () => manage<{ readonly promotion: Promotion }>(`${PROMOTIONS}/rollback`, { method: 'POST' }),
    onSuccess: async ({ promotion }) => {
      notice(say('rolled', { to: promotion.to.reference }));
      // What was answered until now is the answer of another model.
      await queries.invalidateQueries();
    },
  });
  const before = data?.rollback;
  if (!before) return null;
  const { reference, precision } = before;
  return (
    <>
      <Button icon={Undo2} waiting={rollback.isPending} onClick={() => rollback.mutate()}>
        {say('backTo', { before: reference === active ? `${reference} (${precision})` : reference })}
      </Button>
      <p role="status" className={rollback.isPending ? shared.quiet : 'visually-hidden'}>
        {rollback.isPending && say('rollingBack')}
      </p>
      {rollback.isError && <ManagedProblem error={rollback.error} onRetry={() => rollback.mutate()} />}
    </>
  );
}

export function Promotions() {
  const say = useWords(inboxMessages);
  const title = useId();
  const { data } = usePromotions();
  if (!data || data.promotions.length === 0) return null;
  return (
    <section className={shared.card} aria-labelledby={title}>
      <h2 id={title}>{say('promotions')}</h2>
      <p className={shared.quiet}>{say('promotionsAbout')}</p>
      <div className={shared.actions}>
        <GoBack />
      </div>
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
